"""From the customers' sums of twelve months to the contribution that is published, step by step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from segment.contribution.lines import LINES
from segment.features import months_written
from segment.features.known import next_month
from segment.features.store import month_file
from segment.policy import Policy
from segment.warehouse import Workspace

_ROUNDING = 1e-5  # months are kept to six decimals, so twelve of a dozen lines may differ by this
_SIDES = {line.name: 1.0 if line.side == "income" else -1.0 for line in LINES}


def bridge(
    tiers: pl.DataFrame, workspace: Workspace, months: Sequence[dt.date], policy: Policy
) -> tuple[dict[str, float], list[str]]:
    """Add up from all customers' lines to what is published.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published, one moment.
    workspace : Workspace
        Holds the customer months.
    months : sequence of datetime.date
        That the moment rests on, ascending.
    policy : Policy
        Says over how many months commissions are spread.

    Returns
    -------
    dict of str to float
        `all_customers` (lines as booked), `of_customers_who_left` (held by nobody who is published),
        `commissions_as_booked` and `commissions_as_spread` (of those who are), `published`, and `customers`. The first,
        less the second and third, plus the fourth, is `published`.
    list of str
        What does not add up, in plain words, without a customer.
    """
    booked = _booked(workspace, months)
    spread = _spread(workspace, months, policy.fees.commission.spread_months)
    whole = (
        tiers.select("customer_id", "contribution_12m", published=pl.lit(True))
        .join(booked, on="customer_id", how="full", coalesce=True)
        .join(spread, on="customer_id", how="left")
        .with_columns(pl.col("published").fill_null(False), pl.col("booked", "commissions", "spread").fill_null(0.0))
    )
    present, left = whole.filter("published"), whole.filter(~pl.col("published"))
    expected = pl.col("booked") - pl.col("commissions") + pl.col("spread")
    wrong = present.filter(((expected - pl.col("contribution_12m")).abs() > _ROUNDING).fill_null(True)).height
    figures = {
        "all_customers": float(whole["booked"].sum()),
        "of_customers_who_left": float(left["booked"].sum()),
        "commissions_as_booked": float(present["commissions"].sum()),
        "commissions_as_spread": float(present["spread"].sum()),
        "published": float(present["contribution_12m"].sum()),
    }
    faults = [] if not wrong else [f"the contribution of {wrong} published customers is not the sum of their months"]
    return {name: round(value, 2) + 0.0 for name, value in figures.items()} | {"customers": present.height}, faults


def _booked(workspace: Workspace, months: Sequence[dt.date]) -> pl.DataFrame:
    """Each customer's contribution and commissions as they were booked."""
    lines = pl.concat(
        [
            pl.scan_parquet(month_file(workspace.customer_months, month)).select(
                "customer_id",
                booked=pl.sum_horizontal(pl.col(name) * side for name, side in _SIDES.items()),
                commissions="commission_income",
            )
            for month in months
        ]
    )
    return lines.group_by("customer_id").agg(pl.col("booked", "commissions").sum()).collect()


def _spread(workspace: Workspace, months: Sequence[dt.date], over: int) -> pl.DataFrame:
    """Each customer's commissions as far as they are spread into those of these months that have the customer."""
    first = next_month(months[0], 1 - over)
    known = [month for month in months_written(workspace.customer_months, _end(months[-1])) if month >= first]
    sold = pl.concat(
        [
            pl.read_parquet(month_file(workspace.customer_months, month), columns=["customer_id", "commission_income"])
            .filter(pl.col("commission_income") != 0.0)
            .with_columns(sold_in=pl.lit(month))
            for month in known
        ]
    )
    parts = sold.join(pl.DataFrame({"later": range(over)}), how="cross").select(
        "customer_id",
        month=pl.col("sold_in").dt.offset_by(pl.format("{}mo", "later")),
        spread=pl.col("commission_income") / over,
    )
    buyers = sold["customer_id"].unique()
    there = pl.concat(
        [
            pl.read_parquet(month_file(workspace.customer_months, month), columns=["customer_id", "month"]).filter(
                pl.col("customer_id").is_in(buyers.implode())
            )
            for month in months
        ]
    )
    return (
        parts.join(there, on=["customer_id", "month"], how="semi").group_by("customer_id").agg(pl.col("spread").sum())
    )


def _end(month: dt.date) -> dt.date:
    return next_month(month) - dt.timedelta(days=1)
