"""The groups that customers are compared by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from segment.dates import younger_than

REPLAY_GROUPS = ("peer_group", "tenure_band", "age_band", "sex", "region")
"""Columns that a replay is audited by; none of the added ones is ever a feature."""

TENURE_BANDS = (("under 1 year", 12), ("1 to 5 years", 60), ("5 to 10 years", 120))

LEAST_NAMED = 10
"""A group of fewer customers is not even named: a rare word of the ledger could be one person's."""


def age_bands(born: pl.Expr, ages: Sequence[int], as_of: dt.date | pl.Expr) -> pl.Expr:
    """Name the age band of a date."""
    names = [f"under {ages[0]}", *(f"{low} to {high - 1}" for low, high in zip(ages[:-1], ages[1:], strict=True))]
    chosen: pl.Expr = pl.lit(f"{ages[-1]} and over")
    for name, age in reversed(list(zip(names, ages, strict=True))):
        chosen = pl.when(younger_than(born, age, as_of)).then(pl.lit(name)).otherwise(chosen)
    return pl.when(born.is_not_null()).then(chosen)


def income_bands(income: pl.Series, bands: int) -> pl.Series:
    """Cut customers into equal parts by income, the poorest first; equal incomes stay together."""
    # `income`: A customer's money of a year; missing counts as none.
    filled = income.cast(pl.Float64).fill_nan(None).fill_null(0.0)
    place = (filled.rank("average") - 0.5) / max(len(filled), 1)
    return (place * bands).floor().clip(0, bands - 1).cast(pl.Int64) + 1


def large_groups(attribute: pl.Series, least: int) -> list[str]:
    """List the groups of enough customers."""
    counted = attribute.drop_nulls().value_counts(name="n")
    return sorted(counted.filter(pl.col("n") >= least)[attribute.name].to_list())


def with_group_columns(rows: pl.DataFrame, people: pl.DataFrame, ages: Sequence[int]) -> pl.DataFrame:
    """Add the groups that are known of customers: `tenure_band` and, where given, `age_band`, `sex` and `region`."""
    joined = rows.join(people, on="customer_id", how="left", maintain_order="left")
    given = [name for name in people.columns if joined[name].null_count() < joined.height]
    added = [pl.col(name).cast(pl.String) for name in ("sex", "region") if name in given]
    if "birth_date" in given:
        added.append(age_bands(pl.col("birth_date"), ages, pl.col("as_of")).alias("age_band"))
    tenure: pl.Expr = pl.when(pl.col("tenure_months").is_not_null()).then(pl.lit("10 years and more"))
    for name, below in reversed(TENURE_BANDS):
        tenure = pl.when(pl.col("tenure_months") < below).then(pl.lit(name)).otherwise(tenure)
    return joined.select(*rows.columns, *added, tenure_band=tenure)
