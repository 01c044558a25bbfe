"""Metrics of a forecast of customer value: those of `segment.value.resampled`, of the customers as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from segment.arrays import Floats
from segment.value import resampled
from segment.value.resampled import DECILES

QUARTERS = 4


@dataclass(frozen=True)
class DecileCalibration:
    """Predicted against actual value by decile of the prediction, lowest first."""

    predicted: Floats  # predicted, actual: (10,): mean value of the decile's customers, in book currency.
    actual: Floats

    @property
    def ratio(self) -> Floats:
        """Predicted over actual; NaN where the decile's actual value is zero."""
        safe = np.where(self.actual == 0, np.nan, self.actual)
        return self.predicted / safe


def spearman(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Rank correlation, ties at their mean rank; 0 where one side is constant."""
    return float(resampled.spearman(_flat(actual), _flat(predicted), None)[0])


def normalised_gini(actual: ArrayLike, predicted: ArrayLike) -> float:
    """1 for the perfect ranking, 0 for none; NaN where the total value is not positive (use `top_decile_capture`)."""
    return float(resampled.normalised_gini(_flat(actual), _flat(predicted), None)[0])


def top_decile_capture(actual: ArrayLike, predicted: ArrayLike, share: float = 0.1) -> float:
    """Value of the customers predicted best, over the value of those who were best; at most 1."""
    return float(resampled.top_decile_capture(_flat(actual), _flat(predicted), None, share)[0])


def bottom_decile_loss_capture(actual: ArrayLike, predicted: ArrayLike, share: float = 0.1) -> float:
    """Loss of the customers predicted worst, over the loss of those who were worst; at most 1."""
    return float(resampled.bottom_decile_loss_capture(_flat(actual), _flat(predicted), None, share)[0])


def mean_absolute_error(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean distance between prediction and value, in book currency."""
    return float(resampled.mean_absolute_error(_flat(actual), _flat(predicted), None)[0])


def skill(actual: ArrayLike, predicted: ArrayLike, naive: ArrayLike) -> float:
    """1 for a perfect prediction, 0 for the naive one's error (persistence, say), negative for more."""
    return float(resampled.skill(_flat(actual), _flat(predicted), _flat(naive), None)[0])


def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Share of the customers whose value lies within their interval, ends included."""
    return float(resampled.coverage(_flat(actual), _flat(low), _flat(high), None)[0])


def pinball(actual: ArrayLike, predicted: ArrayLike, quantile: float) -> float:
    """Mean pinball loss, which the true conditional quantile minimises, in book currency."""
    return float(resampled.pinball(_flat(actual), _flat(predicted), quantile, None)[0])


def total_ratio(actual: ArrayLike, predicted: ArrayLike) -> float:
    """1 where the book as a whole is predicted without bias; NaN where the values add up to zero."""
    return float(resampled.total_ratio(_flat(actual), _flat(predicted), None)[0])


def decile_calibration(actual: ArrayLike, predicted: ArrayLike) -> DecileCalibration:
    """Mean prediction and mean value of each tenth of at least ten customers, sorted by prediction."""
    value, forecast = _flat(actual), _flat(predicted)
    if len(value) < DECILES:
        raise ValueError(f"Ten deciles need at least ten customers. Got {len(value)}.")
    rows = resampled.decile_rows(forecast)
    return DecileCalibration(*(np.array([each[part].mean() for part in rows]) for each in (forecast, value)))


def _flat(values: ArrayLike) -> Floats:
    return np.ravel(np.asarray(values, dtype=np.float64))


def held_out_metrics(y: Floats, mean: Floats, bands: Floats, baseline: Floats | None) -> dict[str, float]:
    """Measure mean and interval, and the naive forecast beside them."""
    # `y`, `mean` (n,): What customers were worth and what was forecast, in book currency.
    # `bands` (n, 3): P10, P50 and P90.
    # `baseline` (n,): Naive forecast, where there is one.
    low, _, high = bands.T
    measured = {
        "rows": float(len(y)),
        "spearman": spearman(y, mean),
        "mae": mean_absolute_error(y, mean),
        "total_ratio": total_ratio(y, mean),
        "coverage_p10_p90": coverage(y, low, high),
    }
    order = np.argsort(mean, kind="stable")
    top = order[-max(1, len(y) // 10) :]
    measured["coverage_top_decile"] = coverage(y[top], low[top], high[top])
    for number, part in enumerate(np.array_split(order, QUARTERS), start=1):
        if len(part):
            measured[f"coverage_quarter_{number}"] = coverage(y[part], low[part], high[part])
    if baseline is not None:
        measured["baseline_spearman"] = spearman(y, baseline)
        measured["mae_skill"] = skill(y, mean, baseline)
    return measured
