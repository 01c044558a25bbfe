"""From value, main bank and clusters to one of four tiers per customer, with reasons."""

from typing import TYPE_CHECKING

from segment.lazy_names import load_when_used

if TYPE_CHECKING:
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

__getattr__, __dir__ = load_when_used(
    __name__,
    {
        "BORDERS": "borders",
        "TIERS": "tier_columns",
        "assign_tiers": "assign",
        "learn_references": "branch_reference",
        "realised_tiers": "realised",
        "tier_table": "table",
        "with_blended": "blended",
        "with_borders": "borders",
        "with_own_tier": "borders",
    },
)
