"""Reading the signals out of whatever holds them: a pandas or Polars frame, or an array."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw
import numpy as np

from segment.arrays import Floats
from segment.exceptions import ModelError
from segment.main_bank.scorecard import COLUMNS, SIGNALS

MORE: Final[tuple[str, ...]] = (
    "own_in_share_12m",
    "wallet_months",
    "round_out",
    *(f"{name}_trend" for name in (*SIGNALS, "wallet_months", "round_out")),
)
"""Signals that no expert has weighted: links of a longer window, and what labels may teach a boosted learner."""


def more_of(X: Any) -> Floats:
    """Read the signals that no expert has weighted."""
    # Returns array of shape (n, len(MORE)): NaN where a value is null or its column is missing.
    frame = nw.from_native(X, eager_only=True)
    more = np.full((len(frame), len(MORE)), np.nan)
    for position, name in enumerate(MORE):
        if f"signal_{name}" in frame.columns:
            more[:, position] = frame[f"signal_{name}"].cast(nw.Float64).to_numpy()
    return more


def signals_of(X: Any) -> Floats | None:
    """Read the scorecard's signals by name."""
    # Returns array of shape (n, len(SIGNALS)) or None: NaN where a value is null or its column is missing. None if `X`
    # has no column of a signal.
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    if not isinstance(frame, nw.DataFrame):
        return None
    present = [name for name in COLUMNS if name in frame.columns]
    if not present:
        return None
    signals = np.full((len(frame), len(COLUMNS)), np.nan)
    for name in present:
        signals[:, COLUMNS.index(name)] = frame[name].cast(nw.Float64).to_numpy()
    _hold_to_range(signals)
    return signals


def _hold_to_range(signals: Floats) -> None:
    outside = (signals < -1e-9) | (signals > 1.0 + 1e-9)
    if outside.any():
        names = ", ".join(f"`{COLUMNS[position]}`" for position in np.flatnonzero(outside.any(axis=0)))
        raise ModelError.with_hint(
            f"signals must lie between 0 and 1. {int(outside.sum())} values of {names} do not.",
            "build the snapshot with `segment extract`; `segment features` lists each signal with its unit.",
        )
    np.clip(signals, 0.0, 1.0, out=signals)


def labels_of(y: Any) -> Floats:
    """Read labels: 1 elsewhere, 0 here, NaN for none."""
    # `y` (n,): Numbers or booleans; null, NaN and -1 mean no label.
    # Returns array of shape (n,).
    values = np.array([np.nan if label is None else float(label) for label in y], dtype=np.float64)
    values[values == -1.0] = np.nan
    if not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        raise ModelError.with_hint(
            "labels must be 1 (main bank elsewhere), 0 (here) or missing. Got other values instead.",
            "`segment.main_bank.labels.labels_at` turns the ledger's labels into them.",
        )
    return values
