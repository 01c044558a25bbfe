"""How much all known customers will spend together, and how sure that is."""

# BG/NBD and the cohorts' curve each say a total. They are averaged by how well each did from earlier cut-offs of the
# same log, and moved by what they missed together; both by little where few windows or customers tell.

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segment.arrays import Floats
from segment.value.purchases.purchase_log import PurchaseLog
from segment.value.purchases.purchase_shape import Outcome
from segment.value.purchases.purchase_snapshot import Snapshot
from segment.value.purchases.spending_curve import spending_curve

OPINIONS = ("bg_nbd", "cohort_curve")
USUAL_ERROR, USUAL_WINDOWS = 0.12, 1.0
"""Error of a total, in logarithms, before any window has told; and how many windows that weighs."""
USUAL_BIAS, USUAL_SPREAD = 0.05, 0.10
EIGHTY_PERCENT = 1.2816


@dataclass(frozen=True)
class TotalForecast:
    """What all known customers will spend together, in book currency; it lies between the ends in 80% of cases."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class LevelWindow:
    """What was said of a total at an earlier cut-off, and what came."""

    cut_off: dt.date
    days: int
    said: Floats
    actual: float
    sampling_error: float

    def errors(self) -> Floats:
        """What came over what was said, in logarithms, by opinion."""
        return np.log(self.actual) - np.log(self.said)


@dataclass(frozen=True)
class SpendingLevel:
    """Weights of the opinions, how far they missed together, and how far a total lies off."""

    weights: Floats
    bias: float
    spread: float

    def total(self, said: Floats, sampling_error: float) -> TotalForecast:
        """Combine the opinions on a total to come."""
        expected = float(np.exp(self.weights @ np.log(said) + self.bias))
        width = EIGHTY_PERCENT * float(np.hypot(self.spread, sampling_error))
        return TotalForecast(expected, expected * float(np.exp(-width)), expected * float(np.exp(width)))


def said_of_total(log: PurchaseLog, snapshot: Snapshot, days: int, season: Floats) -> Floats:
    """Totals by `OPINIONS`; BG/NBD knows no season, so it is told to it."""
    curve = spending_curve(log.days, snapshot.cut_off, days, season)
    bg_nbd, _ = snapshot.classic(days)
    return np.maximum(np.array([bg_nbd.sum() * curve.season, curve.total]), 1e-9)


def level_window(log: PurchaseLog, outcome: Outcome, season: Floats) -> LevelWindow:
    """Judge the opinions from an earlier cut-off by what came."""
    said = said_of_total(log, outcome.snapshot, outcome.days, season)
    spent = outcome.spent
    return LevelWindow(outcome.snapshot.cut_off, outcome.days, said, float(spent.sum()), sampling_error(spent))


def sampling_error(spent: Floats) -> float:
    """Standard error of a total relative to it, were the customers drawn anew."""
    return float(np.sqrt(np.sum((spent - spent.mean()) ** 2)) / max(spent.sum(), 1e-9))


def learn_level(windows: Sequence[LevelWindow]) -> SpendingLevel:
    """Weigh the opinions by their errors, and learn what they miss together."""
    errors = np.array([window.errors() for window in windows]).reshape(-1, len(OPINIONS))
    told = _apart(windows)
    usual = USUAL_WINDOWS * USUAL_ERROR**2
    missed_by = np.mean(errors**2, axis=0) if windows else 0.0
    squares = (usual + told * missed_by) / (USUAL_WINDOWS + told) * np.ones(len(OPINIONS))
    weights = (1.0 / squares) / np.sum(1.0 / squares)
    if not windows:
        return SpendingLevel(weights, 0.0, USUAL_ERROR)
    missed = errors @ weights
    mean = float(np.average(missed, weights=[window.days for window in windows]))
    noise = (USUAL_SPREAD**2 + np.mean([window.sampling_error**2 for window in windows])) / told
    bias = mean * USUAL_BIAS**2 / (USUAL_BIAS**2 + noise)
    spread = np.sqrt((usual + told * np.mean((missed - bias) ** 2)) / (USUAL_WINDOWS + told))
    return SpendingLevel(weights, float(bias), float(spread))


def _apart(windows: Sequence[LevelWindow]) -> float:
    """How many windows tell as much, did none overlap another."""
    if not windows:
        return 0.0
    begin = min(window.cut_off for window in windows)
    end = max(window.cut_off + dt.timedelta(window.days) for window in windows)
    return max((end - begin).days / float(np.mean([window.days for window in windows])), 1.0)
