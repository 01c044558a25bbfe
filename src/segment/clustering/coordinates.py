"""The space in which customers are clustered: three borders of value, sharp, and behaviour beside them, faint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_KNOTS = 257


def border_distances(value: Floats, borders: Floats, scale: Floats) -> Floats:
    """Return how far each value lies beyond each border, on a scale that folds heavy tails.

    Parameters
    ----------
    value : ndarray of shape (n_customers,)
    borders : ndarray of shape (n_customers, n_borders)
        Ascending in each row; NaN: out of reach.
    scale : ndarray of shape (n_customers,)
        The money that counts as much, such as the mean cost; at least a cent.

    Returns
    -------
    ndarray of shape (n_customers, n_borders)
        `asinh((value - border) / scale)`, minus infinity where the border is out of reach.

    Examples
    --------
    >>> border_distances(np.array([10.0]), np.array([[0.0, 10.0, np.nan]]), np.array([10.0])).round(3)
    array([[0.881, 0.   ,  -inf]])
    """
    reach = np.where(np.isnan(borders), np.inf, borders)
    unit = np.maximum(scale, 0.01)
    return np.asarray(np.arcsinh((value[:, None] - reach) / unit[:, None]), dtype=np.float64)


def border_coordinates(distances: Floats, sharpness: float) -> Floats:
    """Return the policy-aware coordinates, between -1 and 1: clusters part where the borders fall.

    Parameters
    ----------
    distances : ndarray of shape (n_customers, n_borders)
        From `border_distances`.
    sharpness : float
        The larger, the more a border alone decides.

    Returns
    -------
    ndarray of shape (n_customers, n_borders)
        `tanh(sharpness x distance)`.

    Examples
    --------
    >>> border_coordinates(np.array([[0.0, -np.inf]]), 5.0)
    array([[ 0., -1.]])
    """
    return np.asarray(np.tanh(sharpness * distances), dtype=np.float64)


def bands(value: Floats, borders: Floats) -> Integers:
    """Return the band of each value between its own borders.

    Parameters
    ----------
    value : ndarray of shape (n_customers,)
    borders : ndarray of shape (n_customers, n_borders)
        Ascending in each row; NaN: out of reach.

    Returns
    -------
    ndarray of int of shape (n_customers,)
        0 below the first border. The second border belongs to the band below it, the others to the band above: a
        customer exactly on the border of break-even is break-even.

    Examples
    --------
    >>> bands(np.array([-6.0, -5.0, 5.0, 9.0, 9.0]), np.array([[-5.0, 5.0, 9.0]] * 4 + [[-5.0, 5.0, np.nan]]))
    array([0, 1, 1, 3, 2])
    """
    passed = value[:, None] >= np.where(np.isnan(borders), np.inf, borders)
    if borders.shape[1] > 1:
        passed[:, 1] = value > borders[:, 1]
    return np.asarray(np.cumprod(passed, axis=1).sum(axis=1), dtype=np.intp)


def rank_knots(behaviour: Floats) -> tuple[Floats, Floats]:
    """Learn the medians and the ordered values that ranks are read from.

    Parameters
    ----------
    behaviour : ndarray of shape (n_customers, n_columns)
        NaN: missing.

    Returns
    -------
    medians : ndarray of shape (n_columns,)
        Zero for a column without values.
    knots : ndarray of shape (n_columns, n_knots)
        Quantiles at equal steps.

    Examples
    --------
    >>> medians, knots = rank_knots(np.array([[1.0], [np.nan], [3.0]]))
    >>> medians, knots.shape
    (array([2.]), (1, 257))
    """
    medians = np.array([_median(column) for column in behaviour.T])
    filled = np.where(np.isnan(behaviour), medians, behaviour)
    steps = np.linspace(0.0, 1.0, _KNOTS)
    knots = np.quantile(filled, steps, axis=0).T if behaviour.shape[1] else np.empty((0, _KNOTS))
    return medians, np.asarray(knots, dtype=np.float64)


def _median(column: Floats) -> float:
    known = column[~np.isnan(column)]
    return float(np.median(known)) if len(known) else 0.0


def rank_scale(behaviour: Floats, medians: Floats, knots: Floats) -> Floats:
    """Return behaviour as ranks with mean zero and variance one, if it is distributed as what was learned.

    Parameters
    ----------
    behaviour : ndarray of shape (n_customers, n_columns)
        NaN takes the median learned.
    medians, knots : ndarray
        From `rank_knots`.

    Returns
    -------
    ndarray of shape (n_customers, n_columns)
        Tied values share the middle of their ranks; a constant column is zero.

    Examples
    --------
    >>> column = np.arange(5.0).reshape(-1, 1)
    >>> rank_scale(column, *rank_knots(column)).round(1).ravel()
    array([-1.7, -0.9,  0. ,  0.9,  1.7])
    """
    filled = np.where(np.isnan(behaviour), medians, behaviour)
    ranks = np.empty(filled.shape, dtype=np.float64)
    for place, ordered in enumerate(knots):
        first = np.searchsorted(ordered, filled[:, place], side="left")
        last = np.searchsorted(ordered, filled[:, place], side="right")
        ranks[:, place] = (first + last) / (2.0 * len(ordered))
    return (ranks - 0.5) * np.sqrt(12.0)


def weighted(borders: Floats, behaviour: Floats, weight: float) -> Floats:
    """Put borders and behaviour side by side; the weight is that of all behaviour together.

    Parameters
    ----------
    borders : ndarray of shape (n_customers, n_borders)
        Coordinates between -1 and 1.
    behaviour : ndarray of shape (n_customers, n_columns)
        Scaled to variance one.
    weight : float
        Variance that behaviour adds, however many columns it has.

    Returns
    -------
    ndarray of shape (n_customers, n_borders + n_columns)

    Examples
    --------
    >>> weighted(np.zeros((1, 1)), np.ones((1, 4)), 0.04)
    array([[0. , 0.1, 0.1, 0.1, 0.1]])
    """
    share = np.sqrt(weight / max(behaviour.shape[1], 1))
    return np.hstack([borders, share * behaviour])
