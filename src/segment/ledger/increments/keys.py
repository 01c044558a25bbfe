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
    """Hash the keys of some rows.

    Parameters
    ----------
    table : Table
        Its key is hashed.
    rows : polars.DataFrame
        Rows that are asked the rules.

    Returns
    -------
    array of uint64
        Ascending, each once. Two keys of one hash only make more be read, never less.
    """
    return np.unique(rows.select(table.key).hash_rows(_SEED).to_numpy())


def share(one: Hashes, other: Hashes) -> bool:
    """Say whether two parts have a key in common.

    Examples
    --------
    >>> share(np.array([1, 5], np.uint64), np.array([2, 5, 9], np.uint64))
    True
    """
    if not len(one) or not len(other):
        return False
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    place = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return bool((many[place] == few).any())


def partners(keys: Mapping[int, Hashes]) -> dict[int, tuple[int, ...]]:
    """Find the parts that share keys.

    Parameters
    ----------
    keys : mapping of int to array of uint64
        By part.

    Returns
    -------
    dict of int to tuple of int
        By part, the others it shares a key with, ascending; parts that share none are left out.

    Examples
    --------
    >>> partners({0: np.array([1, 2], np.uint64), 1: np.array([2], np.uint64), 2: np.array([3], np.uint64)})
    {0: (1,), 1: (0,)}
    """
    every = pl.concat(
        [
            pl.DataFrame({"key": hashes}, schema={"key": pl.UInt64}).with_columns(part=pl.lit(number, pl.Int64))
            for number, hashes in keys.items()
        ]
    )
    repeated = every.filter(pl.col("key").is_duplicated())
    pairs = repeated.join(repeated, on="key", suffix="_other").filter(pl.col("part") != pl.col("part_other"))
    listed = pairs.group_by("part").agg(pl.col("part_other").unique().sort()).sort("part")
    return {part: tuple(others) for part, others in listed.iter_rows()}
