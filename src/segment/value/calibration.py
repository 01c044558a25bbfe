"""From blended predictions on the asinh scale to a mean and quantiles in money."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segment.value.distribution import PredictiveDistribution, predictive_distribution
from segment.value.scale import ShiftByLevel, from_scale, mean_shift, quantile_shift, to_scale

Array = NDArray[np.float64]

QUANTILES = (0.1, 0.5, 0.9)


class Calibration:
    """Shifts learned on customers whom the learners had not seen.

    Attributes
    ----------
    mean_shift : ShiftByLevel
        Takes the retransformation bias out.
    quantile_shifts : list of ShiftByLevel
        For P10, P50 and P90.
    distribution : PredictiveDistribution
        Of the true value around them.
    scale : float
        Of `money_scale`.
    floor : float
        Smallest amount to predict: 0 where no customer was ever worth less, minus infinity otherwise.
    """

    def __init__(
        self,
        mean_shift: ShiftByLevel,
        quantile_shifts: list[ShiftByLevel],
        distribution: PredictiveDistribution,
        scale: float,
        floor: float,
    ) -> None:
        self.mean_shift = mean_shift
        self.quantile_shifts = quantile_shifts
        self.distribution = distribution
        self.scale = scale
        self.floor = floor

    def mean(self, level: Array) -> Array:
        """Mean in book currency of customers with these blended predictions."""
        return self._money(self.mean_shift.apply(level, level))

    def quantiles(self, level: Array, tails: Sequence[Array]) -> Array:
        """P10, P50 and P90 in book currency, sorted so that they never cross."""
        return self._money(shifted(level, tails, self.quantile_shifts))

    def below(self, level: Array, tails: Sequence[Array], amounts: Array) -> Array:
        """Chance of a value at or below each amount of shape (n, k), in book currency."""
        bands = to_scale(self.quantiles(level, tails), self.scale)
        chances = self.distribution.below(bands, level, to_scale(amounts, self.scale))
        return np.where(amounts < self.floor, 0.0, chances)

    def _money(self, z: Array) -> Array:
        return np.maximum(from_scale(z, self.scale), self.floor)


def calibrate(level: Array, tails: Sequence[Array], y: Array, scale: float) -> Calibration:
    """Learn the shifts of mean and quantiles.

    Parameters
    ----------
    level : ndarray of shape (n,)
        Blended predictions of customers whom the learners had not seen, on the asinh scale.
    tails : pair of ndarray of shape (n,)
        Their predicted P10 and P90, on the asinh scale.
    y : ndarray of shape (n,)
        What these customers were worth, in book currency.
    scale : float
        Of `money_scale`.

    Returns
    -------
    Calibration
    """
    target = to_scale(y, scale)
    low, high = tails
    shifts = [
        quantile_shift(predicted, target, quantile, level)
        for predicted, quantile in zip((low, level, high), QUANTILES, strict=True)
    ]
    floor = 0.0 if y.min() >= 0 else -np.inf
    bands = np.maximum(shifted(level, tails, shifts), floor)
    return Calibration(mean_shift(level, y, scale), shifts, predictive_distribution(bands, level, target), scale, floor)


def shifted(level: Array, tails: Sequence[Array], shifts: Sequence[ShiftByLevel]) -> Array:
    """Shift P10, P50 and P90 on the asinh scale, and sort them within each row."""
    low, high = tails
    columns = [shift.apply(predicted, level) for predicted, shift in zip((low, level, high), shifts, strict=True)]
    return np.sort(np.column_stack(columns), axis=1)
