"""How well the forecast fits each group: totals, intervals, and high-value customers who were not found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment import metrics
from segment.audit.groups import large_groups
from segment.audit.selection_rates import wilson
from segment.audit.verdict import FAR, TOO_FEW, UNSURE, WITHIN
from segment.evaluation.holdout import Holdout
from segment.model.quality import with_forecast_tier
from segment.policy.fairness import Audit
from segment.statistics import LEVEL, Resamples, divided, interval
from segment.tiers import realised_tiers

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GroupCalibration:
    """What was forecast of a group over what came, and the share of its outcomes between P10 and P90."""

    attribute: str
    group: str
    customers: int
    ratio: float | None  # ratio, low, high: Forecast over outcome with its interval; None where no ratio can be taken
    low: float | None
    high: float | None
    verdict: str
    coverage: float
    coverage_low: float
    coverage_high: float
    coverage_verdict: str


def calibration_by_group(
    attributes: pl.DataFrame, actual: Floats, predicted: Floats, limits: Audit, seed: int
) -> list[GroupCalibration]:
    """Hold what was forecast against what came, group by group."""
    # `actual` (n,): What came, book currency a year.
    # `predicted` (n, 4): Mean, P10, P50 and P90.
    groups = [
        (name, word) for name in attributes.columns for word in large_groups(attributes[name], limits.least_group)
    ]
    level = 1.0 - (1.0 - LEVEL) / max(len(groups), 1)
    calibrations = []
    for name, word in groups:
        rows = np.flatnonzero((attributes[name] == word).fill_null(False).to_numpy())
        ratio = _ratio(actual[rows], predicted[rows, 0], level, seed)
        inside = int(((actual[rows] >= predicted[rows, 1]) & (actual[rows] <= predicted[rows, 3])).sum())
        covered = (inside / len(rows), *wilson(inside, len(rows), level))
        verdict, coverage_verdict = _verdict(ratio, limits.calibration, 1.0), _verdict(covered, limits.coverage, None)
        calibrations.append(GroupCalibration(name, word, len(rows), *ratio, verdict, *covered, coverage_verdict))
    return calibrations


def missed_high_value(holdout: Holdout) -> pl.Series:
    """Say of each customer who turned out high-value whether the forecast had missed it."""
    model = holdout.model
    realised = realised_tiers(holdout.frame, model.known_policy(), model.horizon_months)
    forecast = with_forecast_tier(model, holdout.frame)["tier"]
    missed = pl.DataFrame({"realised": realised, "forecast": forecast}).select(
        missed_high_value=pl.when(pl.col("realised") == "high_value").then(pl.col("forecast") != "high_value")
    )
    return missed.to_series()


def _ratio(
    actual: Floats, predicted: Floats, level: float, seed: int
) -> tuple[float | None, float | None, float | None]:
    drawn = Resamples(len(actual), seed=seed).affordable
    means = drawn.figures(
        lambda counts: {
            name: metrics.mean_of(each, counts=counts) for name, each in (("came", actual), ("said", predicted))
        }
    )
    ratio = divided(means["said"], np.where(means["came"] > 0, means["came"], np.nan))
    return interval(ratio, level) if np.isfinite(ratio[0]) else (None, None, None)


def _verdict(
    measured: tuple[float | None, float | None, float | None], span: tuple[float, float], right: float | None
) -> str:
    value, low, high = measured
    if value is None or low is None or high is None:
        return TOO_FEW
    if span[0] <= value <= span[1]:
        return WITHIN
    least, most = span if right is None else (right, right)
    return FAR if high < least or low > most else UNSURE
