"""What came of lists: taken in, measured from the ledger, reported, and learned from."""

from segment.jobs.outcomes.intake import Intake, take_outcomes
from segment.jobs.outcomes.moved import measure_lists
from segment.jobs.outcomes.report import EffectReport, report_effects

__all__ = ["EffectReport", "Intake", "measure_lists", "report_effects", "take_outcomes"]
