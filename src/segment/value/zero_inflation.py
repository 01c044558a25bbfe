"""The chance of exactly nothing, where most amounts are zero: trees and residuals smear it, shares do not."""

from __future__ import annotations

import numpy as np

from segment.arrays import Floats
from segment.value.scale import ShiftByLevel, levels_of, mean_by_level


class ZeroInflation:
    """Shares of amounts below zero, and at or below it, by level of the prediction."""

    def __init__(self, below: ShiftByLevel, up_to: ShiftByLevel) -> None:
        self.below = below
        self.up_to = up_to

    def quantiles(self, bands: Floats, level: Floats, chances: tuple[float, ...]) -> Floats:
        """Set those quantiles to zero that fall on it, and keep the others on their side of it."""
        below, up_to = self._shares(level)
        wanted = np.array(chances)
        one_sided = np.where(wanted <= below, np.minimum(bands, 0.0), np.maximum(bands, 0.0))
        return np.where((wanted > below) & (wanted <= up_to), 0.0, one_sided)

    def chances(self, chances: Floats, level: Floats, amounts: Floats) -> Floats:
        """Hold the chance below each amount to what is known of zero."""
        below, up_to = self._shares(level)
        return np.where(amounts < 0, np.minimum(chances, below), np.maximum(chances, up_to))

    def _shares(self, level: Floats) -> tuple[Floats, Floats]:
        none = np.zeros(len(level))
        return self.below.apply(none, level)[:, None], self.up_to.apply(none, level)[:, None]


def learn_zero_inflation(level: Floats, y: Floats, weight: Floats | None = None) -> ZeroInflation:
    """Count, level by level."""
    # `level` (n,): Point prediction on the asinh scale of customers whom the learners have not seen.
    # `y` (n,): What they were worth, in book currency.
    parts = levels_of(level, weight)
    where, below, up_to = (mean_by_level(each, parts, weight) for each in (level, y < 0, y <= 0))
    return ZeroInflation(ShiftByLevel(where, below), ShiftByLevel(where, up_to))
