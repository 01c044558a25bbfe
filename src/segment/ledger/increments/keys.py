"""Keys that must stand once in a table although its parts are read apart: kept as hashes, compared before verdicts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.ledger.schema import Table

_SEED = 7

Hashes = NDArray[np.uint64]


def hashes_of(table: Table, rows: pl.DataFrame) -> Hashes:
    """Hash the keys of some rows."""
    return np.unique(rows.select(table.key).hash_rows(_SEED).to_numpy())


def share(left: Hashes, right: Hashes) -> bool:
    """Say whether two parts have a key in common."""
    if not len(left) or not len(right):
        return False
    few, many = (left, right) if len(left) <= len(right) else (right, left)
    place = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return bool((many[place] == few).any())


def partners(keys: Mapping[int, Hashes]) -> dict[int, tuple[int, ...]]:
    """Find the parts that share keys."""
    every = pl.concat(
        [
            pl.DataFrame({"key": hashes}, schema={"key": pl.UInt64}).with_columns(part=pl.lit(number, pl.Int64))
            for number, hashes in keys.items()
        ]
    )
    repeated = every.filter(pl.col("key").is_duplicated())
    pairs = repeated.join(repeated, on="key", suffix="_other").filter(pl.col("part") != pl.col("part_other"))
    listed = pairs.group_by("part", maintain_order=True).agg(pl.col("part_other").unique().sort()).sort("part")
    return {part: tuple(others) for part, others in listed.iter_rows()}
