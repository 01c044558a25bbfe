"""Shifts that make quantiles cover within each stratum, such as each of today's tiers, as well as overall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEAST_ROWS = 200


class ShiftByStratum:
    """One shift on the asinh scale for each stratum that was large enough; none for others.

    Attributes
    ----------
    strata : ndarray of shape (k,)
        Codes of the strata, increasing.
    shifts : ndarray of shape (k,)
        Of each.
    """

    def __init__(self, strata: Array, shifts: Array) -> None:
        self.strata = strata
        self.shifts = shifts

    def of(self, stratum: Array) -> Array:
        """Shift of each customer; 0 for a stratum that was not learned, and for none (NaN)."""
        if not len(self.strata):
            return np.zeros(len(stratum))
        place = np.clip(np.searchsorted(self.strata, stratum), 0, len(self.strata) - 1)
        return np.where(self.strata[place] == stratum, self.shifts[place], 0.0)


def stratum_shift(misses: Array, quantile: float, stratum: Array) -> ShiftByStratum:
    """Learn the shift after which a share `quantile` of each stratum lies at or below.

    Parameters
    ----------
    misses : ndarray of shape (n,)
        True value less predicted quantile, on the asinh scale, of customers whom the learners have not seen.
    quantile : float
        Between 0 and 1.
    stratum : ndarray of shape (n,)
        Code of each customer's stratum; NaN for none.

    Returns
    -------
    ShiftByStratum

    References
    ----------
    Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005, section 4.5 (Mondrian).
    """
    codes, counts = np.unique(stratum[~np.isnan(stratum)], return_counts=True)
    large = codes[counts >= LEAST_ROWS]
    shifts = [np.quantile(misses[stratum == code], quantile, method="weibull") for code in large]
    return ShiftByStratum(large, np.array(shifts, dtype=np.float64))
