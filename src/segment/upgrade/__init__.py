"""Upgrade-potential lists: who may be contacted, with what, in which order, and who is kept back as control."""

from segment.upgrade.control import draw_control, households, secret_number
from segment.upgrade.offers import Odds, best_offers, offer_options, with_programme
from segment.upgrade.places import Chosen, Limits, assign_managers
from segment.upgrade.power import detectable_after, detectable_difference, detectable_mean_difference
from segment.upgrade.ranking import LIST_COLUMNS, rank_list
from segment.upgrade.suppression import require_fresh_sources, suppressed

__all__ = [
    "LIST_COLUMNS",
    "Chosen",
    "Limits",
    "Odds",
    "assign_managers",
    "best_offers",
    "detectable_after",
    "detectable_difference",
    "detectable_mean_difference",
    "draw_control",
    "households",
    "offer_options",
    "rank_list",
    "require_fresh_sources",
    "secret_number",
    "suppressed",
    "with_programme",
]
