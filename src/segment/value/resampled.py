"""The figures of `segment.value.metrics` in every resample at once.

Each function takes counts of how often each customer was drawn, of shape (resamples, n), and returns one figure per
row: the same as the plain function would give for the customers repeated that often. Nothing is sorted more than once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segment.value.metrics import DECILES

Floats = NDArray[np.float64]
Order = NDArray[np.intp]


def mean_of(each: Floats, counts: Floats) -> Floats:
    """Mean of a figure of each customer.

    Parameters
    ----------
    each : array of shape (n,)
        Errors, losses, or 0 and 1.
    counts : array of shape (resamples, n)
        How often each customer was drawn.

    Returns
    -------
    array of shape (resamples,)

    Examples
    --------
    >>> mean_of(np.array([1.0, 4.0]), np.array([[1.0, 1.0], [2.0, 0.0]])).tolist()
    [2.5, 1.0]
    """
    return _divided(counts @ each, counts.sum(axis=1))


def ratio_of(above: Floats, below: Floats, counts: Floats) -> Floats:
    """Sum of one figure over the sum of another, NaN where the latter is zero.

    Parameters
    ----------
    above, below : array of shape (n,)
        Of each customer.
    counts : array of shape (resamples, n)
        How often each customer was drawn.

    Returns
    -------
    array of shape (resamples,)

    Examples
    --------
    >>> ratio_of(np.array([2.0, 3.0]), np.array([1.0, 3.0]), np.ones((1, 2))).tolist()
    [1.25]
    """
    return _divided(counts @ above, counts @ below)


def skill(actual: Floats, predicted: Floats, naive: Floats, counts: Floats) -> Floats:
    """Share of the naive forecast's absolute error that the prediction takes away.

    Parameters
    ----------
    actual, predicted, naive : array of shape (n,)
        Book currency.
    counts : array of shape (resamples, n)
        How often each customer was drawn.

    Returns
    -------
    array of shape (resamples,)
    """
    return 1.0 - ratio_of(np.abs(actual - predicted), np.abs(actual - naive), counts)


def spearman(actual: Floats, predicted: Floats, counts: Floats) -> Floats:
    """Rank correlation, ties at their mean rank; 0 where one side is constant.

    Parameters
    ----------
    actual, predicted : array of shape (n,)
        Book currency.
    counts : array of shape (resamples, n)
        How often each customer was drawn.

    Returns
    -------
    array of shape (resamples,)
    """
    left, right = _centred_ranks(actual, counts), _centred_ranks(predicted, counts)
    both = np.einsum("ij,ij,ij->i", counts, left, right)
    spread = np.sqrt(np.einsum("ij,ij,ij->i", counts, left, left) * np.einsum("ij,ij,ij->i", counts, right, right))
    return np.divide(both, spread, out=np.zeros_like(both), where=spread > 0)


def normalised_gini(actual: Floats, predicted: Floats, counts: Floats) -> Floats:
    """Gini index of the value sorted by the prediction, over that of the value sorted by itself.

    Parameters
    ----------
    actual, predicted : array of shape (n,)
        Book currency.
    counts : array of shape (resamples, n)
        How often each customer was drawn.

    Returns
    -------
    array of shape (resamples,)
        NaN where the total is not positive.
    """
    best = _gini(actual, actual, counts)
    with np.errstate(invalid="ignore"):
        return np.where(best > 0, _divided(_gini(actual, predicted, counts), best), np.nan)


def top_decile_capture(actual: Floats, predicted: Floats, counts: Floats, share: float = 0.1) -> Floats:
    """Value of the customers predicted best, over the value of those who were best.

    Parameters
    ----------
    actual, predicted : array of shape (n,)
        Book currency.
    counts : array of shape (resamples, n)
        How often each customer was drawn.
    share : float
        Share of the customers to take; at least one.

    Returns
    -------
    array of shape (resamples,)
        NaN where the best customers' value is not positive.
    """
    best, chosen = _best_of(actual, actual, counts, share), _best_of(actual, predicted, counts, share)
    return np.where(best > 0, _divided(chosen, best), np.nan)


def bottom_decile_loss_capture(actual: Floats, predicted: Floats, counts: Floats, share: float = 0.1) -> Floats:
    """Loss of the customers predicted worst, over the loss of those who were worst.

    Parameters
    ----------
    actual, predicted : array of shape (n,)
        Book currency.
    counts : array of shape (resamples, n)
        How often each customer was drawn.
    share : float
        Share of the customers to take; at least one.

    Returns
    -------
    array of shape (resamples,)
        NaN where the worst customers made no loss.
    """
    return top_decile_capture(-actual, -predicted, counts, share)


def deciles_of(predicted: Floats) -> NDArray[np.int64]:
    """Give each customer's tenth of the customers sorted by prediction, lowest first.

    Intervals of a decile's figures keep its customers together: the deciles are those of the customers as they are.

    Parameters
    ----------
    predicted : array of shape (n,)
        At least ten.

    Returns
    -------
    array of int, shape (n,)
        0 to 9.

    Examples
    --------
    >>> deciles_of(np.arange(20.0))[[0, 1, 2, 19]].tolist()
    [0, 0, 1, 9]
    """
    decile = np.empty(len(predicted), dtype=np.int64)
    for number, part in enumerate(np.array_split(np.argsort(predicted, kind="stable"), DECILES)):
        decile[part] = number
    return decile


def _divided(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)


def _groups(score: Floats) -> tuple[Order, Order, Order]:
    """Order by score, where each tie begins in it, and each customer's tie."""
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    begins = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    tie = np.empty(len(score), dtype=np.intp)
    tie[order] = np.cumsum(np.concatenate([[0], (ranked[1:] != ranked[:-1]).astype(np.intp)]))
    return order, begins, tie


def _centred_ranks(score: Floats, counts: Floats) -> Floats:
    order, begins, tie = _groups(score)
    size = np.add.reduceat(counts[:, order], begins, axis=1)
    middle = np.cumsum(size, axis=1) - size / 2.0 - counts.sum(axis=1, keepdims=True) / 2.0
    return np.asarray(middle[:, tie], dtype=np.float64)


def _gini(value: Floats, score: Floats, counts: Floats) -> Floats:
    """One minus twice the area under the Lorenz curve, ties level: within a tie of g it rises in g equal steps."""
    order, begins, _ = _groups(score)
    drawn = counts[:, order]
    size = np.add.reduceat(drawn, begins, axis=1)
    worth = np.add.reduceat(drawn * value[order], begins, axis=1)
    before = np.cumsum(worth, axis=1) - worth
    total, customers = worth.sum(axis=1), counts.sum(axis=1)
    area = _divided((before * size + worth * (size + 1.0) / 2.0).sum(axis=1), total)
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, 1.0 - _divided(2.0 * area - 1.0, customers), np.nan)


def _best_of(value: Floats, score: Floats, counts: Floats, share: float) -> Floats:
    order = np.argsort(score, kind="stable")[::-1]
    drawn = counts[:, order]
    wanted = np.maximum(1.0, np.round(share * counts.sum(axis=1, keepdims=True)))
    taken = np.minimum(np.cumsum(drawn, axis=1), wanted)
    # what each customer adds to what is taken
    taken[:, 1:] -= taken[:, :-1].copy()
    return np.asarray(taken @ value[order], dtype=np.float64)
