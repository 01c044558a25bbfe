"""How good warnings of departures are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from segment.metrics import mean_of, roc_auc
from segment.statistics import (
    FOR_STANDARD_ERRORS,
    Interval,
    Resamples,
    counts_of,
    interval,
    with_standard_errors,
)

FALSE_ALARMS = 0.05
"""Of those who stay, the share who are warned."""

LEAST_DEPARTURES = 10
TENTHS = 10


def warned(scores: ArrayLike, stays: ArrayLike, false_alarms: float = FALSE_ALARMS) -> np.ndarray:
    """Say who is warned where a share of those who stay may be."""
    # `scores` (n,): Higher for those likelier to depart.
    # `stays` (n,): Who stays; the line is drawn by them.
    # Returns array of bool, shape (n,).
    figures, staying = np.asarray(scores, dtype=np.float64), np.asarray(stays, dtype=bool)
    if not staying.any():
        return np.zeros(len(figures), dtype=bool)
    line = np.quantile(figures[staying], 1.0 - false_alarms, method="higher")
    return np.asarray(figures > line)


def departure_metrics(scores: ArrayLike, departs: ArrayLike, by: str = "") -> dict[str, float]:
    """Measure warnings of customers of one date against the departures that followed."""
    # `scores`, `departs` (n,).
    # `by`: Stands behind each name.
    # Returns only their number where too few departed or nobody stayed; else also the area under the ROC curve, the
    # share of departures above the line that 5% of those who stay are above, with its interval, and the precision.
    figures, gone = np.asarray(scores, dtype=np.float64), np.asarray(departs, dtype=bool)
    if gone.sum() < LEAST_DEPARTURES or gone.all():
        return {"departures": float(gone.sum())}
    above = warned(figures, ~gone)
    share = share_with_interval(above[gone])
    measured = Resamples(len(gone), FOR_STANDARD_ERRORS).affordable.figures(
        lambda counts: {
            f"departures_auc{by}": roc_auc(gone, figures, counts=counts),
            f"departures_warned{by}": mean_of(above[gone], counts=counts_of(counts, gone)),
            f"departures_precision{by}": mean_of(gone[above], counts=counts_of(counts, above)),
        }
    )
    ends = {f"departures_warned_low{by}": share.low, f"departures_warned_high{by}": share.high}
    return {"departures": float(gone.sum()), **with_standard_errors(measured), **ends}


def share_with_interval(hits: ArrayLike) -> Interval:
    """Share of hits and its interval of 95%, by drawing the cases again."""
    cases = np.asarray(hits, dtype=np.float64)
    if not len(cases):
        return Interval(float("nan"), float("nan"), float("nan"))
    return interval(Resamples(len(cases)).figures(lambda counts: {"hit": mean_of(cases, counts=counts)})["hit"])


def calibration_by_tenth(chances: ArrayLike, departs: ArrayLike) -> list[tuple[float, float]]:
    """Compare mean chance and share of departures by tenth of the chance, the lowest first."""
    figures, gone = np.asarray(chances, dtype=np.float64), np.asarray(departs, dtype=np.float64)
    parts = np.array_split(np.argsort(figures, kind="stable"), TENTHS)
    return [(float(figures[part].mean()), float(gone[part].mean())) for part in parts if len(part)]
