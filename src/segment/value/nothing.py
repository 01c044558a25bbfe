"""The chance of exactly nothing, where most amounts are zero: trees and residuals smear it, shares do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segment.value.scale import ShiftByLevel, levels_of

Array = NDArray[np.float64]


class ChanceOfNothing:
    """Shares of amounts below zero, and at or below it, by level of the prediction.

    Attributes
    ----------
    below, up_to : ShiftByLevel
        Share of amounts < 0 and <= 0 at each level.
    """

    def __init__(self, below: ShiftByLevel, up_to: ShiftByLevel) -> None:
        self.below = below
        self.up_to = up_to

    def quantiles(self, bands: Array, level: Array, chances: tuple[float, ...]) -> Array:
        """Set those quantiles to zero that fall on it, and keep the others on their side of it."""
        below, up_to = self._shares(level)
        wanted = np.array(chances)
        one_sided = np.where(wanted <= below, np.minimum(bands, 0.0), np.maximum(bands, 0.0))
        return np.where((wanted > below) & (wanted <= up_to), 0.0, one_sided)

    def chances(self, chances: Array, level: Array, amounts: Array) -> Array:
        """Hold the chance below each amount to what is known of zero."""
        below, up_to = self._shares(level)
        return np.where(amounts < 0, np.minimum(chances, below), np.maximum(chances, up_to))

    def _shares(self, level: Array) -> tuple[Array, Array]:
        none = np.zeros(len(level))
        return self.below.apply(none, level)[:, None], self.up_to.apply(none, level)[:, None]


def chance_of_nothing(level: Array, y: Array) -> ChanceOfNothing:
    """Count, level by level.

    Parameters
    ----------
    level : ndarray of shape (n,)
        Point prediction on the asinh scale of customers whom the learners have not seen.
    y : ndarray of shape (n,)
        What they were worth, in book currency.

    Returns
    -------
    ChanceOfNothing

    Examples
    --------
    >>> import numpy as np
    >>> learned = chance_of_nothing(np.zeros(4), np.array([0.0, 0.0, 0.0, 5.0]))
    >>> learned.quantiles(np.array([[0.1, 0.2, 6.0]]), np.zeros(1), (0.1, 0.5, 0.9)).tolist()
    [[0.0, 0.0, 6.0]]
    >>> learned.chances(np.array([[0.4]]), np.zeros(1), np.array([[0.0]])).tolist()
    [[0.75]]
    """
    parts = levels_of(level)
    where = np.array([level[part].mean() for part in parts])
    below = np.array([np.mean(y[part] < 0) for part in parts])
    up_to = np.array([np.mean(y[part] <= 0) for part in parts])
    return ChanceOfNothing(ShiftByLevel(where, below), ShiftByLevel(where, up_to))
