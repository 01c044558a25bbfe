"""Upgrade-potential lists: who may be contacted, with what, in which order, and who is kept back as control."""

from segment.upgrade.control import draw_control, households
from segment.upgrade.offers import best_offers
from segment.upgrade.ranking import LIST_COLUMNS, Limits, rank_list
from segment.upgrade.suppression import require_fresh_sources, suppressed

__all__ = [
    "LIST_COLUMNS",
    "Limits",
    "best_offers",
    "draw_control",
    "households",
    "rank_list",
    "require_fresh_sources",
    "suppressed",
]
