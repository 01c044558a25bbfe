"""The space in which customers are clustered: three borders of value, sharp, and behaviour beside them, faint."""

from __future__ import annotations

import numpy as np

from segment.arrays import Floats, Integers

_KNOTS = 257


def border_distances(value: Floats, borders: Floats, scale: Floats) -> Floats:
    """Return how far each value lies beyond each border, on a scale that folds heavy tails."""
    # `value` (n_customers,).
    # `borders` (n_customers, n_borders): Ascending in each row; NaN: out of reach.
    # `scale` (n_customers,): The money that counts as much, such as the mean cost; at least a cent.
    # Returns ndarray of shape (n_customers, n_borders): `asinh((value - border) / scale)`, minus infinity where the
    # border is out of reach.
    reach = np.where(np.isnan(borders), np.inf, borders)
    unit = np.maximum(scale, 0.01)
    return np.asarray(np.arcsinh((value[:, None] - reach) / unit[:, None]), dtype=np.float64)


def border_coordinates(distances: Floats, sharpness: float) -> Floats:
    """Return the policy-aware coordinates, between -1 and 1: clusters part where the borders fall."""
    # `distances` (n_customers, n_borders): From `border_distances`.
    # Returns ndarray of shape (n_customers, n_borders): `tanh(sharpness x distance)`.
    return np.asarray(np.tanh(sharpness * distances), dtype=np.float64)


def bands(value: Floats, borders: Floats) -> Integers:
    """Return the band of each value between its own borders."""
    # `value` (n_customers,).
    # `borders` (n_customers, n_borders): Ascending in each row; NaN: out of reach.
    # Returns ndarray of int of shape (n_customers,): 0 below the first border. The second border belongs to the band
    # below it, the others to the band above: a customer exactly on the border of break-even is break-even.
    passed = value[:, None] >= np.where(np.isnan(borders), np.inf, borders)
    if borders.shape[1] > 1:
        passed[:, 1] = value > borders[:, 1]
    return np.asarray(np.cumprod(passed, axis=1).sum(axis=1), dtype=np.intp)


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


def weighted(borders: Floats, behaviour: Floats, weight: float) -> Floats:
    """Put borders and behaviour side by side; the weight is that of all behaviour together."""
    # `borders` (n_customers, n_borders): Coordinates between -1 and 1.
    # `behaviour` (n_customers, n_columns): Scaled to variance one.
    # Returns ndarray of shape (n_customers, n_borders + n_columns).
    share = np.sqrt(weight / max(behaviour.shape[1], 1))
    return np.hstack([borders, share * behaviour])
