"""From blended predictions on the asinh scale to a mean and quantiles in money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segment.value.distribution import PredictiveDistribution, predictive_distribution
from segment.value.nothing import ChanceOfNothing, chance_of_nothing
from segment.value.scale import ShiftByLevel, from_scale, mean_shift, mostly_nothing, quantile_shift, to_scale
from segment.value.strata import ShiftByStratum, stratum_shift

Array = NDArray[np.float64]

QUANTILES = (0.1, 0.5, 0.9)
TURNS = 4


@dataclass(frozen=True)
class Predicted:
    """What the learners say of customers, on the asinh scale.

    Attributes
    ----------
    level : ndarray of shape (n,)
        Blended point prediction.
    tails : sequence of ndarray of shape (n,)
        P10 and P90.
    stratum : ndarray of shape (n,)
        Code of the stratum within which quantiles shall cover too; NaN for none.
    """

    level: Array
    tails: Sequence[Array]
    stratum: Array


class QuantileShift:
    """What one predicted quantile is moved by: a shift by level and one by stratum.

    Attributes
    ----------
    by_level : ShiftByLevel
    by_stratum : ShiftByStratum
    """

    def __init__(self, by_level: ShiftByLevel, by_stratum: ShiftByStratum) -> None:
        self.by_level = by_level
        self.by_stratum = by_stratum

    def apply(self, z: Array, predicted: Predicted) -> Array:
        """Move a predicted quantile."""
        return self.by_level.apply(z, predicted.level) + self.by_stratum.of(predicted.stratum)


def learn_quantile_shift(z: Array, target: Array, quantile: float, predicted: Predicted) -> QuantileShift:
    """Learn both shifts in turns, until coverage holds by level and by stratum at once.

    Parameters
    ----------
    z, target : ndarray of shape (n,)
        Predicted quantile and true value on the asinh scale.
    quantile : float
        Between 0 and 1.
    predicted : Predicted
        Levels and strata of the same customers.

    Returns
    -------
    QuantileShift
    """
    by_level = quantile_shift(z, target, quantile, predicted.level)
    by_stratum = ShiftByStratum(np.empty(0), np.empty(0))
    if np.isnan(predicted.stratum).all():
        return QuantileShift(by_level, by_stratum)
    for _ in range(TURNS):
        by_stratum = stratum_shift(target - by_level.apply(z, predicted.level), quantile, predicted.stratum)
        by_level = quantile_shift(z + by_stratum.of(predicted.stratum), target, quantile, predicted.level)
    return QuantileShift(by_level, by_stratum)


class Calibration:
    """Shifts learned on customers whom the learners had not seen.

    Attributes
    ----------
    mean_shift : ShiftByLevel
        Takes the retransformation bias out.
    quantile_shifts : list of QuantileShift
        For P10, P50 and P90.
    distribution : PredictiveDistribution
        Of the true value around them.
    scale : float
        Of `money_scale`.
    floor : float
        Smallest amount to predict: 0 where no customer was ever worth less, minus infinity otherwise.
    nothing : ChanceOfNothing or None
        Where most amounts are zero.
    """

    def __init__(
        self,
        mean_shift: ShiftByLevel,
        quantile_shifts: list[QuantileShift],
        distribution: PredictiveDistribution,
        scale: float,
        floor: float,
        nothing: ChanceOfNothing | None = None,
    ) -> None:
        self.mean_shift = mean_shift
        self.quantile_shifts = quantile_shifts
        self.distribution = distribution
        self.scale = scale
        self.floor = floor
        self.nothing = nothing

    def mean(self, level: Array) -> Array:
        """Mean in book currency of customers with these blended predictions."""
        return self._money(self.mean_shift.apply(level, level))

    def quantiles(self, predicted: Predicted) -> Array:
        """P10, P50 and P90 in book currency, sorted so that they never cross."""
        bands = self._money(shifted(predicted, self.quantile_shifts))
        return bands if self.nothing is None else self.nothing.quantiles(bands, predicted.level, QUANTILES)

    def below(self, predicted: Predicted, amounts: Array) -> Array:
        """Chance of a value at or below each amount of shape (n, k), in book currency."""
        bands = to_scale(self.quantiles(predicted), self.scale)
        chances = self.distribution.below(bands, predicted.level, to_scale(amounts, self.scale))
        if self.nothing is not None:
            chances = self.nothing.chances(chances, predicted.level, amounts)
        return np.where(amounts < self.floor, 0.0, chances)

    def _money(self, z: Array) -> Array:
        return np.maximum(from_scale(z, self.scale), self.floor)


def calibrate(predicted: Predicted, y: Array, scale: float) -> Calibration:
    """Learn the shifts of mean and quantiles.

    Parameters
    ----------
    predicted : Predicted
        What the learners say of customers whom they had not seen.
    y : ndarray of shape (n,)
        What these customers were worth, in book currency.
    scale : float
        Of `money_scale`.

    Returns
    -------
    Calibration
    """
    target, level = to_scale(y, scale), predicted.level
    shifts = [
        learn_quantile_shift(z, target, quantile, predicted)
        for z, quantile in zip(_three(predicted), QUANTILES, strict=True)
    ]
    floor = 0.0 if y.min() >= 0 else -np.inf
    nothing = chance_of_nothing(level, y) if mostly_nothing(y) else None
    bands = np.maximum(from_scale(shifted(predicted, shifts), scale), floor)
    bands = bands if nothing is None else nothing.quantiles(bands, level, QUANTILES)
    distribution = predictive_distribution(to_scale(bands, scale), level, target)
    return Calibration(mean_shift(level, y, scale), shifts, distribution, scale, floor, nothing)


def shifted(predicted: Predicted, shifts: Sequence[QuantileShift]) -> Array:
    """Shift P10, P50 and P90 on the asinh scale, and sort them within each row."""
    columns = [shift.apply(z, predicted) for z, shift in zip(_three(predicted), shifts, strict=True)]
    return np.sort(np.column_stack(columns), axis=1)


def _three(predicted: Predicted) -> tuple[Array, Array, Array]:
    low, high = predicted.tails
    return low, predicted.level, high
