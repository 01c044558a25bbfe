"""How customers are spread over slots, and the rows of a month's file over groups."""

from __future__ import annotations

import zlib

import numpy as np
import polars as pl
from numpy.typing import NDArray

SLOTS = 1024
"""Slots that customers are spread over by a stable hash; a bucket is a range of them."""

ROW_GROUPS = 32
LEAST_ROW_GROUP = 4096
"""Rows of a file are grouped so that a bucket reads its own; below this, opening a group costs more than it saves."""


def slot_of(customer_ids: pl.Series) -> pl.Series:
    """Spread customers over `SLOTS` slots, the same in every process and every month."""
    return pl.Series("slot", [zlib.crc32(name.encode()) % SLOTS for name in customer_ids], dtype=pl.Int32)


def share_of(customer_ids: pl.Series) -> NDArray[np.float64]:
    """Spread customers evenly over 0 to 1 by their slots; a sample's, which lie in the first slots, over these."""
    slots = slot_of(customer_ids).to_numpy()
    return np.asarray(slots / (1 << int(slots.max(initial=0)).bit_length()), dtype=np.float64)


def range_of(slots: pl.Series, count: int) -> pl.Series:
    """Of so many ranges of slots, the one that each slot is in."""
    firsts = np.arange(count) * SLOTS // count
    return pl.Series(np.searchsorted(firsts, slots.to_numpy(), side="right") - 1, dtype=pl.Int32)


def row_group_size(rows: int) -> int:
    """Rows of a month's file that stand together."""
    return max(LEAST_ROW_GROUP, -(-rows // ROW_GROUPS))
