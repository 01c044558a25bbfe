"""The field's simple rival: a balance that falls three months in a row, or a salary that stays away."""

from __future__ import annotations

import numpy as np

from segment.arrays import Floats
from segment.departures.signs import SIGNS

FALLS = 3.0
"""Months in a row in which deposits fell."""

LEAST_SALARIES = 6.0
"""Of the last twelve months, those with a salary or pension from which a missing one says anything."""


def warning_points(signs: Floats) -> Floats:
    """Give a point for falling deposits and one for a missing salary; what is left of deposits settles ties."""
    # `signs` (n, len(SIGNS)).
    # Returns array of shape (n,): from 0 to 2.5.
    falls = np.nan_to_num(_sign(signs, "deposits_falling_months")) >= FALLS
    missing = (_sign(signs, "salary_months_12m") >= LEAST_SALARIES) & (_sign(signs, "months_since_salary") >= 1.0)
    fallen = np.clip(1.0 - np.nan_to_num(_sign(signs, "deposits_1m_of_usual"), nan=1.0), 0.0, 1.0)
    return np.asarray(falls.astype(np.float64) + missing + 0.5 * fallen, dtype=np.float64)


def _sign(signs: Floats, name: str) -> Floats:
    return np.asarray(signs[:, SIGNS.index(name)], dtype=np.float64)
