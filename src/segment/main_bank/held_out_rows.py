"""Which rows are held out, by what stands in them: one row more leaves the others where they are."""

from __future__ import annotations

from typing import Final

import numpy as np

from segment.arrays import Flags, Floats, Integers

FOLDS: Final = 5
HALVINGS: Final = 5
_GRAIN: Final = 1e6
_MULTIPLIER: Final = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio (D. Knuth, The Art of Computer Programming 3, 6.4: multiplicative hashing)."""


def folds_of(values: Floats) -> Integers:
    """Deal rows out to folds."""
    # `values` (n, m): NaN counts as 0. Returns array of shape (n,): 0 to `FOLDS` - 1.
    return np.asarray(_codes(values) % FOLDS, dtype=np.intp)


def halves_of(values: Floats) -> Flags:
    """Halve the rows in several ways; of each way both halves."""
    # `values` (n, m): NaN counts as 0. Returns array of bool, shape (n, 2 * HALVINGS).
    codes = _codes(values).astype(np.uint64)
    ways = [pow(_MULTIPLIER, way + 1, 2**64) for way in range(HALVINGS)]
    upper = np.column_stack([(codes * np.uint64(way)) >> np.uint64(63) for way in ways]).astype(np.bool_)
    return np.column_stack([upper, ~upper])


def _codes(values: Floats) -> Integers:
    """A number for each row by its content; rows that say the same follow each other."""
    content = np.round(_GRAIN * np.nansum(values, axis=1)).astype(np.int64)
    order = np.argsort(content, kind="stable")
    _, first, group = np.unique(content[order], return_index=True, return_inverse=True)
    codes = np.empty(len(content), dtype=np.int64)
    codes[order] = content[order] + np.arange(len(content)) - first[group]
    return codes
