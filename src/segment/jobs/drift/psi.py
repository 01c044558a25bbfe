"""How far the customers of a moment are from those that a model learned from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BINS, FLOOR = 10, 1e-4


def population_stability_index(expected: ArrayLike, actual: ArrayLike) -> float:
    """Distance between two distributions of one figure.

    Parameters
    ----------
    expected, actual : array-like of shape (n,)
        Figures then and now; NaN stands for missing and has a bin of its own.

    Returns
    -------
    float
        0 for the same distribution. Below 0.10 stable, from 0.25 significant, by convention.

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
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.array([])
    return index_of_shares(shares_of(before, edges), shares_of(after, edges))


def index_of_shares(expected: Floats, actual: Floats, customers: int | None = None) -> float:
    """Index of two sets of shares of the same bins.

    Parameters
    ----------
    expected, actual : numpy.ndarray of shape (bins,)
        Shares then and now; none counts as less than the floor.
    customers : int, optional
        Of the smaller sample. A share counts as half a customer at least: the logarithm of a bin that is empty by
        chance would else outweigh all others.

    Returns
    -------
    float

    Examples
    --------
    >>> round(index_of_shares(np.array([0.5, 0.5]), np.array([0.25, 0.75])), 3)
    0.275
    """
    floor = max(FLOOR, 0.5 / customers) if customers else FLOOR
    e, a = np.maximum(expected, floor), np.maximum(actual, floor)
    return float(((a - e) * np.log(a / e)).sum())


def drift(learned: pl.DataFrame, now: pl.DataFrame, columns: Sequence[str]) -> dict[str, float]:
    """Index of each column between the moments learned from and a newer one.

    Parameters
    ----------
    learned, now : polars.DataFrame
        Snapshots.
    columns : sequence of str
        Numeric ones.

    Returns
    -------
    dict of str to float
        Largest first.
    """
    found = {
        name: population_stability_index(_numbers(learned[name]), _numbers(now[name]))
        for name in columns
        if name in learned.columns and name in now.columns
    }
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _numbers(column: pl.Series) -> Floats:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def shares_of(values: Floats, edges: Floats) -> Floats:
    """Share of figures in each bin.

    Parameters
    ----------
    values : numpy.ndarray of shape (n,)
        NaN stands for missing.
    edges : numpy.ndarray of shape (b,)
        A figure on an edge lies below it, so that equal figures stay together.

    Returns
    -------
    numpy.ndarray of shape (b + 2,)
        The share of missing figures is the last.

    Examples
    --------
    >>> shares_of(np.array([0.0, 1.0, np.nan, 2.0]), np.array([1.0])).tolist()
    [0.5, 0.25, 0.25]
    """
    missing = np.isnan(values)
    counts = np.bincount(np.searchsorted(edges, values[~missing], side="left"), minlength=len(edges) + 1)
    shares: Floats = np.append(counts, missing.sum()) / max(len(values), 1)
    return shares
