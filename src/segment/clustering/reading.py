"""Customers in, whatever they come in: a pandas or Polars frame or an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import narwhals.selectors as ncs
import numpy as np

from segment.clustering.coordinates import Floats
from segment.exceptions import ModelError

_N_NEEDED = 5


def as_frame(X: Any) -> nw.DataFrame[Any] | None:
    """Return a frame as one that narwhals reads, and None for anything else.

    Parameters
    ----------
    X : pandas or Polars frame, or array
        One row per customer.

    Returns
    -------
    narwhals.DataFrame or None

    Examples
    --------
    >>> as_frame([[1.0]]) is None
    True
    """
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    return frame if isinstance(frame, nw.DataFrame) else None


def numeric_columns(frame: nw.DataFrame[Any]) -> list[str]:
    """Return the names of the numbers and of the yes-or-no columns of a frame.

    Parameters
    ----------
    frame : narwhals.DataFrame

    Returns
    -------
    list of str

    Examples
    --------
    >>> import polars as pl
    >>> numeric_columns(nw.from_native(pl.DataFrame({"customer_id": ["a"], "visits": [1], "is_staff": [True]})))
    ['visits', 'is_staff']
    """
    return frame.select(ncs.numeric() | ncs.boolean()).columns


def columns_to_cluster(
    frame: nw.DataFrame[Any] | None, needed: Sequence[str], behaviour: Sequence[str] | None
) -> list[str]:
    """Return the columns that clusters are learned from where value and borders are known.

    Parameters
    ----------
    frame : narwhals.DataFrame or None
    needed : sequence of str
        Columns of value, the three borders and scale.
    behaviour : sequence of str or None
        None: all other numbers.

    Returns
    -------
    list of str
        Empty where there is no frame, or where it lacks a column that is needed.

    Raises
    ------
    ModelError
        If there are not three borders.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"value": [1.0], "b": [2.0], "u": [0.0], "h": [9.0], "m": [4.0], "n": [3]}))
    >>> columns_to_cluster(frame, ["value", "b", "u", "h", "m"], None)
    ['value', 'b', 'u', 'h', 'm', 'n']
    """
    if len(needed) != _N_NEEDED:
        raise ModelError.with_hint(
            f"`borders` must name three columns. Got {len(needed) - 2}.", "name one border between each two tiers"
        )
    if frame is None or not set(needed) <= set(frame.columns):
        return []
    others = [name for name in numeric_columns(frame) if name not in needed]
    return [*needed, *(others if behaviour is None else behaviour)]


def as_floats(frame: nw.DataFrame[Any], columns: Sequence[str]) -> Any:
    """Return some columns of a frame as floats, in the frame's own kind.

    Parameters
    ----------
    frame : narwhals.DataFrame
    columns : sequence of str

    Returns
    -------
    pandas or Polars frame

    Raises
    ------
    ModelError
        If a column is missing.

    Examples
    --------
    >>> import polars as pl
    >>> as_floats(nw.from_native(pl.DataFrame({"visits": [1, 2]})), ["visits"]).dtypes
    [Float64]
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ModelError.with_hint(
            f"Clusters need the {len(columns)} columns that they were learned from. "
            f"{len(missing)} are missing: {', '.join(missing)}.",
            "score a snapshot that was built with the same features as the training snapshots",
        )
    return frame.select(nw.col(*columns).cast(nw.Float64)).to_native()


def require_known(numbers: Floats, n_borders: int) -> None:
    """Stop where a customer's value, scale or any border but the last is missing.

    Parameters
    ----------
    numbers : ndarray of shape (n_customers, 1 + n_borders + 1 + n_columns)
        Value, borders, scale, behaviour.
    n_borders : int

    Raises
    ------
    ModelError
        If one is missing.

    Examples
    --------
    >>> require_known(np.array([[1.0, -5.0, 5.0, np.nan, 10.0]]), 3)
    """
    money = np.delete(numbers[:, : n_borders + 2], n_borders, axis=1)
    without = int(np.isnan(money).any(axis=1).sum())
    if without:
        raise ModelError.with_hint(
            f"Value, scale and every border but the last must be known. They are missing for {without} customer(s).",
            "compute the blended contribution and the borders of every customer first",
        )
