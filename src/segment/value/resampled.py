"""How good a forecast of customer value is: ranking, error against the naive forecast, calibration, intervals."""

# Value is heavy-tailed and may be negative, so squared error and the plain Gini index say little on their own.
# Each function takes counts of how often each customer was drawn, of shape (resamples, n), and returns one figure per
# row: the same as for the customers repeated that often. Nothing is sorted more than once. Without counts every
# customer counts once, and the one figure is that of `segment.value.metrics`.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segment.statistics import divided

Floats = NDArray[np.float64]
Order = NDArray[np.intp]
Counts = Floats | None

DECILES = 10


def mean_of(each: Floats, counts: Counts) -> Floats:
    """Mean of a figure of each customer."""
    return divided(_sum(each, counts), np.array([float(len(each))]) if counts is None else counts.sum(axis=1))


def mean_absolute_error(actual: Floats, predicted: Floats, counts: Counts) -> Floats:
    """Mean distance between prediction and value, in book currency."""
    return mean_of(np.abs(actual - predicted), counts)


def skill(actual: Floats, predicted: Floats, naive: Floats, counts: Counts) -> Floats:
    """Share of the naive forecast's absolute error that the prediction takes away; NaN where that one is perfect."""
    error, reference = (mean_absolute_error(actual, forecast, counts) for forecast in (predicted, naive))
    return 1.0 - divided(error, reference)


def coverage(actual: Floats, low: Floats, high: Floats, counts: Counts) -> Floats:
    """Share of the customers whose value lies within their interval, ends included."""
    return mean_of(((actual >= low) & (actual <= high)).astype(np.float64), counts)


def pinball(actual: Floats, predicted: Floats, quantile: float, counts: Counts) -> Floats:
    """Mean pinball loss, which the true conditional quantile minimises, in book currency."""
    short = actual - predicted
    return mean_of(np.maximum(quantile * short, (quantile - 1.0) * short), counts)


def total_ratio(actual: Floats, predicted: Floats, counts: Counts) -> Floats:
    """Sum of the predictions over the sum of the values; NaN where the values add up to zero."""
    return divided(_sum(predicted, counts), _sum(actual, counts))


def spearman(actual: Floats, predicted: Floats, counts: Counts) -> Floats:
    """Rank correlation, ties at their mean rank; 0 where one side is constant."""
    left, right = _centred_ranks(actual, counts), _centred_ranks(predicted, counts)
    both = _inner(left, right, counts)
    spread = np.sqrt(_inner(left, left, counts) * _inner(right, right, counts))
    return np.divide(both, spread, out=np.zeros_like(both), where=spread > 0)


def normalised_gini(actual: Floats, predicted: Floats, counts: Counts) -> Floats:
    """Gini index of the value sorted by the prediction, over that of the value sorted by itself."""
    # 1 for the perfect ranking, 0 for none; customers with the same prediction share their value. NaN where the total
    # value is not positive: the Lorenz curve then has no meaning.
    # Source: Wang, Liu and Miao, *A Deep Probabilistic Model for Customer Lifetime Value Prediction*, arXiv 1912.07753.
    best = _gini(actual, actual, counts)
    with np.errstate(invalid="ignore"):
        return np.where(best > 0, divided(_gini(actual, predicted, counts), best), np.nan)


def top_decile_capture(actual: Floats, predicted: Floats, counts: Counts, share: float = 0.1) -> Floats:
    """Value of the customers predicted best, over that of those who were best; NaN where this is not positive."""
    best, chosen = _best_of(actual, actual, counts, share), _best_of(actual, predicted, counts, share)
    return np.where(best > 0, divided(chosen, best), np.nan)


def bottom_decile_loss_capture(actual: Floats, predicted: Floats, counts: Counts, share: float = 0.1) -> Floats:
    """Loss of the customers predicted worst, over that of those who were worst; NaN where these made none."""
    return top_decile_capture(-actual, -predicted, counts, share)


def decile_rows(predicted: Floats) -> list[Order]:
    """Rows of each tenth of the customers sorted by prediction, lowest first."""
    return np.array_split(np.argsort(predicted, kind="stable"), DECILES)


def deciles_of(predicted: Floats) -> NDArray[np.int64]:
    """Give each customer's tenth, 0 to 9."""
    # Intervals of a decile's figures keep its customers together: the deciles are those of the customers as they are.
    decile = np.empty(len(predicted), dtype=np.int64)
    for number, rows in enumerate(decile_rows(predicted)):
        decile[rows] = number
    return decile


def _sum(each: Floats, counts: Counts) -> Floats:
    return np.array([each.sum()]) if counts is None else counts @ each


def _inner(left: Floats, right: Floats, counts: Counts) -> Floats:
    return np.array([left[0] @ right[0]]) if counts is None else np.einsum("ij,ij,ij->i", counts, left, right)


def _drawn(counts: Counts, order: Order) -> Floats:
    return np.ones((1, len(order))) if counts is None else counts[:, order]


def _groups(score: Floats) -> tuple[Order, Order, Order]:
    """Order by score, where each tie begins in it, and each customer's tie."""
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    begins = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    tie = np.empty(len(score), dtype=np.intp)
    tie[order] = np.cumsum(np.concatenate([[0], (ranked[1:] != ranked[:-1]).astype(np.intp)]))
    return order, begins, tie


def _centred_ranks(score: Floats, counts: Counts) -> Floats:
    order, begins, tie = _groups(score)
    drawn = _drawn(counts, order)
    size = np.add.reduceat(drawn, begins, axis=1)
    middle = np.cumsum(size, axis=1) - size / 2.0 - drawn.sum(axis=1, keepdims=True) / 2.0
    return np.asarray(middle[:, tie], dtype=np.float64)


def _gini(value: Floats, score: Floats, counts: Counts) -> Floats:
    """One minus twice the area under the Lorenz curve, ties level: within a tie of g it rises in g equal steps."""
    order, begins, _ = _groups(score)
    drawn = _drawn(counts, order)
    size = np.add.reduceat(drawn, begins, axis=1)
    worth = np.add.reduceat(drawn * value[order], begins, axis=1)
    before = np.cumsum(worth, axis=1) - worth
    total, customers = worth.sum(axis=1), drawn.sum(axis=1)
    area = divided((before * size + worth * (size + 1.0) / 2.0).sum(axis=1), total)
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, 1.0 - divided(2.0 * area - 1.0, customers), np.nan)


def _best_of(value: Floats, score: Floats, counts: Counts, share: float) -> Floats:
    order = np.argsort(score, kind="stable")[::-1]
    drawn = _drawn(counts, order)
    wanted = np.maximum(1.0, np.round(share * drawn.sum(axis=1, keepdims=True)))
    taken = np.minimum(np.cumsum(drawn, axis=1), wanted)
    # what each customer adds to what is taken
    taken[:, 1:] -= taken[:, :-1].copy()
    return np.asarray(taken @ value[order], dtype=np.float64)
