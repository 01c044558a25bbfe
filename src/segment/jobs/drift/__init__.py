"""How far the customers of a moment are from those that a model learned from, and whether tiers may be published."""

from __future__ import annotations

from segment.jobs.drift.critical import critical_index
from segment.jobs.drift.features import Feature, Features
from segment.jobs.drift.found import Drift, Score, not_judged
from segment.jobs.drift.judge import DRIFT_FILE, Judged, judge_drift, reference_for
from segment.jobs.drift.moment import drift_of
from segment.jobs.drift.psi import BINS, FLOOR, drift, population_stability_index
from segment.jobs.drift.reference import REFERENCE, DriftReference, reference_of

__all__ = [
    "BINS",
    "DRIFT_FILE",
    "FLOOR",
    "REFERENCE",
    "Drift",
    "DriftReference",
    "Feature",
    "Features",
    "Judged",
    "Score",
    "critical_index",
    "drift",
    "drift_of",
    "judge_drift",
    "not_judged",
    "population_stability_index",
    "reference_for",
    "reference_of",
]
