"""How good a forecast is on customers whom its models had not seen."""

from __future__ import annotations

import numpy as np

from segment.arrays import Floats
from segment.metrics import coverage, mean_absolute_error, skill, spearman, total_ratio

QUARTERS = 4


def held_out_metrics(y: Floats, mean: Floats, bands: Floats, baseline: Floats | None) -> dict[str, float]:
    """Measure mean and interval, and the naive forecast beside them."""
    # `y`, `mean` (n,): What customers were worth and what was forecast, in book currency.
    # `bands` (n, 3): P10, P50 and P90.
    # `baseline` (n,): Naive forecast, where there is one.
    low, _, high = bands.T
    measured = {
        "rows": float(len(y)),
        "spearman": spearman(y, mean),
        "mae": mean_absolute_error(y, mean),
        "total_ratio": total_ratio(y, mean),
        "coverage_p10_p90": coverage(y, low, high),
    }
    order = np.argsort(mean, kind="stable")
    top = order[-max(1, len(y) // 10) :]
    measured["coverage_top_decile"] = coverage(y[top], low[top], high[top])
    for number, part in enumerate(np.array_split(order, QUARTERS), start=1):
        if len(part):
            measured[f"coverage_quarter_{number}"] = coverage(y[part], low[part], high[part])
    if baseline is not None:
        measured["baseline_spearman"] = spearman(y, baseline)
        measured["mae_skill"] = skill(y, mean, baseline)
    return measured
