"""The subgroups of a bank that every metric is also given for, and how good a forecast is in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.evaluation.holdout import Holdout
from segment.statistics import known_quantiles
from segment.tiers import TIERS
from segment.value import metrics

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]
Metric = Callable[[Holdout, Rows], float]
Ends = tuple[float | None, float | None, float | None]

TENURES = (
    ("under 1 year", 0, 12),
    ("1 to 3 years", 12, 36),
    ("3 to 10 years", 36, 120),
    ("10 years and more", 120, 10**6),
)
"""Name, and months from and below."""

SIZES = ("small", "middle", "large")
LEAST_CUSTOMERS, RESAMPLES, MOST_ROWS = 30, 200, 20_000
NEW_BELOW_MONTHS: Final = 12

METRICS: Final[dict[str, Metric]] = {
    "spearman": lambda h, r: metrics.spearman(h.actual[r], h.predicted[r, 0]),
    "spearman_persistence": lambda h, r: metrics.spearman(h.actual[r], h.baseline[r]),
    "mae": lambda h, r: metrics.mean_absolute_error(h.actual[r], h.predicted[r, 0]),
    "mae_skill": lambda h, r: metrics.skill(h.actual[r], h.predicted[r, 0], h.baseline[r]),
    "top_decile_capture": lambda h, r: metrics.top_decile_capture(h.actual[r], h.predicted[r, 0]),
    "bias": lambda h, r: _bias(h.actual[r], h.predicted[r, 0]),
    "coverage_p10_p90": lambda h, r: metrics.coverage(h.actual[r], h.predicted[r, 1], h.predicted[r, 3]),
}
"""Metrics that have an interval. `bias` is predicted less actual, over the sum of the actual amounts' sizes."""


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
    # More than 20,000 customers are drawn down to as many for the interval, which is then too wide rather than too
    # narrow. Subgroups of fewer than 30 customers are left out.
    young = (holdout.frame["tenure_months"].fill_null(0) < NEW_BELOW_MONTHS).to_numpy()
    masks = {**subgroups(holdout.frame), ("relation", "new"): young, ("relation", "old"): ~young}
    measured = []
    for (group, part), mask in masks.items():
        rows = np.flatnonzero(mask)
        if len(rows) >= LEAST_CUSTOMERS:
            ends = {name: _interval(metric, holdout, rows, seed) for name, metric in METRICS.items()}
            measured.append(SubgroupMetrics(group, part, len(rows), ends))
    return measured


def _interval(metric: Metric, holdout: Holdout, rows: Rows, seed: int) -> Ends:
    """Value with its 95 % percentile interval over 200 resamples of customers."""
    rng = np.random.default_rng(seed)
    drawn_from = rows if len(rows) <= MOST_ROWS else rng.choice(rows, MOST_ROWS, replace=False)
    draws = [metric(holdout, drawn_from[rng.integers(0, len(drawn_from), len(drawn_from))]) for _ in range(RESAMPLES)]
    ends = (float(metric(holdout, rows)), *known_quantiles(draws))
    return ends if np.isfinite(ends).all() else (None, None, None)


def _bias(actual: Floats, predicted: Floats) -> float:
    """Predicted less actual over the size of the actual: gains and losses of a part may cancel, their sizes do not."""
    size = float(np.abs(actual).sum())
    return float((predicted - actual).sum()) / size if size > 0 else float("nan")
