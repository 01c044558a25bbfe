"""What the months before a list show of each customer, from which events are found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from segment.dates import last_months
from segment.features.store import month_file, scan_months
from segment.policy import Policy
from segment.upgrade.triggers import find_triggers, months_needed


def dated_events(
    tables: Mapping[str, pl.DataFrame], months: Path, policy: Policy, as_of: dt.date, list_on: dt.date
) -> pl.DataFrame:
    """Find the dated events that set contacts off, from the months that were extracted and the small tables."""
    products = [f"balance_{name}" for name in policy.products_of("deposit", "wealth")]
    wanted = [month_file(months, month) for month in last_months(as_of, months_needed(policy.upgrade.triggers))]
    written = [path for path in wanted if path.is_file()]
    schema = {"customer_id": pl.String, "month": pl.Date, **dict.fromkeys(("salary", "inflow", "deposits"), pl.Float64)}
    if not written:
        empty = pl.DataFrame(schema={**schema, **dict.fromkeys(products, pl.Float64)})
        return find_triggers(empty, tables, policy, as_of, list_on)
    seen = scan_months(written).select(
        "customer_id",
        "month",
        *(pl.col(name).cast(pl.Float64) for name in products),
        salary=pl.col("flow_salary").cast(pl.Float64),
        inflow=pl.col("external_inflow").cast(pl.Float64),
        deposits=pl.sum_horizontal(pl.col(*products).cast(pl.Float64)),
    )
    return find_triggers(seen.collect(engine="in-memory"), tables, policy, as_of, list_on)
