"""How good forecasts and chances are: ranking, error against a naive forecast, calibration, intervals."""

# Value is heavy-tailed and may be negative, so squared error and the plain Gini index say little on their own.
# A metric takes columns of customers and gives one number. With `counts` of how often each customer counts, of shape
# (resamples, n), it gives one figure per row, that of the customers repeated so often; with `counts=None` an array of
# one figure, that of the customers as they are. Nothing is sorted more than once, and there is one implementation.

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segment.arrays import Floats, Integers
from segment.statistics import Counts, divided

DECILES = 10
_WRITTEN = 12
"""Decimals of a calibration error: the order of rows changes those behind."""


class Metric(Protocol):
    """A figure of columns of customers; what is not a column is named."""

    @overload
    def __call__(self, *columns: ArrayLike, counts: Counts, **options: float) -> Floats: ...

    @overload
    def __call__(self, *columns: ArrayLike, **options: float) -> float: ...


def _metric(of: Callable[..., Floats]) -> Metric:
    @wraps(of)
    def measure(*columns: ArrayLike, **options: Any) -> Floats | float:
        flat = [np.ravel(np.asarray(column, dtype=np.float64)) for column in columns]
        if "counts" in options:
            return of(*flat, **options)
        return float(of(*flat, counts=None, **options)[0])

    return cast(Metric, measure)


@_metric
def mean_of(each: Floats, *, counts: Counts) -> Floats:
    """Mean of a figure of each customer."""
    return divided(_sum(each, counts), _size(each, counts))


@_metric
def mean_absolute_error(actual: Floats, predicted: Floats, *, counts: Counts) -> Floats:
    """Mean distance between prediction and value, in book currency."""
    return mean_of(np.abs(actual - predicted), counts=counts)


@_metric
def skill(actual: Floats, predicted: Floats, naive: Floats, *, counts: Counts) -> Floats:
    """Share of the naive forecast's absolute error that the prediction takes away; NaN where that one is perfect."""
    error, reference = (mean_absolute_error(actual, forecast, counts=counts) for forecast in (predicted, naive))
    return 1.0 - divided(error, reference)


@_metric
def coverage(actual: Floats, low: Floats, high: Floats, *, counts: Counts) -> Floats:
    """Share of the customers whose value lies within their interval, ends included."""
    return mean_of((actual >= low) & (actual <= high), counts=counts)


@_metric
def pinball(actual: Floats, predicted: Floats, quantile: Floats | float, *, counts: Counts) -> Floats:
    """Mean pinball loss, which the true conditional quantile minimises, in book currency."""
    short = actual - predicted
    return mean_of(np.maximum(quantile * short, (quantile - 1.0) * short), counts=counts)


@_metric
def total_ratio(actual: Floats, predicted: Floats, *, counts: Counts) -> Floats:
    """Sum of the predictions over the sum of the values: 1 without bias, NaN where the values add up to zero."""
    return divided(_sum(predicted, counts), _sum(actual, counts))


@_metric
def bias(actual: Floats, predicted: Floats, *, counts: Counts) -> Floats:
    """Predicted less actual over the size of the actual: gains and losses of a part may cancel, their sizes do not."""
    return divided(_sum(predicted - actual, counts), _sum(np.abs(actual), counts))


@_metric
def spearman(actual: Floats, predicted: Floats, *, counts: Counts) -> Floats:
    """Rank correlation, ties at their mean rank; 0 where one side is constant."""
    left, right = _centred_ranks(actual, counts), _centred_ranks(predicted, counts)
    both = _inner(left, right, counts)
    spread = np.sqrt(_inner(left, left, counts) * _inner(right, right, counts))
    return np.divide(both, spread, out=np.zeros_like(both), where=spread > 0)


