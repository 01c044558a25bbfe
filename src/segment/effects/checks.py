"""Whether the draw was kept: the arms' sizes, and what they were before; and several tests at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.stats import chisquare

LEAST_RATIO_P = 0.001
"""Below it the arms' sizes are not those of the draw, and no effect is valid (DOMAIN.md 3.3)."""

LARGEST_IMBALANCE = 0.1
"""Standardised difference before the draw above which an arm is not like the other (DOMAIN.md 3.3)."""


def sample_ratio(treated: int, control: int, share: float) -> float:
    """Test whether the arms have the sizes that were drawn."""
    total = treated + control
    if not total or not 0.0 < share < 1.0:
        return 1.0
    return float(chisquare([treated, control], [total * (1.0 - share), total * share]).pvalue)


def balance(frame: pl.DataFrame, treated: str, columns: Sequence[str]) -> pl.DataFrame:
    """Compare the arms before anything was done."""
    # Returns `column`, `treated_mean`, `control_mean`, `standardised_difference` (difference by the pooled standard
    # deviation; 0 where nothing varies, null where an arm is empty).
    rows: list[tuple[str, float | None, float | None, float | None]] = []
    for column in columns:
        observed = frame.select(treated, column).drop_nulls()
        ours, others = (observed.filter(arm)[column] for arm in (pl.col(treated), ~pl.col(treated)))
        if ours.is_empty() or others.is_empty():
            rows.append((column, None, None, None))
            continue
        treated_values, control_values = ours.cast(pl.Float64).to_numpy(), others.cast(pl.Float64).to_numpy()
        pooled = float(np.sqrt((treated_values.var() + control_values.var()) / 2.0))
        difference = float(treated_values.mean() - control_values.mean())
        rows.append(
            (
                column,
                float(treated_values.mean()),
                float(control_values.mean()),
                difference / pooled if pooled > 0.0 else 0.0,
            )
        )
    schema = dict.fromkeys(("treated_mean", "control_mean", "standardised_difference"), pl.Float64)
    return pl.DataFrame(rows, schema={"column": pl.String, **schema}, orient="row")
