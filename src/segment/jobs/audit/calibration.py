"""How well the forecast fits each group: totals, intervals, and high-value customers who were not found."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.audit import FAR, TOO_FEW, UNSURE, WITHIN, large_groups, wilson
from segment.jobs.evaluation import Judged
from segment.model import with_forecast_tier
from segment.policy.audit import Audit
from segment.tiers import realised_tiers
from segment.value.intervals import LEVEL, interval, resample_counts

RESAMPLES = 500
MOST_ROWS = 20_000
Floats = NDArray[np.float64]


def calibration_by_group(
    attributes: pl.DataFrame, actual: Floats, predicted: Floats, limits: Audit, seed: int
) -> list[dict[str, Any]]:
    """Hold what was forecast against what came, group by group.

    Parameters
    ----------
    attributes : polars.DataFrame, n rows
        A column of words per attribute.
    actual : array of shape (n,)
        What came, book currency a year.
    predicted : array of shape (n, 4)
        Mean, P10, P50 and P90.
    limits : segment.policy.audit.Audit
        Of the policy.
    seed : int
        Of the resamples.

    Returns
    -------
    list of dict
        `attribute`, `group`, `customers`, `ratio` with `low` and `high`, `coverage` with its ends, `verdict` and
        `coverage_verdict`. Intervals are so wide that all of an audit hold together nineteen times in twenty
        (Bonferroni): a figure outside its limits is significant where 1, or the whole span, lies outside its interval.
        A group that brought nothing in all has no ratio.
    """
    groups = [
        (name, word) for name in attributes.columns for word in large_groups(attributes[name], limits.least_group)
    ]
    level = 1.0 - (1.0 - LEVEL) / max(len(groups), 1)
    found = []
    for name, word in groups:
        rows = np.flatnonzero((attributes[name] == word).fill_null(False).to_numpy())
        ratio = _ratio(actual[rows], predicted[rows, 0], level, seed)
        inside = int(((actual[rows] >= predicted[rows, 1]) & (actual[rows] <= predicted[rows, 3])).sum())
        covered = (inside / len(rows), *wilson(inside, len(rows), level))
        found.append(
            {
                "attribute": name,
                "group": word,
                "customers": len(rows),
                **dict(zip(("ratio", "low", "high"), ratio, strict=True)),
                "verdict": _verdict(ratio, limits.calibration, 1.0),
                **dict(zip(("coverage", "coverage_low", "coverage_high"), covered, strict=True)),
                "coverage_verdict": _verdict(covered, limits.coverage, None),
            }
        )
    return found


def missed_high_value(judged: Judged) -> pl.Series:
    """Say of each customer who turned out high-value whether the forecast had missed it.

    Parameters
    ----------
    judged : Judged
        What a model of the past made of the newest outcomes.

    Returns
    -------
    polars.Series of bool
        `missed_high_value`; null for everyone else.
    """
    model = judged.model
    came = realised_tiers(judged.frame, model.known_policy(), model.horizon_months)
    said = with_forecast_tier(model, judged.frame)["tier"]
    missed = pl.DataFrame({"came": came, "said": said}).select(
        missed_high_value=pl.when(pl.col("came") == "high_value").then(pl.col("said") != "high_value")
    )
    return missed.to_series()


def _ratio(
    actual: Floats, predicted: Floats, level: float, seed: int
) -> tuple[float | None, float | None, float | None]:
    if len(actual) > MOST_ROWS:
        rows = np.random.default_rng(seed).choice(len(actual), MOST_ROWS, replace=False)
        drawn = _resampled(actual[rows], predicted[rows], seed)
        drawn[0] = predicted.sum() / actual.sum()
    else:
        drawn = _resampled(actual, predicted, seed)
    if actual.sum() <= 0 or not np.isfinite(drawn[0]):
        return None, None, None
    value, low, high = interval(drawn, level)
    return value, low, high


def _resampled(actual: Floats, predicted: Floats, seed: int) -> Floats:
    counts = resample_counts(len(actual), RESAMPLES, seed)
    came = counts @ actual
    ratio: Floats = np.divide(counts @ predicted, came, out=np.full(len(came), np.nan), where=came > 0)
    return ratio


def _verdict(
    figure: tuple[float | None, float | None, float | None], span: tuple[float, float], right: float | None
) -> str:
    value, low, high = figure
    if value is None or low is None or high is None:
        return TOO_FEW
    if span[0] <= value <= span[1]:
        return WITHIN
    least, most = span if right is None else (right, right)
    return FAR if high < least or low > most else UNSURE
