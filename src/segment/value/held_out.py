"""Figures on customers whom the models had not seen, kept with every fitted model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segment.value import metrics

Array = NDArray[np.float64]

QUARTERS = 4


def held_out_figures(y: Array, mean: Array, bands: Array, naive: Array | None) -> dict[str, float]:
    """Measure mean and interval, and the naive forecast beside them.

    Parameters
    ----------
    y, mean : ndarray of shape (n,)
        What customers were worth and what was forecast, in book currency.
    bands : ndarray of shape (n, 3)
        P10, P50 and P90.
    naive : ndarray of shape (n,) or None
        Baseline, where there is one.

    Returns
    -------
    dict of str to float
        `coverage_p10_p90` is that of everyone, `coverage_top_decile` that of the tenth with the highest forecasts,
        `coverage_quarter_1` (lowest) to `coverage_quarter_4` (highest) those of the quarters by forecast.
    """
    low, _, high = bands.T
    figures = {
        "rows": float(len(y)),
        "spearman": metrics.spearman(y, mean),
        "mae": metrics.mean_absolute_error(y, mean),
        "total_ratio": metrics.total_ratio(y, mean),
        "coverage_p10_p90": metrics.coverage(y, low, high),
    }
    order = np.argsort(mean, kind="stable")
    top = order[-max(1, len(y) // 10) :]
    figures["coverage_top_decile"] = metrics.coverage(y[top], low[top], high[top])
    for number, part in enumerate(np.array_split(order, QUARTERS), start=1):
        if len(part):
            figures[f"coverage_quarter_{number}"] = metrics.coverage(y[part], low[part], high[part])
    if naive is not None:
        figures["baseline_spearman"] = metrics.spearman(y, naive)
        figures["mae_skill"] = metrics.skill(y, mean, naive)
    return figures