@_metric
def normalised_gini(actual: Floats, predicted: Floats, *, counts: Counts) -> Floats:
    """Gini index of the value sorted by the prediction, over that of the value sorted by itself."""
    # 1 for the perfect ranking, 0 for none; customers with the same prediction share their value. NaN where the total
    # value is not positive: the Lorenz curve then has no meaning (use `top_decile_capture`).
    # Source: Wang, Liu and Miao, *A Deep Probabilistic Model for Customer Lifetime Value Prediction*, arXiv 1912.07753.
    best = _gini(actual, actual, counts)
    with np.errstate(invalid="ignore"):
        return np.where(best > 0, divided(_gini(actual, predicted, counts), best), np.nan)


@_metric
def top_decile_capture(actual: Floats, predicted: Floats, share: Floats | float = 0.1, *, counts: Counts) -> Floats:
    """Value of the customers predicted best, over that of those who were best; NaN where this is not positive."""
    most = np.maximum(1.0, np.round(share * _size(actual, counts)))
    best, chosen = _top_sum(actual, actual, most, counts), _top_sum(actual, predicted, most, counts)
    return np.where(best > 0, divided(chosen, best), np.nan)


@_metric
def bottom_decile_loss_capture(
    actual: Floats, predicted: Floats, share: Floats | float = 0.1, *, counts: Counts
) -> Floats:
    """Loss of the customers predicted worst, over that of those who were worst; NaN where these made none."""
    return top_decile_capture(-actual, -predicted, share, counts=counts)


@_metric
def top_mean(y: Floats, score: Floats, *, counts: Counts, most: float) -> Floats:
    """Mean of a figure among as many customers as given, those of the highest score."""
    return _top_sum(y, score, np.array([most]), counts) / most


@_metric
def roc_auc(y: Floats, score: Floats, *, counts: Counts) -> Floats:
    """Area under the ROC curve: the chance that a 1 has a higher score than a 0; NaN where there is but one kind."""
    ones, zeros = _by_tie(score, counts, y, 1.0 - y)
    below = np.cumsum(zeros, axis=1) - zeros / 2.0
    return divided((ones * below).sum(axis=1), ones.sum(axis=1) * zeros.sum(axis=1))


@_metric
def average_precision(y: Floats, score: Floats, *, counts: Counts) -> Floats:
    """Mean of the precision over the ones, those of the highest score first; NaN where there is none."""
    ones, everyone = (each[:, ::-1] for each in _by_tie(score, counts, y, np.ones_like(y)))
    reached = np.cumsum(everyone, axis=1)
    precision = np.divide(np.cumsum(ones, axis=1), reached, out=np.zeros_like(reached), where=reached > 0)
    return divided((ones * precision).sum(axis=1), ones.sum(axis=1))


@_metric
def expected_calibration_error(y: Floats, probability: Floats, *, counts: Counts, bins: int = 10) -> Floats:
    """Mean gap between what was said and what came, over bins of equally many customers."""
    # Customers with the same probability are taken at their mean outcome, so the order of rows changes nothing.
    # `y` (n,): 0 or 1.
    # `probability` (n,).
    # Source: M. P. Naeini, G. Cooper, M. Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning,
    # AAAI 2015.
    if len(y) != len(probability) or len(probability) == 0:
        raise ValueError(
            f"`y` and `probability` must have the same length above 0. Got {len(y)} and {len(probability)} instead."
        )
    size, came = _by_tie(probability, counts, np.ones_like(y), y)
    said = np.unique(probability) * size
    begun, missed = (np.pad(np.cumsum(each, axis=1), ((0, 0), (1, 0))) for each in (size, said - came))
    errors = np.array([_binned_gap(rows, gaps, bins) for rows, gaps in zip(begun, missed, strict=True)])
    return np.round(errors, _WRITTEN)


