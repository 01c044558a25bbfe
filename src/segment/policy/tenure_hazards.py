"""How many relations end in a month, by how long they have lasted, before a bank's own books say anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from segment.arrays import Flags, Floats, Integers

BANDS: Final = ("new", "first_year", "main", "other")
"""Months 1-3 of a relation, 4-12, and later: main relations and others."""

PRIOR: Final[Mapping[str, float]] = {"new": 0.038, "first_year": 0.014, "main": 0.005, "other": 0.012}
"""Departures a month, DOMAIN.md 3.8 [K]."""

NEW_MONTHS, FIRST_YEAR = 3, 12


def hazard_by_tenure(month: Integers | Floats, main: Flags, hazards: Mapping[str, float] = PRIOR) -> Floats:
    """Look up the hazard of each relation in a month of its life.

    Parameters
    ----------
    month : numpy.ndarray
        Months since the relation began.
    main : numpy.ndarray of bool
        Whether it is a main relation; broadcast with `month`.
    hazards : mapping of str to float
        Departures a month in each of `BANDS`; the prior by default.

    Returns
    -------
    numpy.ndarray
        Of the shape that `month` and `main` have together.
    """
    later = np.where(main, hazards["main"], hazards["other"])
    early = [month <= NEW_MONTHS, month <= FIRST_YEAR]
    return np.select(early, [hazards["new"], hazards["first_year"]], later)


RAMP_MONTHS = 6
"""A moved main account: salary first, bills, then balances (DOMAIN.md 6.3)."""


def value_months(
    tenure: Integers,
    main: Flags,
    ramp: Flags,
    horizon: int,
    discount_annual: float,
    hazards: Mapping[str, float] = PRIOR,
) -> Floats:
    """Say how many months of itself a lasting monthly gain is worth (DOMAIN.md 3.6).

    Parameters
    ----------
    tenure : numpy.ndarray of int
        Months that each relation has lasted.
    main : numpy.ndarray of bool
        Whether it is, or would become, a main relation.
    ramp : numpy.ndarray of bool
        Whether the gain grows over six months, as that of a moved main account does.
    horizon : int
        Months that count.
    discount_annual : float
        What a gain is worth less for each year that it comes later.
    hazards : mapping of str to float
        Departures a month in each of `BANDS`; the prior by default.

    Returns
    -------
    numpy.ndarray of float
        Of each relation.
    """
    alive = np.ones(len(tenure))
    total = np.zeros(len(tenure))
    for month in range(1, horizon + 1):
        alive = alive * (1.0 - hazard_by_tenure(tenure + month, main, hazards))
        grown = np.where(ramp, min(1.0, month / RAMP_MONTHS), 1.0)
        total += alive * grown / (1.0 + discount_annual) ** (month / 12.0)
    return total
