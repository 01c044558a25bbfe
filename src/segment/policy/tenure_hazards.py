"""How many relations end in a month, by how long they have lasted, before a bank's own books say anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import numpy as np
from pydantic import Field

from segment.arrays import Flags, Floats, Integers
from segment.policy.section import Section

BANDS: Final = ("new", "first_year", "main", "other")
"""Months 1-3 of a relation, 4-12, and later: main relations and others."""

NEW_MONTHS, FIRST_YEAR = 3, 12

Hazard = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]


class DeparturePrior(Section):
    """What is expected of departures before a bank's own books say anything (DOMAIN.md 3.8).

    Attributes
    ----------
    new, first_year, main, other : float
        Relations that end a month: in their first three months, until a year has passed, and later main relations and
        others.
    main_bank_moves_annual : float
        Main banks that move away in a year while the relation goes on.
    most_evidence : float
        Log-odds that a falling balance and a missing salary together add.
    departures : float
        Departures that this weighs as much as, where chances to depart are learned.
    customer_months : float
        Customer-months that this weighs as much as, in each band of tenure, where survival is learned.
    whole_history_months : int
        Months of a ledger from which its departures count in full for survival; of fewer, in proportion.
    pay_stopped_months : int
        Months without pay after which it has stopped for good.
    """

    new: Hazard = 0.038
    first_year: Hazard = 0.014
    main: Hazard = 0.005
    other: Hazard = 0.012
    main_bank_moves_annual: Hazard = 0.05
    most_evidence: float = Field(default=1.3, ge=0)
    departures: Positive = 40.0
    customer_months: Positive = 5_000.0
    whole_history_months: int = Field(default=24, ge=1)
    pay_stopped_months: int = Field(default=3, ge=1)

    @property
    def hazards(self) -> dict[str, float]:
        """Departures a month in each of `BANDS`."""
        return {band: getattr(self, band) for band in BANDS}


def hazard_by_tenure(month: Integers | Floats, main: Flags, hazards: Mapping[str, float]) -> Floats:
    """Look up the hazard of each relation in a month of its life.

    Parameters
    ----------
    month : numpy.ndarray
        Months since the relation began.
    main : numpy.ndarray of bool
        Whether it is a main relation; broadcast with `month`.
    hazards : mapping of str to float
        Departures a month in each of `BANDS`.

    Returns
    -------
    numpy.ndarray
        Of the shape that `month` and `main` have together.
    """
    later = np.where(main, hazards["main"], hazards["other"])
    early = [month <= NEW_MONTHS, month <= FIRST_YEAR]
    return np.select(early, [hazards["new"], hazards["first_year"]], later)


def value_months(
    tenure: Integers,
    main: Flags,
    ramp: Flags,
    horizon: int,
    discount_annual: float,
    hazards: Mapping[str, float],
    ramp_months: int,
) -> Floats:
    """Say how many months of itself a lasting monthly gain is worth (DOMAIN.md 3.6).

    Parameters
    ----------
    tenure : numpy.ndarray of int
        Months that each relation has lasted.
    main : numpy.ndarray of bool
        Whether it is, or would become, a main relation.
    ramp : numpy.ndarray of bool
        Whether the gain grows over some months, as that of a moved main account does.
    horizon : int
        Months that count.
    discount_annual : float
        What a gain is worth less for each year that it comes later.
    hazards : mapping of str to float
        Departures a month in each of `BANDS`.
    ramp_months : int
        Over which such a gain grows.

    Returns
    -------
    numpy.ndarray of float
        Of each relation.
    """
    alive = np.ones(len(tenure))
    total = np.zeros(len(tenure))
    for month in range(1, horizon + 1):
        alive = alive * (1.0 - hazard_by_tenure(tenure + month, main, hazards))
        grown = np.where(ramp, min(1.0, month / ramp_months), 1.0)
        total += alive * grown / (1.0 + discount_annual) ** (month / 12.0)
    return total
