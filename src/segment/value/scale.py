"""A scale on which heavy tails weigh little, and the shifts that take its bias out again.

Money y is learned as z = asinh(y / s), linear for small amounts of either sign and logarithmic for large ones.
The mean of z is not the z of the mean; `mean_shift` makes up for it where the prediction stands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MAX_LEVELS = 20
ROWS_PER_LEVEL = 200
MOSTLY = 0.4
BEND = 0.99


def mostly_nothing(y: Array) -> bool:
    """Tell whether so many amounts are zero that medians say nothing about them.

    Examples
    --------
    >>> import numpy as np
    >>> mostly_nothing(np.array([0.0, 0.0, 7.0])), mostly_nothing(np.array([0.0, 1.0, 7.0]))
    (True, False)
    """
    return bool(np.mean(y == 0) > MOSTLY)


def money_scale(y: Array) -> float:
    """Learn where small amounts end: the mean size of the amounts that are not zero.

    Where most are zero, the few others make the mean, and a scale that folds them together would lose who they are:
    it then bends beyond all but a hundredth of the amounts.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Amounts in book currency.

    Returns
    -------
    float
        Positive; 1 where every amount is zero.

    Examples
    --------
    >>> import numpy as np
    >>> money_scale(np.array([0.0, -30.0, 10.0]))
    20.0
    """
    sizes = np.abs(y[y != 0])
    scale = float(sizes.mean()) if len(sizes) else 1.0
    scale = max(scale, float(np.quantile(np.abs(y), BEND))) if mostly_nothing(y) else scale
    return scale if np.isfinite(1.0 / scale) else 1.0


def to_scale(y: Array, scale: float) -> Array:
    """Money to asinh scale."""
    return np.asarray(np.arcsinh(y / scale), dtype=np.float64)


def from_scale(z: Array, scale: float) -> Array:
    """Back to money from asinh scale."""
    return np.asarray(np.sinh(z) * scale, dtype=np.float64)


class ShiftByLevel:
    """A shift on the asinh scale that changes with the level of the prediction, linear between levels.

    Attributes
    ----------
    levels, shifts : ndarray of shape (k,)
        Mean prediction of each level, increasing, and the shift there.
    """

    def __init__(self, levels: Array, shifts: Array) -> None:
        self.levels = levels
        self.shifts = shifts

    def apply(self, z: Array, level: Array) -> Array:
        """Shift `z` by what holds at `level`."""
        return z + np.interp(level, self.levels, self.shifts)


def mean_shift(z: Array, y: Array, scale: float) -> ShiftByLevel:
    """Learn the shift that makes mean prediction and mean value agree, level by level and in total.

    This is Duan's smearing with one factor per level: the sum over customers of sinh(z + d) is
    sinh(d) * sum(cosh z) + cosh(d) * sum(sinh z), which solves for d.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Predictions of customers whom the learners have not seen, on the asinh scale.
    y : ndarray of shape (n,)
        What these customers were worth, in book currency.
    scale : float
        Of `money_scale`.

    Returns
    -------
    ShiftByLevel

    References
    ----------
    N. Duan, *Smearing Estimate: A Nonparametric Retransformation Method*, JASA 78 (1983), 605-610.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.zeros(3)
    >>> shift = mean_shift(z, np.array([0.0, 0.0, 30.0]), scale=5.0)
    >>> float(from_scale(shift.apply(z, z), 5.0).mean().round(6))
    10.0
    """
    parts = levels_of(z)
    shifts = np.array([_shift_to_total(z[part], y[part].sum() / scale) for part in parts])
    shift = ShiftByLevel(np.array([z[part].mean() for part in parts]), shifts)
    shift.shifts = shifts + _shift_to_total(shift.apply(z, z), y.sum() / scale)
    return shift


def quantile_shift(predicted: Array, target: Array, quantile: float, level: Array) -> ShiftByLevel:
    """Learn the shift after which a share `quantile` of new customers lies at or below, at every level.

    Conformalised quantile regression, each end for itself, with the levels of the point prediction as groups
    (Mondrian), so that the best customers' intervals cover as well as everyone's. The shift stands at rank
    q * (n + 1), between two customers where that is no whole number: a new customer lies below with chance q, where
    rounding outwards, as is usual, adds up to 1 / n to either end.

    Parameters
    ----------
    predicted, target : ndarray of shape (n,)
        Predicted quantile and true value of customers whom the learners have not seen, on the asinh scale.
    quantile : float
        Between 0 and 1.
    level : ndarray of shape (n,)
        Point prediction on the asinh scale.

    Returns
    -------
    ShiftByLevel

    References
    ----------
    Romano, Patterson and Candes, *Conformalized Quantile Regression*, NeurIPS 2019, section 4.
    Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005, section 4.5 (Mondrian).
    """
    parts = levels_of(level)
    misses = target - predicted
    shifts = np.array([np.quantile(misses[part], quantile, method="weibull") for part in parts])
    return ShiftByLevel(np.array([level[part].mean() for part in parts]), shifts)


def levels_of(z: Array) -> list[NDArray[np.intp]]:
    """Cut predictions into equal-count groups; equal predictions stay together.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Predictions on the asinh scale.

    Returns
    -------
    list of ndarray
        Row numbers of each group, lowest predictions first.
    """
    count = int(np.clip(len(z) // ROWS_PER_LEVEL, 1, MAX_LEVELS))
    borders = np.unique(np.quantile(z, np.linspace(0, 1, count + 1)[1:-1])) if count > 1 else np.empty(0)
    group = np.searchsorted(borders, z, side="left")
    return [np.flatnonzero(group == number) for number in np.unique(group)]


def _shift_to_total(z: Array, total: float) -> float:
    """Solve sum(sinh(z + d)) = total for d."""
    upper, lower = np.exp(z).sum(), np.exp(-z).sum()
    return float(np.arcsinh(total / np.sqrt(upper * lower)) - 0.5 * np.log(upper / lower))
