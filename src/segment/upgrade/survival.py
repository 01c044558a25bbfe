"""How long what an offer brings lasts: survival of relations by tenure, and the years that a lasting gain is worth."""

# A gain of a month is worth `sum over t = 1..H of S(t) * ramp(t) / (1 + d) ** (t / 12)` months of itself (DOMAIN.md
# 3.6). S follows from monthly hazards by tenure; a departure is a relation that ends, or pay that stops for good. The
# hazards are the ledger's own, drawn towards the prior of DOMAIN.md 3.8 as far as customer-months are few.

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.arrays import Flags, Floats, Integers
from segment.policy.contacts import Upgrade
from segment.policy.tenure_hazards import BANDS, FIRST_YEAR, NEW_MONTHS, DeparturePrior, value_months


@dataclass(frozen=True)
class Survival:
    """Departures a month in each of `BANDS`, and what they were learned from."""

    hazard: dict[str, float]
    customer_months: float = 0.0  # 0: the prior alone

    def value_months(self, tenure: Integers, main: Flags, ramp: Flags, rules: Upgrade) -> Floats:
        """Months of itself that a lasting monthly gain is worth, of each customer."""
        lasting = rules.value_horizon_months, rules.discount_annual, self.hazard, rules.ramp_months
        return value_months(tenure, main, ramp, *lasting)


def learn_survival(
    customers: pl.DataFrame, paid: pl.DataFrame, first: dt.date, as_of: dt.date, prior: DeparturePrior
) -> Survival:
    """Count departures and customer-months of the ledger by tenure."""
    # `customers`: `customer_id`, `joined_on`, `left_on`, of everyone ever with the bank.
    # `paid`: `customer_id`, `first_paid`, `last_paid`, `paid_months`: months in which a salary or pension came in here.
    # `first`: The first month of the ledger.
    start, end = _month_of(first), _month_of(as_of) + 1
    # of a short ledger departures count in proportion to its months
    counts, stopped = min(1.0, (end - start) / prior.whole_history_months), prior.pay_stopped_months
    rows = customers.join(paid, on="customer_id", how="left")
    days = ("joined_on", "left_on", "first_paid", "last_paid")
    joined, left, paid_from, paid_to = (_months(rows, name) for name in days)
    known = ~np.isnan(joined)
    here_to = np.where(np.isnan(left) | (left >= end), end, left + 1.0)
    main = rows["paid_months"].fill_null(0).to_numpy() >= stopped
    # pay that came in to the end, or until the relation ended, did not move away
    moved = main & (paid_to + stopped < end) & (paid_to + stopped < here_to)
    main_to = np.where(moved, paid_to + 2.0, here_to)
    ends = ~np.isnan(left) & (left < end) & (left >= start)
    exposed: dict[str, float] = {}
    events: dict[str, float] = {}
    bands = {"new": (0, NEW_MONTHS), "first_year": (NEW_MONTHS, FIRST_YEAR), "later": (FIRST_YEAR, np.inf)}
    for band, (low, high) in bands.items():
        of_band = known & _within(left - joined, low, high) & ends
        begins, stops = np.maximum(joined + low, start), np.minimum(joined + high, here_to)
        whole = np.where(known, np.maximum(stops - begins, 0.0), 0.0)
        if band != "later":
            exposed[band], events[band] = float(whole.sum()), float(of_band.sum())
            continue
        as_main = np.minimum(main_to, stops) - np.maximum(np.nan_to_num(paid_from, nan=np.inf), begins)
        of_main = np.where(known & main, np.maximum(as_main, 0.0), 0.0)
        gone = of_band & main & ~moved
        exposed["main"], exposed["other"] = float(of_main.sum()), float((whole - of_main).sum())
        settled = moved & known & (paid_to + 1.0 - joined >= FIRST_YEAR)
        events["main"], events["other"] = float(gone.sum() + settled.sum()), float((of_band & ~gone).sum())
    weighs, expected = prior.customer_months / counts, prior.hazards
    hazard = {band: (events[band] + weighs * expected[band]) / (exposed[band] + weighs) for band in BANDS}
    return Survival(hazard, sum(exposed.values()))


def paid_here(months: pl.LazyFrame) -> pl.DataFrame:
    """When each customer was paid here, of customer months: first and last month, and how many."""
    came = (pl.col("flow_salary") > 0.0) | (pl.col("flow_pension") > 0.0)
    return (
        months.filter(came)
        .group_by("customer_id", maintain_order=True)
        .agg(first_paid=pl.col("month").min(), last_paid=pl.col("month").max(), paid_months=pl.len())
        .collect(engine="in-memory")
    )


def _within(value: Floats, low: float, high: float) -> Flags:
    return (value >= low) & (value < high)


def _months(rows: pl.DataFrame, name: str) -> Floats:
    """Months since the year 0; not a number where there is no day."""
    column = pl.col(name)
    number = column.dt.year().cast(pl.Float64) * 12.0 + column.dt.month().cast(pl.Float64) - 1.0
    return rows.select(number).to_series().fill_null(np.nan).to_numpy()


def _month_of(day: dt.date) -> int:
    return day.year * 12 + day.month - 1
