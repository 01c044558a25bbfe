"""From value, main bank and clusters to one of four tiers per customer, with reasons."""

from segment.tiers.assign import assign_tiers
from segment.tiers.blended import with_blended
from segment.tiers.borders import BORDERS, with_borders, with_own_tier
from segment.tiers.columns import TIERS
from segment.tiers.describe import describe_customers
from segment.tiers.outlook import chance_above, growth_potential, growth_probability
from segment.tiers.realised import realised_tiers, with_borders_by_facts
from segment.tiers.reasons import SENTENCES, Reason, reasons
from segment.tiers.reference import BranchReferences, learn_references, with_references
from segment.tiers.standing import with_standing, yardstick
from segment.tiers.table import migration_matrix, tier_alarms, tier_table

__all__ = [
    "BORDERS",
    "SENTENCES",
    "TIERS",
    "Reason",
    "BranchReferences",
    "assign_tiers",
    "chance_above",
    "describe_customers",
    "growth_potential",
    "growth_probability",
    "learn_references",
    "migration_matrix",
    "realised_tiers",
    "reasons",
    "tier_alarms",
    "tier_table",
    "with_blended",
    "with_borders",
    "with_borders_by_facts",
    "with_own_tier",
    "with_references",
    "with_standing",
    "yardstick",
]
