"""The population stability index of one figure, and how much chance alone moves it where customers are few."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, norm

Floats = NDArray[np.float64]

BINS, FLOOR = 10, 1e-4


def population_stability_index(expected: ArrayLike, actual: ArrayLike) -> float:
    """Distance between two distributions of one figure.

    `expected`, `actual` (n,): Figures then and now; NaN stands for missing and has a bin of its own.

    References
    ----------
    DOMAIN.md 4.2: ten bins of equal share of `expected`, a bin for missing values, shares floored at 1e-4.

    Examples
    --------
    >>> population_stability_index(range(100), range(100))
    0.0
    >>> round(population_stability_index([0, 1] * 50, [0] * 75 + [1] * 25), 3)
    0.275
    """
    before, after = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    edges = np.unique(tenths_of(before[~np.isnan(before)]))
    return index_of_shares(shares_of(before, edges), shares_of(after, edges))


def tenths_of(values: Floats) -> Floats:
    """Borders between the tenths of figures that are all known; none where there are no figures."""
    return np.quantile(values, np.arange(1, BINS) / BINS) if len(values) else np.array([])


def index_of_shares(expected: Floats, actual: Floats, customers: int | None = None) -> float:
    """Index of two sets of shares of the same bins.

    `expected`, `actual` (bins,): Shares then and now; none counts as less than the floor.

    Examples
    --------
    >>> round(index_of_shares(np.array([0.5, 0.5]), np.array([0.25, 0.75])), 3)
    0.275
    """
    floor = max(FLOOR, 0.5 / customers) if customers else FLOOR
    e, a = np.maximum(expected, floor), np.maximum(actual, floor)
    return float(((a - e) * np.log(a / e)).sum())


def feature_indices(train: pl.DataFrame, current: pl.DataFrame, columns: Sequence[str]) -> dict[str, float]:
    """Index of each column between the snapshots of a training and a newer one, largest first."""
    indices = {
        name: population_stability_index(as_floats(train[name]), as_floats(current[name]))
        for name in columns
        if name in train.columns and name in current.columns
    }
    return dict(sorted(indices.items(), key=lambda item: (-item[1], item[0])))


def as_floats(column: pl.Series) -> Floats:
    """Figures of a column, NaN where one is missing."""
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def shares_of(values: Floats, edges: Floats) -> Floats:
    """Share of figures in each bin.

    `values` (n,): NaN stands for missing.
    `edges` (b,): A figure on an edge lies below it, so that equal figures stay together.
    Returns numpy.ndarray of shape (b + 2,): The share of missing figures is the last.

    Examples
    --------
    >>> shares_of(np.array([0.0, 1.0, np.nan, 2.0]), np.array([1.0])).tolist()
    [0.5, 0.25, 0.25]
    """
    missing = np.isnan(values)
    counts = np.bincount(np.searchsorted(edges, values[~missing], side="left"), minlength=len(edges) + 1)
    shares: Floats = np.append(counts, missing.sum()) / max(len(values), 1)
    return shares


def significance_threshold(then: int, now: int, bins: int, confidence: float = 0.95, tests: int = 1) -> float:
    """Index that two samples of one distribution stay below.

    References
    ----------
    DOMAIN.md 4.2: `(1/N + 1/M) * chi2(B - 1)`; Yurdakul, Statistical Properties of the Population Stability Index.

    Examples
    --------
    >>> round(significance_threshold(100, 100, 11), 3)
    0.366
    >>> significance_threshold(100, 100, 11, tests=20) > significance_threshold(100, 100, 11)
    True
    """
    if bins < 2:
        return 0.0
    if not then or not now:
        return float("inf")
    return float((1 / then + 1 / now) * chi2.ppf(1 - (1 - confidence) / tests, bins - 1))


def rise_threshold(rates: tuple[float, float], then: int, now: int, confidence: float = 0.95, tests: int = 1) -> float:
    """Rise of a rate that two samples of one population stay below.

    References
    ----------
    One-sided test of two proportions with a pooled rate; half a customer is added, so that a rate of 0 varies too.

    Examples
    --------
    >>> round(rise_threshold((0.0, 0.1), 100, 100), 3)
    0.052
    >>> rise_threshold((0.0, 0.1), 10_000, 10_000, tests=1_000) < 0.02
    True
    """
    if not then or not now:
        return float("inf")
    pooled = (rates[0] * then + rates[1] * now + 0.5) / (then + now + 1)
    spread = sqrt(pooled * (1 - pooled) * (1 / then + 1 / now))
    return float(norm.ppf(1 - (1 - confidence) / tests) * spread)
