"""A log of purchases, checked and summed by customer and day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

import polars as pl

from segment.arrays import Floats
from segment.exceptions import ModelError

COLUMNS = ("customer_id", "date", "amount")
LEAST_REPEATERS = 30
LEAST_HISTORY_DAYS = 28
MOST_RETURNED = 0.25
"""Of what was bought. A contribution, which is often negative, is no purchase."""


@dataclass(frozen=True)
class PurchaseLog:
    """Purchases up to a day."""

    days: pl.DataFrame  # `customer_id`, `date`, `amount`, one row per customer and day with a purchase, sorted by both
    until: dt.date  # last day that is known
    kept_share: float  # of the amounts bought, what did not come back

    @property
    def start(self) -> dt.date:
        """Day of the first purchase."""
        return self.days["date"].min()  # type: ignore[return-value]

    def spent(self, customers: pl.Series, after: dt.date, days: int) -> Floats:
        """Amounts bought in so many days after a cut-off."""
        within = pl.col("date").is_between(after + dt.timedelta(1), after + dt.timedelta(days))
        sums = self.days.filter(within).group_by("customer_id", maintain_order=True).agg(pl.col("amount").sum())
        known = pl.DataFrame({"customer_id": customers})
        return known.join(sums, on="customer_id", how="left", maintain_order="left")["amount"].fill_null(0.0).to_numpy()


def purchase_log(purchases: Any, until: dt.date | None) -> PurchaseLog:
    """Check a log and sum it by day, up to a day; returns are taken off the day's purchases."""
    frame = _typed(purchases)
    last = until or frame["date"].max()
    past = frame.filter(pl.col("date") <= last)
    if past.is_empty():
        raise ModelError.with_hint(
            f"A log of purchases must hold some{f' up to {until}' if until else ''}. Got none of {frame.height} rows.",
            "check the dates, and what the log was filtered by",
        )
    days = past.group_by("customer_id", "date", maintain_order=True).agg(pl.col("amount").sum())
    bought = days.filter(pl.col("amount") >= 0).sort("customer_id", "date")
    gross, net = float(bought["amount"].sum()), float(days["amount"].sum())
    log = PurchaseLog(bought, cast(dt.date, last), net / gross if gross > 0 else 1.0)
    _must_suit(log, past.height)
    return log


def _must_suit(log: PurchaseLog, rows: int) -> None:
    if log.kept_share < 1.0 - MOST_RETURNED:
        raise ModelError.with_hint(
            f"At most {MOST_RETURNED:.0%} of what is bought may come back as negative amounts. "
            f"Got {1.0 - log.kept_share:.0%}.",
            "leave this forecast out where value is a contribution, which is often negative",
        )
    paid = log.days.filter(pl.col("amount") > 0).group_by("customer_id", maintain_order=True).len()
    repeaters = int((paid["len"] > 1).sum())
    if repeaters < LEAST_REPEATERS:
        raise ModelError.with_hint(
            f"A log of purchases must hold at least {LEAST_REPEATERS} customers who paid on two days or more, up to "
            f"{log.until}. Got {repeaters} of {paid.height:,} customers, in {rows:,} rows.",
            "take a longer log, and check that `customer_id` stays the same from purchase to purchase",
        )
    length = (log.until - log.start).days
    if length < LEAST_HISTORY_DAYS:
        raise ModelError.with_hint(
            f"A log of purchases must reach over at least {LEAST_HISTORY_DAYS} days. Got {length}, up to {log.until}.",
            "take a longer log",
        )


def _typed(purchases: Any) -> pl.DataFrame:
    """Take the three columns from a Polars or pandas frame, with types that can be counted on."""
    _must_have_columns(purchases)
    columns = list(COLUMNS)
    frame = purchases.select(columns) if isinstance(purchases, pl.DataFrame) else pl.from_pandas(purchases[columns])
    date = pl.col("date")
    if frame.schema["date"] == pl.String:
        date = date.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    elif not frame.schema["date"].is_temporal():
        raise ModelError.with_hint(
            f"`date` must hold dates, or text such as 2025-12-31. Got {frame.schema['date']}.", "turn it into dates"
        )
    amount = pl.col("amount").cast(pl.Float64, strict=False)
    frame = frame.with_columns(date.cast(pl.Date), pl.when(amount.is_finite()).then(amount).alias("amount"))
    unusable = {name: frame[name].null_count() for name in COLUMNS if frame[name].null_count()}
    if unusable:
        found = ", ".join(f"{count:,} without `{name}`" for name, count in unusable.items())
        raise ModelError.with_hint(
            "Each purchase must have a `customer_id`, a `date` such as 2025-12-31 and an `amount` that is a number. "
            f"Got {found}, of {frame.height:,} rows.",
            "fill these in, or leave the rows out",
        )
    return frame


def _must_have_columns(purchases: Any) -> None:
    absent = [name for name in COLUMNS if name not in getattr(purchases, "columns", [])]
    if absent:
        raise ModelError.with_hint(
            f"A log of purchases must be a pandas or Polars frame with the columns {', '.join(COLUMNS)}. "
            f"Got a {type(purchases).__name__} without {', '.join(absent)}.",
            "rename the columns of the log",
        )
