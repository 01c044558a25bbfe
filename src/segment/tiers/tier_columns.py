"""The names that tiering reads and writes, and the check that what it reads is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import polars as pl

from segment.exceptions import ModelError
from segment.policy.decisions import Tier

TIERS: tuple[str, ...] = get_args(Tier)
"""The four tiers, best first."""

HIGH_VALUE, VALUABLE, BREAK_EVEN, LOSS_MAKING = TIERS


def require(frame: pl.DataFrame, columns: Iterable[str], task: str) -> None:
    """Stop where a column that a step needs is missing."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ModelError.with_hint(
            f"{task} needs {len(missing)} column(s) that the frame lacks: {', '.join(missing)}.",
            "build the snapshot and score it before tiers are assigned",
        )
