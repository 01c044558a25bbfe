"""What a customer's own record says on a date; protected columns are never read."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.features.peers import WHOLE_BANK, peer_groups

DAYS_A_MONTH = 365.25 / 12.0


def tenure_months(as_of: dt.date) -> pl.Expr:
    """Months since `joined_on`."""
    return ((pl.lit(as_of) - pl.col("joined_on")).dt.total_days() / DAYS_A_MONTH).round(3)


def customers_as_of(customers: pl.DataFrame, branches: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """List the customers of a date."""
    left = pl.col("left_on").is_not_null() & (pl.col("left_on") <= as_of)
    present = customers.filter((pl.col("joined_on") <= as_of) & ~left)
    household = pl.when(pl.col("household_id").is_not_null()).then(pl.len().over("household_id"))
    persons = present.with_columns(
        tenure_months=tenure_months(as_of),
        household_size=household.cast(pl.Float64),
    )
    grouped = persons.join(peer_groups(branches), on="branch_id", how="left")
    return grouped.select(
        "customer_id",
        "branch_id",
        pl.col("peer_group").fill_null(WHOLE_BANK),
        "tenure_months",
        pl.col("is_staff").cast(pl.Boolean),
        pl.col("life_stage").cast(pl.String),
        pl.col("occupation").cast(pl.String),
        "household_size",
    )
