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
