"""Simpler forecasts of the same outcomes, so that a card shows what a model is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from segment import metrics
from segment.arrays import Floats
from segment.evaluation.holdout import Holdout
from segment.statistics import FOR_STANDARD_ERRORS, Counts, Resamples, with_standard_errors


@dataclass(frozen=True)
class ForecastComparison:
    """One forecast of the customers held out."""

    name: str
    metrics: Mapping[str, float]  # With their standard errors

    def to_dict(self) -> dict[str, Any]:
        """Return a row of a card's facts."""
        return {"name": self.name, **self.metrics}


def alternatives(holdout: Holdout) -> list[ForecastComparison]:
    """Measure the model beside what could be had without it."""
    forecasts: dict[str, Floats] = {
        "this model": holdout.predicted[:, 0],
        "this model, P50": holdout.predicted[:, 2],
        "the last months again": holdout.baseline,
    }
    if "contribution_3m" in holdout.frame.columns:
        quarter = holdout.frame["contribution_3m"].fill_null(0.0).to_numpy()
        forecasts["the last 3 months, four times"] = 4.0 * quarter
    forecasts["mean of the branch"] = _branch_mean(holdout)
    return [_measured(name, holdout.actual, forecast) for name, forecast in forecasts.items()]


def _branch_mean(holdout: Holdout) -> Floats:
    """Mean outcome of the branch at the dates learned from; the bank's where a branch is new."""
    outcomes = holdout.train.select("branch_id", outcome=pl.Series(holdout.train_outcome))
    means = outcomes.group_by("branch_id", maintain_order=True).agg(pl.col("outcome").mean())
    joined = holdout.frame.select("branch_id").join(means, on="branch_id", how="left", maintain_order="left")
    return joined["outcome"].fill_null(float(np.mean(holdout.train_outcome))).to_numpy()


def _measured(name: str, actual: Floats, forecast: Floats) -> ForecastComparison:
    def measured(counts: Counts) -> dict[str, Floats]:
        return {
            "spearman": metrics.spearman(actual, forecast, counts=counts),
            "mae": metrics.mean_absolute_error(actual, forecast, counts=counts),
            "top_decile_capture": metrics.top_decile_capture(actual, forecast, counts=counts),
            "total_predicted_over_actual": metrics.total_ratio(actual, forecast, counts=counts),
        }

    figures = Resamples(len(actual), FOR_STANDARD_ERRORS).affordable.figures(measured)
    return ForecastComparison(name, with_standard_errors(figures))
