"""Customers in, whatever they come in: a pandas or Polars frame or an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals as nw
import narwhals.selectors as ncs
import numpy as np

from segment.arrays import Floats
from segment.exceptions import ModelError


class EarlierOutcomes(NamedTuple):
    """Customers of earlier dates, and the tiers that really came."""

    customers: Any  # Frame with the same columns; odds from models that had not seen the customer
    tiers: Sequence[str | None]  # None where it is not known


def as_frame(X: Any) -> nw.DataFrame[Any] | None:
    """Return a frame as one that narwhals reads, and None for anything else."""
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    return frame if isinstance(frame, nw.DataFrame) else None


def numeric_columns(frame: nw.DataFrame[Any]) -> list[str]:
    """Return the names of the numbers and of the yes-or-no columns of a frame."""
    return frame.select(ncs.numeric() | ncs.boolean()).columns


def columns_to_cluster(
    frame: nw.DataFrame[Any] | None, odds: Sequence[str], value: str, behaviour: Sequence[str] | None
) -> list[str]:
    """Return the columns that clusters are learned from where the odds are known."""
    if frame is None or not set(odds) <= set(frame.columns):
        return []
    others = [name for name in numeric_columns(frame) if name not in (*odds, value)]
    return [*odds, *(others if behaviour is None else behaviour)]


def as_floats(frame: nw.DataFrame[Any], columns: Sequence[str]) -> Any:
    """Return some columns of a frame as floats, in the frame's own kind."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ModelError.of("errors.cluster_columns", needed=len(columns), lacking=len(missing), missing=missing)
    return frame.select(nw.col(*columns).cast(nw.Float64)).to_native()


def require_known(numbers: Floats, n_odds: int) -> None:
    """Stop where a customer's odds are missing."""
    # `numbers` (n_customers, n_odds + n_columns): Odds, behaviour.
    without = int(np.isnan(numbers[:, :n_odds]).any(axis=1).sum())
    if without:
        raise ModelError.of("errors.odds_missing", without=without)
