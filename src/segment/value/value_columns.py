"""What callers pass beside the features: columns by name or position, and amounts to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from segment.arrays import Floats
from segment.exceptions import ModelError


def find_column(parameter: str, wanted: str | int | None, columns: int, names: Sequence[str]) -> int | None:
    """Look up the position of a column; None where none is wanted."""
    if wanted is None:
        return None
    if isinstance(wanted, Integral) and 0 <= wanted < columns:
        return int(wanted)
    if wanted in names:
        return list(names).index(str(wanted))
    nameless = "" if names else " without names"
    raise ModelError.with_hint(
        f"`{parameter}` must be a column of X. Got {wanted!r} for {columns} columns{nameless}.",
        "pass a frame with that column, a column's position, or None.",
    )


def typical(X: Floats, column: int | None) -> float:
    """Median of what is known of a column; 0 where nothing is."""
    if column is None:
        return 0.0
    values = X[:, column]
    values = values[~np.isnan(values)]
    return float(np.median(values)) if len(values) else 0.0


def amounts_by_row(amounts: ArrayLike, rows: int) -> Floats:
    """Give each row its amounts, where the same are asked of all too."""
    # `amounts` (rows, k): In book currency.
    # Returns ndarray of shape (rows, k).
    by_row = np.asarray(amounts, dtype=np.float64)
    by_row = np.broadcast_to(by_row, (rows, len(by_row))) if by_row.ndim == 1 else by_row
    if by_row.ndim != 2 or len(by_row) != rows:
        raise ModelError.with_hint(
            f"`amounts` must hold a row for each of the {rows} rows of X. Got shape {by_row.shape}.",
            "pass an array of shape (rows, amounts), or of shape (amounts,) for the same to all.",
        )
    return by_row
