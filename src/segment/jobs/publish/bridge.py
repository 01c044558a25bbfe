"""From the customers' sums of twelve months to the contribution that is published, step by step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import polars as pl

from segment.contribution import by_ledger_line
from segment.contribution.lines import LINES
from segment.dates import month_end, next_month
from segment.exact_money import total
from segment.features import months_written
from segment.features.store import month_file, scan_months
from segment.jobs.build.reconcile import contribution_months

_ROUNDING = 1e-5  # months are stored to six decimals, so twelve of a dozen lines may differ by this
_SIDES = {line.name: 1.0 if line.side == "income" else -1.0 for line in LINES}


@dataclass(frozen=True)
class BookedContribution:
    """What customers brought in the months that a date's tiers rest on."""

    months: tuple[dt.date, ...]
    by_line: pl.DataFrame  # `line`, `branch_id`, `month`, `now`
    by_customer: pl.DataFrame  # `customer_id`, `booked`, `commissions`: as booked
    spread: pl.DataFrame  # `customer_id`, `spread`: commissions, as far as they are spread into these months


def read_booked_contribution(customer_months: Path, as_of: dt.date, spread_months: int) -> BookedContribution:
    """Add up the customer months of a date; `spread_months`: Over which a commission is spread."""
    months = contribution_months(customer_months, as_of)
    columns = list(dict.fromkeys(("customer_id", "branch_id", "month", "commission_income", *_SIDES)))
    rows = scan_months([month_file(customer_months, month) for month in months]).select(columns)
    by_line = by_ledger_line(nw.from_native(rows), "now")
    booked = rows.select(
        "customer_id",
        booked=pl.sum_horizontal(pl.col(name) * side for name, side in _SIDES.items()),
        commissions="commission_income",
    )
    return BookedContribution(
        months,
        by_line,
        booked.group_by("customer_id", maintain_order=True)
        .agg(pl.col("booked", "commissions").sum())
        .collect(engine="in-memory"),
        _spread(customer_months, months, spread_months),
    )


def _spread(customer_months: Path, months: Sequence[dt.date], over: int) -> pl.DataFrame:
    """Each customer's commissions as far as they are spread into those of these months that have the customer."""
    first = next_month(months[0], 1 - over)
    sold = pl.concat(
        [
            pl.read_parquet(
                month_file(customer_months, month), columns=["customer_id", "commission_income"], glob=False
            )
            .filter(pl.col("commission_income") != 0.0)
            .with_columns(sold_in=pl.lit(month))
            for month in months_written(customer_months, month_end(months[-1]))
            if month >= first
        ]
    )
    parts = sold.join(pl.DataFrame({"later": range(over)}), how="cross").select(
        "customer_id",
        month=pl.col("sold_in").dt.offset_by(pl.format("{}mo", "later")),
        spread=pl.col("commission_income") / over,
    )
    buyers = pl.col("customer_id").is_in(sold["customer_id"].unique().implode())
    present = pl.concat(
        [
            pl.read_parquet(month_file(customer_months, month), columns=["customer_id", "month"], glob=False).filter(
                buyers
            )
            for month in months
        ]
    )
    of_customers = parts.join(present, on=["customer_id", "month"], how="semi")
    return of_customers.group_by("customer_id", maintain_order=True).agg(pl.col("spread").sum())


def bridge(tiers: pl.DataFrame, contribution: BookedContribution) -> tuple[dict[str, float], list[str]]:
    """Add up from all customers' lines to what is published; returns the steps, and what does not add up."""
    customers = (
        tiers.select("customer_id", "contribution_12m", published=pl.lit(True))
        .join(contribution.by_customer, on="customer_id", how="full", coalesce=True)
        .join(contribution.spread, on="customer_id", how="left")
        .with_columns(pl.col("published").fill_null(False), pl.col("booked", "commissions", "spread").fill_null(0.0))
    )
    present, left = customers.filter("published"), customers.filter(~pl.col("published"))
    expected = pl.col("booked") - pl.col("commissions") + pl.col("spread")
    wrong = present.filter(((expected - pl.col("contribution_12m")).abs() > _ROUNDING).fill_null(True)).height
    steps = {
        "all_customers": total(customers["booked"]),
        "of_customers_who_left": total(left["booked"]),
        "commissions_as_booked": total(present["commissions"]),
        "commissions_as_spread": total(present["spread"]),
        "published": total(present["contribution_12m"]),
    }
    faults = [] if not wrong else [f"the contribution of {wrong} published customers is not the sum of their months"]
    return {**steps, "customers": present.height}, faults
