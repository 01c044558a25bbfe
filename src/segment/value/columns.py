"""What callers pass beside the features: columns by name or position, and amounts to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segment.exceptions import ModelError

Array = NDArray[np.float64]


def find_column(parameter: str, wanted: str | int | None, columns: int, names: Sequence[str]) -> int | None:
    """Look up the position of a column; None where none is wanted.

    Parameters
    ----------
    parameter : str
        Name of the parameter that asks, for the error.
    wanted : str, int or None
        Name or position.
    columns : int
        How many `X` has.
    names : sequence of str
        Their names; empty for arrays.

    Returns
    -------
    int or None

    Raises
    ------
    ModelError
        Where there is no such column.
    """
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


def typical(X: Array, column: int | None) -> float:
    """Median of what is known of a column; 0 where nothing is."""
    if column is None:
        return 0.0
    known = X[:, column]
    known = known[~np.isnan(known)]
    return float(np.median(known)) if len(known) else 0.0


def amounts_by_row(amounts: ArrayLike, rows: int) -> Array:
    """Give each row its amounts, where the same are asked of all too.

    Parameters
    ----------
    amounts : array-like of shape (rows, k) or (k,)
        In book currency.
    rows : int
        Rows of `X`.

    Returns
    -------
    ndarray of shape (rows, k)

    Raises
    ------
    ModelError
        Where the shape is another.
    """
    asked = np.asarray(amounts, dtype=np.float64)
    asked = np.broadcast_to(asked, (rows, len(asked))) if asked.ndim == 1 else asked
    if asked.ndim != 2 or len(asked) != rows:
        raise ModelError.with_hint(
            f"`amounts` must hold a row for each of the {rows} rows of X. Got shape {asked.shape}.",
            "pass an array of shape (rows, amounts), or of shape (amounts,) for the same to all.",
        )
    return asked
