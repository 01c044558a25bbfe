"""From value, main bank and clusters to one of four tiers per customer, with reasons."""

from segment.tiers.assign import assign_tiers
from segment.tiers.blended import with_blended
from segment.tiers.borders import BORDERS, with_borders, with_own_tier
from segment.tiers.columns import TIERS
from segment.tiers.describe import describe_customers
from segment.tiers.migration import BANK, WITHHELD_BELOW, migration_table, moves, withhold_small
from segment.tiers.odds import ODDS, OddsCalibration, calibrate_odds, decide_by_expected_cost, odds_of_tiers, with_odds
from segment.tiers.outlook import GROWTH, LOWER_TIER, chance_of_lower_tier, growth_amount, growth_potential
from segment.tiers.realised import borders_by_facts, realised_tiers, with_borders_by_facts
from segment.tiers.reasons import SENTENCES, Reason, reasons
from segment.tiers.reference import BranchReferences, learn_references, with_references
from segment.tiers.reliability import (
    branch_sizes,
    coverage_by_group,
    early_warning_figures,
    odds_figures,
    reliability_table,
)
from segment.tiers.standing import with_standing, yardstick
from segment.tiers.table import migration_matrix, tier_alarms, tier_table

__all__ = [
    "BANK",
    "BORDERS",
    "GROWTH",
    "LOWER_TIER",
    "ODDS",
    "SENTENCES",
    "TIERS",
    "BranchReferences",
    "WITHHELD_BELOW",
    "OddsCalibration",
    "Reason",
    "assign_tiers",
    "borders_by_facts",
    "branch_sizes",
    "calibrate_odds",
    "chance_of_lower_tier",
    "coverage_by_group",
    "decide_by_expected_cost",
    "describe_customers",
    "early_warning_figures",
    "growth_amount",
    "growth_potential",
    "learn_references",
    "migration_matrix",
    "migration_table",
    "moves",
    "odds_figures",
    "odds_of_tiers",
    "realised_tiers",
    "reasons",
    "reliability_table",
    "tier_alarms",
    "tier_table",
    "with_blended",
    "withhold_small",
    "with_borders",
    "with_borders_by_facts",
    "with_odds",
    "with_own_tier",
    "with_references",
    "with_standing",
    "yardstick",
]
