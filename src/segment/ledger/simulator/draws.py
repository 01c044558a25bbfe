"""Array types and the few random draws that several parts of the simulator share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Generator = np.random.Generator

NONE = -1
"""No account, no partner, no bank: the missing value of every index array."""


def chance(rng: Generator, probability: ArrayLike) -> BoolArray:
    """Draw one yes or no per probability.

    Examples
    --------
    >>> chance(np.random.default_rng(0), [0.0, 1.0])
    array([False,  True])
    """
    p = np.asarray(probability, dtype=np.float64)
    return rng.random(p.shape) < p


def pick(rng: Generator, probabilities: ArrayLike, size: int) -> IntArray:
    """Draw `size` positions with the given probabilities.

    Parameters
    ----------
    rng : Generator
    probabilities : array-like, shape (k,) or (size, k)
        Each row adds up to 1.
    size : int

    Examples
    --------
    >>> pick(np.random.default_rng(0), [0.0, 1.0, 0.0], 3)
    array([1, 1, 1])
    """
    edges = np.cumsum(np.atleast_2d(np.asarray(probabilities, dtype=np.float64)), axis=1)[:, :-1]
    return (rng.random(size)[:, None] >= edges).sum(axis=1)


def gamma_mean_one(rng: Generator, shape: float, size: int) -> FloatArray:
    """Draw from a gamma distribution with mean 1: the smaller its shape, the heavier its tail."""
    return rng.gamma(shape, 1.0 / shape, size)


def beta_by(rng: Generator, table: ArrayLike, group: IntArray) -> FloatArray:
    """Draw from a beta distribution whose two parameters stand in the row of `table` that `group` names."""
    rows = np.asarray(table, dtype=np.float64)[group]
    return rng.beta(rows[:, 0], rows[:, 1])


def weighted_days(rng: Generator, weights: FloatArray, size: int) -> IntArray:
    """Draw days of a month (0 is the first) in proportion to their weights.

    Examples
    --------
    >>> weighted_days(np.random.default_rng(0), np.array([0.0, 0.0, 5.0]), 2)
    array([2, 2])
    """
    edges = np.cumsum(weights / weights.sum())[:-1]
    return np.searchsorted(edges, rng.random(size), side="right").astype(np.int64)


def round_to(amount: FloatArray, step: float) -> FloatArray:
    """Round down to a multiple of `step`, as people do with money that they move by hand.

    Examples
    --------
    >>> round_to(np.array([1234.5]), 100)
    array([1200.])
    """
    rounded: FloatArray = np.floor(amount / step) * step
    return rounded
