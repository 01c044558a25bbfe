"""What a household brings together tells of each member, also of one who was erased."""

from __future__ import annotations

import polars as pl

HOUSEHOLD = "household_contribution_12m"
"""Column of what a household's members bring together; null where the ledger names no household."""


def sums_without(frame: pl.DataFrame, customer_id: str) -> pl.Series:
    """Empty the sums that a customer is part of: less what the others bring, they say what the customer brought."""
    shared = frame.filter(pl.col("customer_id") == customer_id)[HOUSEHOLD].drop_nulls().unique()
    return frame.select(pl.when(~pl.col(HOUSEHOLD).is_in(shared.implode())).then(HOUSEHOLD))[HOUSEHOLD]
