"""Keys that must stand once in a table although its parts are read apart: kept as hashes, compared before verdicts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.ledger.schema import Table

_SEED = 7
_RANGES = 64
"""Spans of hashes that are compared one after the other: memory holds one of them twice, not every key."""

Hashes = NDArray[np.uint64]


def hashes_of(table: Table, rows: pl.DataFrame) -> Hashes:
    """Hash the keys of some rows, ascending; a key that stands twice is there twice."""
    return np.sort(_hashed(table, rows))


def share(left: Hashes, right: Hashes) -> bool:
    """Say whether two parts have a key in common."""
    few, many = (left, right) if len(left) <= len(right) else (right, left)
    return bool(_is_among(few, many).any())


def repeated(keys: Mapping[int, Hashes]) -> Hashes:
    """Hashes that stand more than once, in whatever parts."""
    borders = np.arange(1, _RANGES, dtype=np.uint64) * np.uint64(2**64 // _RANGES)
    cuts = {number: [0, *np.searchsorted(hashes, borders), len(hashes)] for number, hashes in keys.items()}
    found = [np.empty(0, np.uint64)]
    for span in range(_RANGES):
        within = [hashes[cuts[number][span] : cuts[number][span + 1]] for number, hashes in keys.items()]
        every = np.sort(np.concatenate(within)) if within else found[0]
        found.append(np.unique(every[1:][every[1:] == every[:-1]]))
    return np.concatenate(found)


def partners(keys: Mapping[int, Hashes], shared: Hashes) -> dict[int, tuple[int, ...]]:
    """Find the parts that share keys; `shared`: Those that `repeated` found."""
    each = [
        pl.DataFrame({"key": shared[_is_among(shared, hashes)]}, schema={"key": pl.UInt64}).with_columns(
            part=pl.lit(number, pl.Int64)
        )
        for number, hashes in keys.items()
    ]
    held = pl.concat(each) if each else pl.DataFrame(schema={"key": pl.UInt64, "part": pl.Int64})
    pairs = held.join(held, on="key", suffix="_other").filter(pl.col("part") != pl.col("part_other"))
    listed = pairs.group_by("part", maintain_order=True).agg(pl.col("part_other").unique().sort()).sort("part")
    return {part: tuple(others) for part, others in listed.iter_rows()}


def with_keys_among(table: Table, rows: pl.DataFrame, shared: Hashes) -> pl.DataFrame:
    """The rows whose key is one of some hashes."""
    return rows.filter(pl.Series(_is_among(_hashed(table, rows), shared)))


def _hashed(table: Table, rows: pl.DataFrame) -> Hashes:
    return rows.select(table.key).hash_rows(_SEED).to_numpy()


def _is_among(some: Hashes, ascending: Hashes) -> NDArray[np.bool_]:
    if not len(ascending):
        return np.zeros(len(some), dtype=bool)
    place = np.minimum(np.searchsorted(ascending, some), len(ascending) - 1)
    among: NDArray[np.bool_] = ascending[place] == some
    return among
