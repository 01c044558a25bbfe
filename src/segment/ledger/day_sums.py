"""What rows a span of days holds, as sums that add up: of two parts, of many days, in any order."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

import numpy as np
import polars as pl

SEEDS = (1, 2)
SUMS = tuple(f"sum_{seed}" for seed in SEEDS)
HASHES = tuple(f"__hash_{seed}" for seed in SEEDS)
DAY, ROWS = "day", "rows"

SCHEMA = pl.Schema({DAY: pl.Date(), ROWS: pl.Int64(), **dict.fromkeys(SUMS, pl.UInt64())})


def with_hashes(rows: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Put two hashes beside each row, of some of its columns."""
    chosen = rows.select(columns)
    return rows.with_columns(chosen.hash_rows(seed).alias(name) for seed, name in zip(SEEDS, HASHES, strict=True))


def sums_of(hashed: pl.DataFrame) -> tuple[int, ...]:
    """Sum the hashes of all rows, over the edge of 64 bits and on from nought; sums do not mind the rows' order."""
    return tuple(_added(hashed[name]) for name in HASHES)


def day_sums(hashed: pl.DataFrame, dated_by: str) -> pl.DataFrame:
    """Sum rows and hashes by day.

    Parameters
    ----------
    hashed : polars.DataFrame
        What `with_hashes` returns.
    dated_by : str
        The column of days; none is null.

    Returns
    -------
    polars.DataFrame
        One row per day, ascending.
    """
    summed = hashed.group_by(pl.col(dated_by).alias(DAY)).agg(
        pl.len().cast(pl.Int64).alias(ROWS),
        # Polars lets sums of 64 bits run over, as the digest does
        *(pl.col(name).sum().alias(to) for to, name in zip(SUMS, HASHES, strict=True)),
    )
    return summed.select(SCHEMA.names()).sort(DAY)


def digest(days: pl.DataFrame, first: dt.date, last: dt.date) -> str:
    """Hash what a span of days holds.

    Parameters
    ----------
    days : polars.DataFrame
        Day sums, of one part or of several below one another.
    first, last : datetime.date
        Both belong to the span.

    Returns
    -------
    str
        The same for the same rows, however they are spread over parts.

    Examples
    --------
    >>> rows = pl.DataFrame({"on": [dt.date(2025, 6, 1), dt.date(2025, 6, 2)], "amount": [1.0, 2.0]})
    >>> one = day_sums(with_hashes(rows, rows.columns), "on")
    >>> two = pl.concat([one[1:], one[:1]])
    >>> digest(one, dt.date(2025, 6, 1), dt.date(2025, 6, 30)) == digest(two, dt.date(2025, 6, 1), dt.date(2025, 6, 30))
    True
    """
    chosen = days.filter(pl.col(DAY).is_between(first, last))
    return digest_of_sums(int(chosen[ROWS].sum()), tuple(_added(chosen[name]) for name in SUMS))


def digest_of_sums(rows: int, sums: tuple[int, ...]) -> str:
    """Hash a number of rows and the sums of their hashes.

    Parameters
    ----------
    rows : int
        How many.
    sums : tuple of int
        One for each seed.

    Returns
    -------
    str
        Hex digits.
    """
    return hashlib.sha256(repr((rows, list(sums))).encode()).hexdigest()


def add_sums(sums: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """Add the sums of several parts.

    Parameters
    ----------
    sums : iterable of tuple of int
        One tuple for each part.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> add_sums([(1, 2**64 - 1), (1, 1)])
    (2, 0)
    """
    zeros = (0,) * len(SEEDS)
    return tuple(sum(one) % 2**64 for one in zip(zeros, *sums, strict=True))


def _added(hashes: pl.Series) -> int:
    return int(np.add.reduce(hashes.to_numpy(), dtype=np.uint64))
