"""Departures that a ledger shows: relations that ended, and main banks that moved away."""

# A main bank has moved away when income, bills and spending have stayed away for three months in a row, of a customer
# who lived on income that came here. The departure is dated on the last of the three: until then it is not known.

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.arrays import Flags, Floats, Integers
from segment.dates import months_between
from segment.features.cube import Cube
from segment.features.derived import MAIN_ACCOUNT

NEVER = np.iinfo(np.int32).max
CONFIRMED = 3
"""Months in a row in which everything must have stayed away."""

USUAL = 12
GAP = 6
"""Months that a move may take, the three included: a customer's usual figures are those of the year before."""

LEAST_MAIN_MONTHS = 10
"""Months of that year in which income came in and was lived on here."""

INCOME_LEFT, MEAN_LEFT = 0.50, 0.40
"""Parts that may be left at most: of income, and of income, bills and spending on average."""

STRANDS = {"income": 200.0, "bill_types": 0.75, "spend": 50.0}
"""Least usual figure a month that anything is compared with."""


@dataclass(frozen=True)
class Departures:
    """When each customer departed, as places of months; `NEVER` where that was not seen."""

    left: Integers  # (customers,)
    moved: Integers
    died: Integers
    here: Flags  # (customers, months): with the bank and holding an account


def departures_of(cube: Cube, left_on: Sequence[dt.date | None], died_on: Sequence[dt.date | None]) -> Departures:
    """Find the departures of a bucket's customers, in the months of the cube and not after them."""
    # `left_on`, `died_on`: In the order of the cube's customers.
    holds = np.nan_to_num(cube["accounts_open"]) > 0.0
    last = _last(holds)
    closed = np.where((last >= 0) & (last < len(cube.months) - 1), last + 1, NEVER)
    ended = _places(left_on, cube.months)
    died = _places(died_on, cube.months)
    months = np.arange(len(cube.months))
    here = holds & (months < np.minimum(ended, died)[:, None])
    left = np.where(died <= np.minimum(closed, ended), NEVER, np.minimum(closed, ended))
    left[last < 0] = NEVER
    return Departures(left, _moved(cube, here), died, here)


def _last(holds: Flags) -> Integers:
    """Last month with an account; -1 where there is none."""
    places = holds.shape[1] - 1 - np.argmax(holds[:, ::-1], axis=1)
    return np.where(holds.any(axis=1), places, -1)


def _places(days: Sequence[dt.date | None], months: tuple[dt.date, ...]) -> Integers:
    """Places of days among the months; `NEVER` for those after the last month, who have not happened yet."""
    places = [NEVER if day is None else max(months_between(months[0], day.replace(day=1)), 0) for day in days]
    found = np.array(places, dtype=np.int64)
    return np.where(found < len(months), found, NEVER)


def _moved(cube: Cube, here: Flags) -> Integers:
    """First month at whose end income, bills and spending have stayed away for three months."""
    income = np.nan_to_num(cube["external_inflow"]) - np.nan_to_num(cube["own_in_other_bank"])
    strands = {"income": income, **{name: np.nan_to_num(cube[name]) for name in STRANDS if name != "income"}}
    main = _mean(np.nan_to_num(cube[MAIN_ACCOUNT]), USUAL) * USUAL
    gone = _before(main, GAP) >= LEAST_MAIN_MONTHS - 0.5
    for back in range(CONFIRMED):
        left = np.stack([_left(figures, STRANDS[name], back) for name, figures in strands.items()])
        known = ~np.isnan(left)
        mean = np.where(known, left, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        gone &= (left[0] <= INCOME_LEFT) & (mean <= MEAN_LEFT)
    # who draws a benefit has lost the income, not moved it
    gone &= _mean((np.nan_to_num(cube["benefit_months"]) > 0.0).astype(np.float64), CONFIRMED) == 0.0
    gone &= _mean(here.astype(np.float64), CONFIRMED) >= 1.0
    return np.where(gone.any(axis=1), np.argmax(gone, axis=1), NEVER)


def _left(figures: Floats, least: float, back: int) -> Floats:
    """A month of the last three against the usual figure of before; NaN where that is too little to say."""
    usual = _before(_mean(figures, USUAL), GAP)
    month = _before(figures, back) if back else figures
    return np.where(usual >= least, month / np.where(usual >= least, usual, 1.0), np.nan)


def _mean(figures: Floats, months: int) -> Floats:
    """Mean of the months up to each one; NaN where they are not all in the cube."""
    sums = np.cumsum(np.pad(figures, ((0, 0), (1, 0))), axis=1)
    trailing = np.full(figures.shape, np.nan)
    if figures.shape[1] >= months:
        trailing[:, months - 1 :] = (sums[:, months:] - sums[:, :-months]) / months
    return trailing


def _before(figures: Floats, months: int) -> Floats:
    """The figure of so many months before."""
    earlier = np.full(figures.shape, np.nan)
    earlier[:, months:] = figures[:, :-months]
    return earlier


def died_on(contact_rules: pl.DataFrame) -> dict[str, dt.date]:
    """Day from which a customer is known to have died: nobody departs by dying."""
    died = contact_rules.filter(pl.col("rule") == "deceased").group_by("customer_id", maintain_order=True)
    return dict(died.agg(pl.col("starts_on").min()).iter_rows())
