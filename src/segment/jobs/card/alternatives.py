"""Simpler forecasts of the same outcomes, so that a card shows what a model is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.jobs.evaluation import Judged
from segment.value import metrics

Floats = NDArray[np.float64]


def alternatives(judged: Judged) -> list[dict[str, Any]]:
    """Measure the model beside what could be had without it.

    Parameters
    ----------
    judged : Judged
        What a model of the past made of the newest outcomes.

    Returns
    -------
    list of dict
        `name`, `spearman`, `mae`, `top_decile_capture` and `total_predicted_over_actual`; the model first.
    """
    rows: dict[str, Floats] = {
        "this model": judged.predicted[:, 0],
        "this model, P50": judged.predicted[:, 2],
        "the last months again": judged.naive,
    }
    if "contribution_3m" in judged.frame.columns:
        rows["the last 3 months, four times"] = 4.0 * judged.frame["contribution_3m"].fill_null(0.0).to_numpy()
    rows["mean of the branch"] = _branch_mean(judged)
    return [{"name": name, **_figures(judged.actual, forecast)} for name, forecast in rows.items()]


def _branch_mean(judged: Judged) -> Floats:
    """Mean outcome of the branch at the moments learned from; the bank's where a branch is new."""
    known = judged.learned.select("branch_id", outcome=pl.Series(judged.outcome))
    means = known.group_by("branch_id").agg(pl.col("outcome").mean())
    joined = judged.frame.select("branch_id").join(means, on="branch_id", how="left", maintain_order="left")
    return joined["outcome"].fill_null(float(np.mean(judged.outcome))).to_numpy()


def _figures(actual: Floats, forecast: Floats) -> dict[str, float]:
    return {
        "spearman": metrics.spearman(actual, forecast),
        "mae": metrics.mean_absolute_error(actual, forecast),
        "top_decile_capture": metrics.top_decile_capture(actual, forecast),
        "total_predicted_over_actual": metrics.total_ratio(actual, forecast),
    }
