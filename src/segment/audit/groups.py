"""The groups that customers are compared by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

LEAST_TOLD = 10
"""A group of fewer customers is not even named: a rare word of the ledger could be one person's."""


def age_bands(born: pl.Expr, ages: Sequence[int], as_of: dt.date | pl.Expr) -> pl.Expr:
    """Name the age band of a moment.

    Parameters
    ----------
    born : polars.Expr
        Dates of birth.
    ages : sequence of int
        Ascending ages at which a new band begins.
    as_of : datetime.date or polars.Expr
        The moment, or each row's own.

    Returns
    -------
    polars.Expr
        Words; null where the date is not known.

    Examples
    --------
    >>> people = pl.DataFrame({"born": [dt.date(1996, 1, 1), dt.date(1995, 12, 31), dt.date(1950, 1, 1), None]})
    >>> people.select(age_bands(pl.col("born"), (30, 60), dt.date(2025, 12, 31))).to_series().to_list()
    ['under 30', '30 to 59', '60 and over', None]
    """
    names = [f"under {ages[0]}", *(f"{low} to {high - 1}" for low, high in zip(ages[:-1], ages[1:], strict=True))]
    chosen: pl.Expr = pl.lit(f"{ages[-1]} and over")
    for name, age in reversed(list(zip(names, ages, strict=True))):
        # who was born on 29 February comes of age on 1 March, as for lists
        younger = born.dt.offset_by(f"{age}y") > as_of
        chosen = pl.when(younger).then(pl.lit(name)).otherwise(chosen)
    return pl.when(born.is_not_null()).then(chosen)


def income_bands(income: pl.Series, bands: int) -> pl.Series:
    """Cut customers into equal parts by income, the poorest first; equal incomes stay together.

    Parameters
    ----------
    income : polars.Series
        A customer's money of a year; missing counts as none.
    bands : int
        How many parts.

    Returns
    -------
    polars.Series of int
        From 1.

    Examples
    --------
    >>> income_bands(pl.Series([10.0, 20.0, 30.0, 40.0]), 2).to_list(), income_bands(pl.Series([0.0, 0.0]), 5).to_list()
    ([1, 1, 2, 2], [3, 3])
    """
    known = income.cast(pl.Float64).fill_nan(None).fill_null(0.0)
    place = (known.rank("average") - 0.5) / max(len(known), 1)
    return (place * bands).floor().clip(0, bands - 1).cast(pl.Int64) + 1


def large_groups(attribute: pl.Series, least: int) -> list[str]:
    """List the groups of enough customers.

    Parameters
    ----------
    attribute : polars.Series of str
        A word per customer; null where it is not known.
    least : int
        Customers that a group must have.

    Returns
    -------
    list of str
        By name.

    Examples
    --------
    >>> large_groups(pl.Series(["a"] * 50 + ["b"] * 49 + [None]), 50)
    ['a']
    """
    counted = attribute.drop_nulls().value_counts(name="n")
    return sorted(counted.filter(pl.col("n") >= least)[attribute.name].to_list())
