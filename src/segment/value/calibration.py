"""From blended predictions on the asinh scale to a mean and quantiles in money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from segment.arrays import Floats
from segment.value.distribution import PredictiveDistribution, predictive_distribution
from segment.value.scale import (
    ShiftByLevel,
    ShiftByStratum,
    from_scale,
    is_zero_inflated,
    mean_shift,
    quantile_shift,
    stratum_shift,
    to_scale,
)
from segment.value.value_columns import amounts_by_row
from segment.value.zero_inflation import ZeroInflation, learn_zero_inflation

QUANTILES = (0.1, 0.5, 0.9)
TURNS = 4


@dataclass(frozen=True)
class BlendedPrediction:
    """What the learners say of customers, on the asinh scale."""

    level: Floats  # (n,): blended point prediction
    tails: Sequence[Floats]  # (n,): p10 and P90
    stratum: Floats  # (n,): code of the stratum within which quantiles shall cover too; NaN for none
    weight: Floats | None = None  # (n,): what customers who are learned from weigh; None: all the same


class QuantileShift:
    """What one predicted quantile is moved by: a shift by level and one by stratum."""

    def __init__(self, by_level: ShiftByLevel, by_stratum: ShiftByStratum) -> None:
        self.by_level = by_level
        self.by_stratum = by_stratum

    def apply(self, z: Floats, predicted: BlendedPrediction) -> Floats:
        """Move a predicted quantile."""
        return self.by_level.apply(z, predicted.level) + self.by_stratum.of(predicted.stratum)


def learn_quantile_shift(z: Floats, target: Floats, quantile: float, predicted: BlendedPrediction) -> QuantileShift:
    """Learn both shifts in turns, until coverage holds by level and by stratum at once."""
    # `z`, `target` (n,): Predicted quantile and true value on the asinh scale.
    level, weight = predicted.level, predicted.weight
    by_level = quantile_shift(z, target, quantile, level, weight)
    by_stratum = ShiftByStratum(np.empty(0), np.empty(0))
    if np.isnan(predicted.stratum).all():
        return QuantileShift(by_level, by_stratum)
    for _ in range(TURNS):
        by_stratum = stratum_shift(target - by_level.apply(z, level), quantile, predicted.stratum, weight)
        by_level = quantile_shift(z + by_stratum.of(predicted.stratum), target, quantile, level, weight)
    return QuantileShift(by_level, by_stratum)


class Calibration:
    """Shifts learned on customers whom the learners had not seen."""

    def __init__(
        self,
        mean_shift: ShiftByLevel,
        quantile_shifts: list[QuantileShift],
        distribution: PredictiveDistribution,
        scale: float,
        floor: float,
        nothing: ZeroInflation | None = None,
    ) -> None:
        self.mean_shift = mean_shift
        self.quantile_shifts = quantile_shifts
        self.distribution = distribution
        self.scale = scale
        self.floor = floor
        self.nothing = nothing

    def mean(self, level: Floats) -> Floats:
        """Mean in book currency of customers with these blended predictions."""
        return self._money(self.mean_shift.apply(level, level))

    def quantiles(self, predicted: BlendedPrediction) -> Floats:
        """P10, P50 and P90 in book currency, sorted so that they never cross."""
        bands = self._money(shifted(predicted, self.quantile_shifts))
        return bands if self.nothing is None else self.nothing.quantiles(bands, predicted.level, QUANTILES)

    def below(self, predicted: BlendedPrediction, amounts: Floats) -> Floats:
        """Chance of a value at or below each amount of shape (n, k), in book currency."""
        bands = to_scale(self.quantiles(predicted), self.scale)
        chances = self.distribution.below(bands, predicted.level, to_scale(amounts, self.scale))
        if self.nothing is not None:
            chances = self.nothing.chances(chances, predicted.level, amounts)
        return np.where(amounts < self.floor, 0.0, chances)

    def _money(self, z: Floats) -> Floats:
        return np.maximum(from_scale(z, self.scale), self.floor)


@dataclass(frozen=True)
class CalibratedForecast:
    """What is known of some customers' value after one pass over the trees; each figure comes from it at once."""

    calibration: Calibration
    predicted: BlendedPrediction

    @property
    def mean(self) -> Floats:
        """Mean in book currency."""
        return self.calibration.mean(self.predicted.level)

    @property
    def quantiles(self) -> Floats:
        """P10, P50 and P90, shape (n, 3)."""
        return self.calibration.quantiles(self.predicted)

    def below(self, amounts: ArrayLike) -> Floats:
        """Chance of a value at or below each amount, of shape (n, k) or (k,)."""
        return self.calibration.below(self.predicted, amounts_by_row(amounts, len(self.predicted.level)))


def calibrate(predicted: BlendedPrediction, y: Floats, scale: float) -> Calibration:
    """Learn the shifts of mean and quantiles."""
    # `y` (n,): What these customers were worth, in book currency.
    target, level, weight = to_scale(y, scale), predicted.level, predicted.weight
    shifts = [
        learn_quantile_shift(z, target, quantile, predicted)
        for z, quantile in zip(_three(predicted), QUANTILES, strict=True)
    ]
    floor = 0.0 if y.min() >= 0 else -np.inf
    zero_inflation = learn_zero_inflation(level, y, weight) if is_zero_inflated(y, weight) else None
    bands = np.maximum(from_scale(shifted(predicted, shifts), scale), floor)
    bands = bands if zero_inflation is None else zero_inflation.quantiles(bands, level, QUANTILES)
    distribution = predictive_distribution(to_scale(bands, scale), level, target, weight)
    return Calibration(mean_shift(level, y, scale, weight), shifts, distribution, scale, floor, zero_inflation)


def shifted(predicted: BlendedPrediction, shifts: Sequence[QuantileShift]) -> Floats:
    """Shift P10, P50 and P90 on the asinh scale, and sort them within each row."""
    columns = [shift.apply(z, predicted) for z, shift in zip(_three(predicted), shifts, strict=True)]
    return np.sort(np.column_stack(columns), axis=1)


def _three(predicted: BlendedPrediction) -> tuple[Floats, Floats, Floats]:
    low, high = predicted.tails
    return low, predicted.level, high
