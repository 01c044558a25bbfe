"""A scale on which heavy tails weigh little, and the shifts that take its bias out again."""

# Money y is learned as z = asinh(y / s), linear for small amounts of either sign and logarithmic for large ones. The
# mean of z is not the z of the mean; `mean_shift` makes up for it where the prediction stands.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segment.arrays import Floats, Integers
from segment.statistics import weighted_quantile, weights_of

MAX_LEVELS = 20
ROWS_PER_LEVEL = 200
ROWS_PER_STRATUM = 200
MOSTLY = 0.4
BEND = 0.99


def is_zero_inflated(y: Floats, weight: Floats | None = None) -> bool:
    """Tell whether so many amounts are zero that medians say nothing about them."""
    return bool(np.average(y == 0, weights=weight) > MOSTLY)


def money_scale(y: Floats, weight: Floats | None = None) -> float:
    """Learn where small amounts end: the mean size of the amounts that are not zero."""
    # Where most are zero, the few others make the mean, and a scale that folds them together would lose who they are:
    # it then bends beyond all but a hundredth of the amounts.
    # `y` (n,): Amounts in book currency.
    sizes = np.abs(y)
    some = sizes > 0
    scale = float(np.average(sizes[some], weights=weights_of(weight, some))) if some.any() else 1.0
    if is_zero_inflated(y, weight):
        scale = max(scale, float(weighted_quantile(sizes, BEND, weight, "linear")))
    return scale if np.isfinite(1.0 / scale) else 1.0


def to_scale(y: Floats, scale: float) -> Floats:
    """Money to asinh scale."""
    return np.asarray(np.arcsinh(y / scale), dtype=np.float64)


def from_scale(z: Floats, scale: float) -> Floats:
    """Back to money from asinh scale."""
    return np.asarray(np.sinh(z) * scale, dtype=np.float64)


class ShiftByLevel:
    """A shift on the asinh scale that changes with the level of the prediction, linear between levels."""

    # `levels`, `shifts` (k,): Mean prediction of each level, increasing, and the shift there.

    def __init__(self, levels: Floats, shifts: Floats) -> None:
        self.levels = levels
        self.shifts = shifts

    def apply(self, z: Floats, level: Floats) -> Floats:
        """Shift `z` by what holds at `level`."""
        return z + np.interp(level, self.levels, self.shifts)


def mean_shift(z: Floats, y: Floats, scale: float, weight: Floats | None = None) -> ShiftByLevel:
    """Learn the shift that makes mean prediction and mean value agree, level by level and in total."""
    # This is Duan's smearing with one factor per level: the sum over customers of sinh(z + d) is sinh(d) * sum(cosh z)
    # + cosh(d) * sum(sinh z), which solves for d.
    # `z` (n,): Predictions of customers whom the learners have not seen, on the asinh scale.
    # `y` (n,): What these customers were worth, in book currency.
    # Source: N. Duan, *Smearing Estimate: A Nonparametric Retransformation Method*, JASA 78 (1983), 605-610.
    parts = levels_of(z, weight)
    shifts = np.array([_shift_to_total(z[part], y[part], scale, weights_of(weight, part)) for part in parts])
    shift = ShiftByLevel(mean_by_level(z, parts, weight), shifts)
    shift.shifts = shifts + _shift_to_total(shift.apply(z, z), y, scale, weight)
    return shift


def quantile_shift(
    predicted: Floats, target: Floats, quantile: float, level: Floats, weight: Floats | None = None
) -> ShiftByLevel:
    """Learn the shift after which a share `quantile` of new customers lies at or below, at every level."""
    # Conformalised quantile regression, each end for itself, with the levels of the point prediction as groups
    # (Mondrian), so that the best customers' intervals cover as well as everyone's. The shift stands at rank q * (n +
    # 1), between two customers where that is no whole number: a new customer lies below with chance q, where rounding
    # outwards, as is usual, adds up to 1 / n to either end.
    # `predicted`, `target` (n,): Predicted quantile and true value of customers whom the learners have not seen, on the
    # asinh scale.
    # `level` (n,): Point prediction on the asinh scale.
    # Source: Romano, Patterson and Candes, *Conformalized Quantile Regression*, NeurIPS 2019, section 4. Vovk,
    # Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005, section 4.5 (Mondrian).
    parts = levels_of(level, weight)
    misses = target - predicted
    shifts = np.array([weighted_quantile(misses[part], quantile, weights_of(weight, part)) for part in parts])
    return ShiftByLevel(mean_by_level(level, parts, weight), shifts)


class ShiftByStratum:
    """One shift on the asinh scale for each stratum that was large enough; none for others."""

    # `strata` (k,): Codes of the strata, increasing. `shifts` (k,): Of each.

    def __init__(self, strata: Floats, shifts: Floats) -> None:
        self.strata = strata
        self.shifts = shifts

    def of(self, stratum: Floats) -> Floats:
        """Shift of each customer; 0 for a stratum that was not learned, and for none (NaN)."""
        if not len(self.strata):
            return np.zeros(len(stratum))
        place = np.clip(np.searchsorted(self.strata, stratum), 0, len(self.strata) - 1)
        return np.where(self.strata[place] == stratum, self.shifts[place], 0.0)


def stratum_shift(misses: Floats, quantile: float, stratum: Floats, weight: Floats | None = None) -> ShiftByStratum:
    """Learn the shift after which a share `quantile` of each stratum lies at or below."""
    # `misses` (n,): True value less predicted quantile, on the asinh scale, of customers whom the learners have not
    # seen.
    # `stratum` (n,): Code of each customer's stratum; NaN for none.
    # Source: Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005, section 4.5 (Mondrian).
    codes, counts = np.unique(stratum[~np.isnan(stratum)], return_counts=True)
    large = codes[counts >= ROWS_PER_STRATUM]
    rows = [stratum == code for code in large]
    shifts = [weighted_quantile(misses[here], quantile, weights_of(weight, here)) for here in rows]
    return ShiftByStratum(large, np.array(shifts, dtype=np.float64))


def levels_of(z: Floats, weight: Floats | None = None) -> list[Integers]:
    """Cut predictions into groups of equal weight; equal predictions stay together."""
    # `z` (n,): Predictions on the asinh scale.
    count = int(np.clip(len(z) // ROWS_PER_LEVEL, 1, MAX_LEVELS))
    borders = np.unique(weighted_quantile(z, np.linspace(0, 1, count + 1)[1:-1], weight, "linear"))
    group = np.searchsorted(borders, z, side="left")
    return [np.flatnonzero(group == number) for number in np.unique(group)]


def mean_by_level(values: NDArray[Any], parts: Sequence[Integers], weight: Floats | None) -> Floats:
    """Mean of each group."""
    return np.array([np.average(values[part], weights=weights_of(weight, part)) for part in parts])


def _shift_to_total(z: Floats, y: Floats, scale: float, weight: Floats | None) -> float:
    """Solve sum(sinh(z + d)) = sum(y) / scale for d."""
    upper, lower, total = (each.sum() if weight is None else weight @ each for each in (np.exp(z), np.exp(-z), y))
    return float(np.arcsinh(total / scale / np.sqrt(upper * lower)) - 0.5 * np.log(upper / lower))
