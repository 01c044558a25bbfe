"""At which hours of the day people come to each branch, where the ledger tells the time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl

from segment.dates import last_months, month_end
from segment.files import write_parquet
from segment.workspace import Workspace

FILE = "branch_hours.parquet"
SCHEMA: dict[str, type[pl.DataType]] = {"branch_id": pl.String, "hour": pl.Int64, "visits": pl.Int64}
_MONTHS = 12


def write_branch_hours(
    events: Callable[[dt.date, dt.date], pl.DataFrame], customers: pl.DataFrame, as_of: dt.date, workspace: Workspace
) -> None:
    """Count the last year's visits to the counter by branch and hour; none is counted whose time is not told."""
    # `events`: The service events of a span of days.
    home = customers.select("customer_id", "branch_id")
    months = last_months(as_of.replace(day=1), _MONTHS)
    write_visits(pl.concat(count_visits(events(month, month_end(month)), home) for month in months), workspace)


def count_visits(events: pl.DataFrame, home: pl.DataFrame) -> pl.DataFrame:
    """Count visits to the counter by branch and hour; `home`: Customers and their branches."""
    return (
        events.filter(pl.col("channel").cast(pl.String) == "counter", pl.col("occurred_at").is_not_null())
        .join(home, on="customer_id", how="inner")
        .group_by("branch_id", hour=pl.col("occurred_at").dt.hour().cast(pl.Int64), maintain_order=True)
        .agg(visits=pl.len().cast(pl.Int64))
        .select(*SCHEMA)
    )


def write_visits(counted: pl.DataFrame, workspace: Workspace) -> None:
    """Add visits up, and write them."""
    hours = (
        counted.group_by("branch_id", "hour", maintain_order=True).agg(pl.col("visits").sum()).sort("branch_id", "hour")
    )
    write_parquet(hours, workspace.reference / FILE)


def read_branch_hours(workspace: Workspace) -> pl.DataFrame:
    """Read them; a workspace of before has none."""
    file = workspace.reference / FILE
    return pl.read_parquet(file, glob=False) if file.is_file() else pl.DataFrame(schema=SCHEMA)
