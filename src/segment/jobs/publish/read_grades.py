"""The grades by assets that a policy gives, from the customer months."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from segment.features import months_written
from segment.features.store import month_file
from segment.policy import Policy
from segment.tiers.asset_grades import grades_of


def read_grades(customer_months: Path, policy: Policy, as_of: dt.date) -> pl.DataFrame | None:
    """Follow everybody's assets up to a date, a month at a time; None where the policy has no grades."""
    if policy.asset_grades is None:
        return None
    balances = [f"balance_{product}" for product in policy.products_of("deposit", "wealth")]
    assets = pl.sum_horizontal(pl.col(name).clip(lower_bound=0.0) for name in balances)
    files = [month_file(customer_months, month) for month in months_written(customer_months, as_of)]
    months = (
        pl.read_parquet(file, columns=["customer_id", *balances], glob=False).select("customer_id", assets=assets)
        for file in files
    )
    return grades_of(months, policy.asset_grades, as_of)
