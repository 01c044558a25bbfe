"""Behaviour as ranks, and odds and behaviour side by side."""

from __future__ import annotations

import numpy as np

from segment.arrays import Floats

_KNOTS = 257


def rank_knots(behaviour: Floats) -> tuple[Floats, Floats]:
    """Learn the medians and the ordered values that ranks are read from."""
    # `behaviour` (n_customers, n_columns): NaN: missing.
    # Returns medians : ndarray of shape (n_columns,): Zero for a column without values.
    # Returns knots : ndarray of shape (n_columns, n_knots): Quantiles at equal steps.
    medians = np.array([_median(column) for column in behaviour.T])
    filled = np.where(np.isnan(behaviour), medians, behaviour)
    steps = np.linspace(0.0, 1.0, _KNOTS)
    knots = np.quantile(filled, steps, axis=0).T if behaviour.shape[1] else np.empty((0, _KNOTS))
    return medians, np.asarray(knots, dtype=np.float64)


def _median(column: Floats) -> float:
    values = column[~np.isnan(column)]
    return float(np.median(values)) if len(values) else 0.0


def rank_scale(behaviour: Floats, medians: Floats, knots: Floats) -> Floats:
    """Return behaviour as ranks with mean zero and variance one, if it is distributed as what was learned."""
    # `behaviour` (n_customers, n_columns): NaN takes the median learned.
    # Returns ndarray of shape (n_customers, n_columns): Tied values share the middle of their ranks; a constant column
    # is zero.
    filled = np.where(np.isnan(behaviour), medians, behaviour)
    ranks = np.empty(filled.shape, dtype=np.float64)
    for place, ordered in enumerate(knots):
        first = np.searchsorted(ordered, filled[:, place], side="left")
        last = np.searchsorted(ordered, filled[:, place], side="right")
        ranks[:, place] = (first + last) / (2.0 * len(ordered))
    return (ranks - 0.5) * np.sqrt(12.0)


def weighted(odds: Floats, behaviour: Floats, weight: float) -> Floats:
    """Put odds and behaviour side by side; the weight is that of all behaviour together."""
    # `odds` (n_customers, n_tiers): Coordinates between 0 and 1.
    # `behaviour` (n_customers, n_columns): Scaled to variance one.
    # Returns ndarray of shape (n_customers, n_tiers + n_columns).
    share = np.sqrt(weight / max(behaviour.shape[1], 1))
    return np.hstack([odds, share * behaviour])
