"""What rows a span of days holds, as sums that add up: of two parts, of many days, in any order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import polars as pl

from segment.files import repr_hash

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
    """Sum rows and hashes by day."""
    summed = (
        hashed.lazy()
        .group_by(pl.col(dated_by).alias(DAY), maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias(ROWS),
            # Polars lets sums of 64 bits run over, as the digest does
            *(pl.col(name).sum().alias(to) for to, name in zip(SUMS, HASHES, strict=True)),
        )
    )
    return summed.select(SCHEMA.names()).sort(DAY).collect(engine="in-memory")


def digest(days: pl.DataFrame, first: dt.date, last: dt.date) -> str:
    """Hash what a span of days holds."""
    chosen = days.filter(pl.col(DAY).is_between(first, last))
    return digest_of_sums(int(chosen[ROWS].sum()), tuple(_added(chosen[name]) for name in SUMS))


def digest_of_sums(rows: int, sums: tuple[int, ...]) -> str:
    """Hash a number of rows and the sums of their hashes."""
    return repr_hash((rows, list(sums)))


def add_sums(sums: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """Add the sums of several parts."""
    zeros = (0,) * len(SEEDS)
    return tuple(sum(parts) % 2**64 for parts in zip(zeros, *sums, strict=True))


def _added(hashes: pl.Series) -> int:
    return int(np.add.reduce(hashes.to_numpy(), dtype=np.uint64))