def _binned_gap(begun: Floats, missed: Floats, bins: int) -> float:
    """Gap of each bin of as many customers as the next, or one more; a tie that lies in two bins lies in both alike."""
    customers = int(begun[-1])
    if not customers:
        return float("nan")
    sizes = np.full(bins, customers // bins)
    sizes[: customers % bins] += 1
    gaps = np.diff(np.interp(np.cumsum(np.concatenate([[0], sizes])), begun, missed))
    return float(np.abs(gaps).sum() / customers)


@dataclass(frozen=True)
class DecileCalibration:
    """Predicted against actual value by decile of the prediction, lowest first."""

    predicted: Floats  # predicted, actual: (10,): mean value of the decile's customers, in book currency.
    actual: Floats

    @property
    def ratio(self) -> Floats:
        """Predicted over actual; NaN where the decile's actual value is zero."""
        return divided(self.predicted, self.actual)


def decile_calibration(actual: ArrayLike, predicted: ArrayLike) -> DecileCalibration:
    """Mean prediction and mean value of each tenth of at least ten customers, sorted by prediction."""
    value, forecast = (np.ravel(np.asarray(each, dtype=np.float64)) for each in (actual, predicted))
    if len(value) < DECILES:
        raise ValueError(f"Ten deciles need at least ten customers. Got {len(value)}.")
    rows = decile_rows(forecast)
    return DecileCalibration(*(np.array([each[part].mean() for part in rows]) for each in (forecast, value)))


def decile_rows(predicted: Floats) -> list[Integers]:
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


def _size(each: Floats, counts: Counts) -> Floats:
    return np.array([float(len(each))]) if counts is None else counts.sum(axis=1)


def _inner(left: Floats, right: Floats, counts: Counts) -> Floats:
    return np.array([left[0] @ right[0]]) if counts is None else np.einsum("ij,ij,ij->i", counts, left, right)


def _drawn(counts: Counts, order: Integers) -> Floats:
    return np.ones((1, len(order))) if counts is None else counts[:, order]


def _groups(score: Floats) -> tuple[Integers, Integers, Integers]:
    """Order by score, where each tie begins in it, and each customer's tie."""
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    begins = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    tie = np.empty(len(score), dtype=np.intp)
    tie[order] = np.cumsum(np.concatenate([[0], (ranked[1:] != ranked[:-1]).astype(np.intp)]))
    return order, begins, tie


def _by_tie(score: Floats, counts: Counts, *columns: Floats) -> list[Floats]:
    """Sum of each column over the customers of one score, the lowest score first."""
    order, begins, _ = _groups(score)
    drawn = _drawn(counts, order)
    return [np.add.reduceat(drawn * column[order], begins, axis=1) for column in columns]


def _centred_ranks(score: Floats, counts: Counts) -> Floats:
    order, begins, tie = _groups(score)
    drawn = _drawn(counts, order)
    size = np.add.reduceat(drawn, begins, axis=1)
    middle = np.cumsum(size, axis=1) - size / 2.0 - drawn.sum(axis=1, keepdims=True) / 2.0
    return np.asarray(middle[:, tie], dtype=np.float64)


def _gini(value: Floats, score: Floats, counts: Counts) -> Floats:
    """One minus twice the area under the Lorenz curve, ties level: within a tie of g it rises in g equal steps."""
    size, worth = _by_tie(score, counts, np.ones_like(value), value)
    before = np.cumsum(worth, axis=1) - worth
    total, customers = worth.sum(axis=1), size.sum(axis=1)
    area = divided((before * size + worth * (size + 1.0) / 2.0).sum(axis=1), total)
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, 1.0 - divided(2.0 * area - 1.0, customers), np.nan)


def _top_sum(value: Floats, score: Floats, most: Floats, counts: Counts) -> Floats:
    """Sum over the `most` customers of the highest score."""
    order = np.argsort(score, kind="stable")[::-1]
    taken = np.minimum(np.cumsum(_drawn(counts, order), axis=1), most[:, None])
    # what each customer adds to what is taken
    taken[:, 1:] -= taken[:, :-1].copy()
    return np.asarray(taken @ value[order], dtype=np.float64)
