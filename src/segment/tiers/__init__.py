"""From value, main bank and clusters to one of four tiers per customer, with reasons."""

from segment.tiers.assign import assign_tiers
from segment.tiers.blended import with_blended
from segment.tiers.borders import BORDERS, with_borders, with_own_tier
from segment.tiers.branch_reference import learn_references
from segment.tiers.realised import realised_tiers
from segment.tiers.table import tier_table
from segment.tiers.tier_columns import TIERS

__all__ = [
    "BORDERS",
    "TIERS",
    "assign_tiers",
    "learn_references",
    "realised_tiers",
    "tier_table",
    "with_blended",
    "with_borders",
    "with_own_tier",
]
