"""What customers ask of their branches, from the counts of their months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

MONTHS: Final = 12
"""Months of traffic that a plan looks at."""

TRAFFIC: Final = {
    "customer_id": pl.String,
    "month": pl.Date,
    "visits": pl.Float64,
    "meetings": pl.Float64,
    "adviser_minutes": pl.Float64,
    "calls": pl.Float64,
}


@dataclass(frozen=True)
class Traffic:
    """What customers asked of their branches over the last year's months."""

    months: tuple[dt.date, ...]
    rows: pl.DataFrame  # `TRAFFIC`
    contacts: float  # Calls and meetings of the whole bank: 0 where its ledger tells of none

    @classmethod
    def of(cls, months: Sequence[dt.date], rows: pl.DataFrame) -> Traffic:
        """Take the rows of the whole bank."""
        return cls(tuple(months), rows, float(rows.select(contacts().sum()).item() or 0.0))


def contacts() -> pl.Expr:
    """Calls and meetings of a row of traffic."""
    return pl.col("calls").fill_null(0.0) + pl.col("meetings").fill_null(0.0)


def traffic_of(rows: pl.LazyFrame, month: dt.date) -> pl.LazyFrame:
    """Take the traffic out of customer months of a month."""
    return rows.select(
        "customer_id",
        pl.lit(month).alias("month"),
        (pl.col("count_counter") + pl.col("visits_counter")).alias("visits"),
        pl.col("visits_adviser").alias("meetings"),
        "adviser_minutes",
        pl.col("visits_phone").alias("calls"),
    ).cast(TRAFFIC)  # type: ignore[arg-type]
