"""The subgroups of a bank that every metric is also given for, and how good a forecast is in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment import metrics
from segment.arrays import Floats, Integers
from segment.evaluation.holdout import Holdout
from segment.evaluation.too_few import LEAST_OF_A_GROUP
from segment.statistics import FOR_STANDARD_ERRORS, Counts, Resamples, interval
from segment.tiers import TIERS

Mask = NDArray[np.bool_]
Ends = tuple[float | None, float | None, float | None]

TENURES = (
    ("under 1 year", 0, 12),
    ("1 to 3 years", 12, 36),
    ("3 to 10 years", 36, 120),
    ("10 years and more", 120, 10**6),
)
"""Name, and months from and below."""

SIZES = ("small", "middle", "large")
NO_ENDS: Final[Ends] = (None, None, None)
NEW_BELOW_MONTHS: Final = 12

METRICS: Final[dict[str, tuple[metrics.Metric, tuple[str, ...]]]] = {
    "spearman": (metrics.spearman, ("mean",)),
    "spearman_persistence": (metrics.spearman, ("baseline",)),
    "mae": (metrics.mean_absolute_error, ("mean",)),
    "mae_skill": (metrics.skill, ("mean", "baseline")),
    "top_decile_capture": (metrics.top_decile_capture, ("mean",)),
    "bias": (metrics.bias, ("mean",)),
    "coverage_p10_p90": (metrics.coverage, ("p10", "p90")),
}
"""Metrics that have an interval, and the forecasts that each holds against what came."""


@dataclass(frozen=True)
class SubgroupMetrics:
    """How good a forecast is in one subgroup."""

    group: str
    part: str
    customers: int
    metrics: dict[str, Ends]  # Value, and ends of its 95 % interval over resamples of customers

    def to_dict(self) -> dict[str, Any]:
        """Return a row of a card's facts."""
        return {"group": self.group, "part": self.part, "customers": self.customers, **self.metrics}


def subgroups(snapshot: pl.DataFrame, tiers: pl.Series | None = None) -> dict[tuple[str, str], Mask]:
    """Place customers in subgroups by what was known on their date."""
    # Returns dict of (str, str) to array of bool, shape (n,): By group (`all`, `branch_size`, `tenure`, `tier`) and its
    # value. Branches are small, middle or large by thirds of the branches, counted in customers.
    masks: dict[tuple[str, str], Mask] = {("all", "all"): np.ones(snapshot.height, dtype=np.bool_)}
    branch = snapshot["branch_id"]
    size = snapshot.select(pl.len().over("branch_id")).to_series().to_numpy()
    of_branches = size[branch.is_first_distinct().to_numpy()]
    third = np.searchsorted(np.quantile(of_branches, [1 / 3, 2 / 3]), size, side="left")
    masks |= {("branch_size", name): third == place for place, name in enumerate(SIZES)}
    tenure = snapshot["tenure_months"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    masks |= {("tenure", name): (tenure >= low) & (tenure < high) for name, low, high in TENURES}
    if tiers is not None:
        masks |= {("tier", tier): tiers.eq(tier).fill_null(False).to_numpy() for tier in TIERS}
    return masks


def metrics_by_subgroup(holdout: Holdout, seed: int) -> list[SubgroupMetrics]:
    """Measure overall and by branch size, tenure, and new or old relation."""
    # Of subgroups of few customers only the number is given.
    young = (holdout.frame["tenure_months"].fill_null(0) < NEW_BELOW_MONTHS).to_numpy()
    masks = {**subgroups(holdout.frame), ("relation", "new"): young, ("relation", "old"): ~young}
    measured = []
    for (group, part), mask in masks.items():
        rows, ends = np.flatnonzero(mask), dict.fromkeys(METRICS, NO_ENDS)
        if len(rows) >= LEAST_OF_A_GROUP:
            figures = figures_of(holdout, rows, Resamples(len(rows), FOR_STANDARD_ERRORS, seed).affordable)
            ends = {name: _ends(each) for name, each in figures.items()}
        if len(rows):
            measured.append(SubgroupMetrics(group, part, len(rows), ends))
    return measured


def figures_of(holdout: Holdout, rows: Integers, drawn: Resamples) -> dict[str, Floats]:
    """Measure a forecast of some customers, as they are and in each resample of them."""
    mean, p10, _, p90 = holdout.predicted[rows].T
    columns = {"mean": mean, "p10": p10, "p90": p90, "baseline": holdout.baseline[rows]}
    actual = holdout.actual[rows]

    def measured(counts: Counts) -> dict[str, Floats]:
        return {
            name: metric(actual, *(columns[column] for column in forecasts), counts=counts)
            for name, (metric, forecasts) in METRICS.items()
        }

    return drawn.figures(measured)


def _ends(figures: Floats) -> Ends:
    ends = interval(figures)
    return ends if np.isfinite(ends).all() else NO_ENDS
