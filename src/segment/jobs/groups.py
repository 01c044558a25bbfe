"""How good a forecast is in parts of the bank, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.jobs.evaluation import Judged
from segment.jobs.parts import parts_of
from segment.value import metrics

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Measure = Callable[[Judged, Rows], float]

LEAST_CUSTOMERS, RESAMPLES, MOST_ROWS = 30, 200, 20_000
NEW_BELOW_MONTHS: Final = 12

MEASURES: Final[dict[str, Measure]] = {
    "spearman": lambda j, r: metrics.spearman(j.actual[r], j.predicted[r, 0]),
    "spearman_persistence": lambda j, r: metrics.spearman(j.actual[r], j.naive[r]),
    "mae": lambda j, r: metrics.mean_absolute_error(j.actual[r], j.predicted[r, 0]),
    "mae_skill": lambda j, r: metrics.skill(j.actual[r], j.predicted[r, 0], j.naive[r]),
    "top_decile_capture": lambda j, r: metrics.top_decile_capture(j.actual[r], j.predicted[r, 0]),
    "bias": lambda j, r: _bias(j.actual[r], j.predicted[r, 0]),
    "coverage_p10_p90": lambda j, r: metrics.coverage(j.actual[r], j.predicted[r, 1], j.predicted[r, 3]),
}
"""Figures that have an interval. `bias` is predicted less actual, over the sum of the actual figures' sizes."""


def by_group(judged: Judged, seed: int) -> list[dict[str, Any]]:
    """Measure overall and by branch size, tenure, and new or old relation.

    Parameters
    ----------
    judged : Judged
        What a model of the past made of the newest outcomes.
    seed : int
        Of the resamples.

    Returns
    -------
    list of dict
        `group`, `part`, `customers`, and by measure [figure, low, high]: 95 % percentile intervals of 200 resamples of
        customers. More than 20,000 customers are drawn down to as many for the interval, which is then too wide rather
        than too narrow. Parts of fewer than 30 customers are left out.
    """
    found = []
    for (group, part), rows in _rows_of_parts(judged.frame).items():
        if len(rows) >= LEAST_CUSTOMERS:
            measured = {name: interval(measure, judged, rows, seed) for name, measure in MEASURES.items()}
            found.append({"group": group, "part": part, "customers": len(rows), **measured})
    return found


def interval(measure: Measure, judged: Judged, rows: Rows, seed: int) -> list[float | None]:
    """Figure with its 95 % interval over resamples of customers.

    Parameters
    ----------
    measure : callable
        Of the rows.
    judged : Judged
        Holds them.
    rows : array of int
        Which ones.
    seed : int
        Of the resamples.

    Returns
    -------
    list of float or None
        Figure, low, high; None where it cannot be taken.
    """
    rng = np.random.default_rng(seed)
    drawn_from = rows if len(rows) <= MOST_ROWS else rng.choice(rows, MOST_ROWS, replace=False)
    draws = [measure(judged, drawn_from[rng.integers(0, len(drawn_from), len(drawn_from))]) for _ in range(RESAMPLES)]
    known = [value for value in draws if np.isfinite(value)]
    figure = measure(judged, rows)
    if not known or not np.isfinite(figure):
        return [None, None, None]
    low, high = np.quantile(known, [0.025, 0.975])
    return [float(figure), float(low), float(high)]


def _bias(actual: Floats, predicted: Floats) -> float:
    """Predicted less actual over the size of the actual: gains and losses of a part may cancel, their sizes do not."""
    size = float(np.abs(actual).sum())
    return float((predicted - actual).sum()) / size if size > 0 else float("nan")


def _rows_of_parts(frame: pl.DataFrame) -> dict[tuple[str, str], Rows]:
    young = (frame["tenure_months"].fill_null(0) < NEW_BELOW_MONTHS).to_numpy()
    masks = {**parts_of(frame), ("relation", "new"): young, ("relation", "old"): ~young}
    return {part: np.flatnonzero(mask) for part, mask in masks.items()}
