"""Customers in, whatever they come in: a pandas or Polars frame or an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import narwhals.selectors as ncs
import numpy as np

from segment.arrays import Floats
from segment.exceptions import ModelError

_N_NEEDED = 5


def as_frame(X: Any) -> nw.DataFrame[Any] | None:
    """Return a frame as one that narwhals reads, and None for anything else."""
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    return frame if isinstance(frame, nw.DataFrame) else None


def numeric_columns(frame: nw.DataFrame[Any]) -> list[str]:
    """Return the names of the numbers and of the yes-or-no columns of a frame."""
    return frame.select(ncs.numeric() | ncs.boolean()).columns


def columns_to_cluster(
    frame: nw.DataFrame[Any] | None, needed: Sequence[str], behaviour: Sequence[str] | None
) -> list[str]:
    """Return the columns that clusters are learned from where value and borders are known."""
    if len(needed) != _N_NEEDED:
        raise ModelError.with_hint(
            f"`borders` must name three columns. Got {len(needed) - 2}.", "name one border between each two tiers"
        )
    if frame is None or not set(needed) <= set(frame.columns):
        return []
    others = [name for name in numeric_columns(frame) if name not in needed]
    return [*needed, *(others if behaviour is None else behaviour)]


def as_floats(frame: nw.DataFrame[Any], columns: Sequence[str]) -> Any:
    """Return some columns of a frame as floats, in the frame's own kind."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ModelError.with_hint(
            f"Clusters need the {len(columns)} columns that they were learned from. "
            f"{len(missing)} are missing: {', '.join(missing)}.",
            "score a snapshot that was built with the same features as the training snapshots",
        )
    return frame.select(nw.col(*columns).cast(nw.Float64)).to_native()


def require_known(numbers: Floats, n_borders: int) -> None:
    """Stop where a customer's value, scale or any border but the last is missing."""
    # `numbers` (n_customers, 1 + n_borders + 1 + n_columns): Value, borders, scale, behaviour.
    money = np.delete(numbers[:, : n_borders + 2], n_borders, axis=1)
    without = int(np.isnan(money).any(axis=1).sum())
    if without:
        raise ModelError.with_hint(
            f"Value, scale and every border but the last must be known. They are missing for {without} customer(s).",
            "compute the blended contribution and the borders of every customer first",
        )
