"""How good a forecast is on customers whom its models had not seen."""

from __future__ import annotations

import numpy as np

from segment.arrays import Floats
from segment.metrics import coverage, mean_absolute_error, skill, spearman, total_ratio
from segment.statistics import counts_of

QUARTERS = 4


def held_out_metrics(
    y: Floats, mean: Floats, bands: Floats, baseline: Floats | None, weight: Floats | None = None
) -> dict[str, float]:
    """Measure mean and interval, and the naive forecast beside them."""
    # `y`, `mean` (n,): What customers were worth and what was forecast, in book currency.
    # `bands` (n, 3): P10, P50 and P90.
    # `baseline` (n,): Naive forecast, where there is one.
    # `weight` (n,): Of the customers; None: all the same.
    low, _, high = bands.T
    counts = None if weight is None else weight[None, :]
    measured = {
        "spearman": spearman(y, mean, counts=counts),
        "mae": mean_absolute_error(y, mean, counts=counts),
        "total_ratio": total_ratio(y, mean, counts=counts),
        "coverage_p10_p90": coverage(y, low, high, counts=counts),
    }
    order = np.argsort(mean, kind="stable")
    quarters = enumerate(np.array_split(order, QUARTERS), start=1)
    parts = {"top_decile": order[-max(1, len(y) // 10) :], **{f"quarter_{number}": part for number, part in quarters}}
    for name, part in parts.items():
        if len(part):
            measured[f"coverage_{name}"] = coverage(y[part], low[part], high[part], counts=counts_of(counts, part))
    if baseline is not None:
        measured["baseline_spearman"] = spearman(y, baseline, counts=counts)
        measured["mae_skill"] = skill(y, mean, baseline, counts=counts)
    return {"rows": float(len(y))} | {name: float(figure[0]) for name, figure in measured.items()}
