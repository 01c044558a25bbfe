"""How good a forecast of customer value is: ranking, error against the naive forecast, calibration, intervals.

Value is heavy-tailed and may be negative, so squared error and the plain Gini index say little on their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]
DECILES = 10


@dataclass(frozen=True)
class DecileCalibration:
    """Predicted against actual value by decile of the prediction, lowest first.

    Attributes
    ----------
    predicted, actual : ndarray of shape (10,)
        Mean value of the decile's customers, in book currency.
    """

    predicted: Array
    actual: Array

    @property
    def ratio(self) -> Array:
        """Predicted over actual; NaN where the decile's actual value is zero."""
        safe = np.where(self.actual == 0, np.nan, self.actual)
        return self.predicted / safe

    @property
    def mean_absolute_percentage_error(self) -> float:
        """Mean over the deciles of |predicted - actual| / |actual|, deciles without value left out."""
        return float(np.nanmean(np.abs(self.ratio - 1.0)))


def spearman(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Rank correlation, ties at their mean rank; 0 where one side is constant.

    Parameters
    ----------
    actual, predicted : array-like of shape (n,)
        Values in book currency.

    Returns
    -------
    float
        Between -1 and 1.

    Examples
    --------
    >>> spearman([1.0, 2.0, 3.0], [10.0, 30.0, 20.0])
    0.5
    """
    left, right = rankdata(np.ravel(actual)), rankdata(np.ravel(predicted))
    left, right = left - left.mean(), right - right.mean()
    spread = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / spread if spread > 0 else 0.0


def normalised_gini(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Gini index of the value sorted by the prediction, over that of the value sorted by itself.

    Parameters
    ----------
    actual, predicted : array-like of shape (n,)
        Values in book currency. Customers with the same prediction share their value.

    Returns
    -------
    float
        1 for the perfect ranking, 0 for none. NaN where the total value is not positive: the Lorenz curve
        then has no meaning (use `top_decile_capture`).

    References
    ----------
    Wang, Liu and Miao, *A Deep Probabilistic Model for Customer Lifetime Value Prediction*, arXiv 1912.07753.

    Examples
    --------
    >>> normalised_gini([0.0, 1.0, 5.0], [1.0, 2.0, 9.0])
    1.0
    """
    value = np.ravel(actual)
    best = _gini(value, value)
    return _gini(value, np.ravel(predicted)) / best if best > 0 else float("nan")


def top_decile_capture(actual: ArrayLike, predicted: ArrayLike, share: float = 0.1) -> float:
    """Value of the customers predicted best, over the value of those who were best.

    Parameters
    ----------
    actual, predicted : array-like of shape (n,)
        Values in book currency.
    share : float, default 0.1
        Share of the customers to take; at least one.

    Returns
    -------
    float
        At most 1. NaN where the best customers' value is not positive.

    Examples
    --------
    >>> top_decile_capture([8.0, 10.0, 1.0, 0.0], [9.0, 7.0, 3.0, 1.0], share=0.25)
    0.8
    """
    value, forecast = np.ravel(actual), np.ravel(predicted)
    count = max(1, round(share * len(value)))
    best = float(np.sort(value)[-count:].sum())
    chosen = float(value[np.argsort(forecast, kind="stable")[-count:]].sum())
    return chosen / best if best > 0 else float("nan")


def bottom_decile_loss_capture(actual: ArrayLike, predicted: ArrayLike, share: float = 0.1) -> float:
    """Loss of the customers predicted worst, over the loss of those who were worst.

    Parameters
    ----------
    actual, predicted : array-like of shape (n,)
        Values in book currency.
    share : float, default 0.1
        Share of the customers to take; at least one.

    Returns
    -------
    float
        At most 1. NaN where the worst customers made no loss.

    Examples
    --------
    >>> bottom_decile_loss_capture([-4.0, -5.0, 1.0, 3.0], [-9.0, -1.0, 0.0, 4.0], share=0.25)
    0.8
    """
    return top_decile_capture(-np.ravel(actual), -np.ravel(predicted), share)


def mean_absolute_error(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean distance between prediction and value, in book currency.

    Parameters
    ----------
    actual, predicted : array-like of shape (n,)
        Values in book currency.

    Returns
    -------
    float
        At least 0.

    Examples
    --------
    >>> mean_absolute_error([1.0, 5.0], [2.0, 2.0])
    2.0
    """
    return float(np.abs(np.ravel(actual) - np.ravel(predicted)).mean())


def skill(actual: ArrayLike, predicted: ArrayLike, naive: ArrayLike) -> float:
    """Share of the naive forecast's absolute error that the prediction takes away.

    Parameters
    ----------
    actual, predicted, naive : array-like of shape (n,)
        Values in book currency; `naive` is persistence, say: the last twelve months again.

    Returns
    -------
    float
        1 for a perfect prediction, 0 for the naive one's error, negative for more. NaN where `naive` is perfect.

    Examples
    --------
    >>> skill([1.0, 5.0], [1.0, 4.0], naive=[2.0, 2.0])
    0.75
    """
    reference = mean_absolute_error(actual, naive)
    return 1.0 - mean_absolute_error(actual, predicted) / reference if reference > 0 else float("nan")


def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Share of the customers whose value lies within their interval, ends included.

    Parameters
    ----------
    actual, low, high : array-like of shape (n,)
        Value and interval in book currency.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> coverage([1.0, 2.0, 9.0, 4.0], [0.0] * 4, [5.0] * 4)
    0.75
    """
    value = np.ravel(actual)
    return float(((value >= np.ravel(low)) & (value <= np.ravel(high))).mean())


def pinball(actual: ArrayLike, predicted: ArrayLike, quantile: float) -> float:
    """Mean pinball loss, which the true conditional quantile minimises.

    Parameters
    ----------
    actual, predicted : array-like of shape (n,)
        Values in book currency.
    quantile : float
        Between 0 and 1.

    Returns
    -------
    float
        At least 0, in book currency.

    Examples
    --------
    >>> pinball([10.0, 0.0], [0.0, 10.0], quantile=0.9)
    5.0
    """
    short = np.ravel(actual) - np.ravel(predicted)
    return float(np.maximum(quantile * short, (quantile - 1.0) * short).mean())


def total_ratio(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Sum of the predictions over the sum of the values.

    Parameters
    ----------
    actual, predicted : array-like of shape (n,)
        Values in book currency.

    Returns
    -------
    float
        1 where the book as a whole is predicted without bias; NaN where the values add up to zero.

    Examples
    --------
    >>> total_ratio([1.0, 3.0], [2.0, 3.0])
    1.25
    """
    total = float(np.ravel(actual).sum())
    return float(np.ravel(predicted).sum()) / total if total != 0 else float("nan")


def decile_calibration(actual: ArrayLike, predicted: ArrayLike) -> DecileCalibration:
    """Mean prediction and mean value of each tenth of the customers, sorted by prediction.

    Parameters
    ----------
    actual, predicted : array-like of shape (n,)
        Values in book currency, of at least ten customers.

    Returns
    -------
    DecileCalibration
        Ten means each, lowest predictions first.

    Raises
    ------
    ValueError
        With fewer than ten customers.

    Examples
    --------
    >>> float(decile_calibration(range(1, 11), range(2, 12)).ratio[-1])
    1.1
    """
    value, forecast = np.ravel(actual), np.ravel(predicted)
    if len(value) < DECILES:
        raise ValueError(f"Ten deciles need at least ten customers. Got {len(value)}.")
    parts = np.array_split(np.argsort(forecast, kind="stable"), DECILES)
    return DecileCalibration(
        predicted=np.array([forecast[part].mean() for part in parts]),
        actual=np.array([value[part].mean() for part in parts]),
    )


def _gini(value: Array, score: Array) -> float:
    """One minus twice the area under the Lorenz curve, whose order is the score's and whose ties are level."""
    total = value.sum()
    if total <= 0:
        return float("nan")
    _, tied, counts = np.unique(score, return_inverse=True, return_counts=True)
    level = (np.bincount(tied, weights=value) / counts)[tied]
    lorenz = np.cumsum(level[np.argsort(score, kind="stable")]) / total
    return float(1.0 - (2.0 * lorenz.sum() - 1.0) / len(value))
