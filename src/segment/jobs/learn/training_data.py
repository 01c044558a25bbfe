"""What models learn from: snapshots of past dates whose outcomes have passed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.evaluation.holdout import outcome_end
from segment.exceptions import HistoryError
from segment.features import snapshot, target_name
from segment.jobs.build.snapshots import build_snapshots, stacked, training_dates
from segment.policy import ModelSpec, Policy
from segment.progress import ProgressCallback
from segment.warehouse.stored_snapshots import SnapshotSource

EARLIER_DATES = 24


@dataclass(frozen=True)
class TrainingData:
    """Stacked snapshots, the newest of which has no outcome yet."""

    as_of: dt.date
    dates: tuple[dt.date, ...]  # Of the snapshots with outcomes
    frame: pl.DataFrame
    horizon_months: int

    @property
    def target(self) -> NDArray[np.float64]:
        """Outcomes; NaN where they have not passed."""
        return self.frame[target_name(self.horizon_months)].to_numpy()

    @property
    def train(self) -> pl.DataFrame:
        """Rows of the dates whose outcomes have passed."""
        return self.frame.filter(pl.col("as_of") != self.as_of)

    @property
    def current(self) -> pl.DataFrame:
        """Rows of the newest date."""
        return self.frame.filter(pl.col("as_of") == self.as_of)


def read_training_data(
    as_of: dt.date, source: SnapshotSource, policy: Policy, spec: ModelSpec, n_jobs: int, progress: ProgressCallback
) -> TrainingData:
    """Stack the snapshots that a spec learns from, and that of the day."""
    horizon = spec.train.horizon_months
    dates = training_dates(
        source.customer_months, as_of, horizon, most=spec.train.moments, months_between=spec.train.months_between
    )
    snapshots = build_snapshots(
        source, policy, [*dates, as_of], horizon_months=horizon, n_jobs=n_jobs, progress=progress
    )
    return TrainingData(as_of, tuple(dates), stacked(snapshots, horizon), horizon)


def read_search_data(
    as_of: dt.date, source: SnapshotSource, policy: Policy, spec: ModelSpec, n_jobs: int, progress: ProgressCallback
) -> TrainingData:
    """Stack the snapshots whose outcomes had passed by the newest date that a training is evaluated on."""
    horizon = spec.train.horizon_months
    every = training_dates(
        source.customer_months, as_of, horizon, most=EARLIER_DATES, months_between=spec.train.months_between
    )
    dates = [day for day in every if outcome_end(day, horizon) <= every[-1]]
    if not dates:
        raise HistoryError.of("errors.no_outcomes_to_search", day=every[-1], months=3 * horizon)
    snapshots = snapshot(
        source.tables, source.customer_months, policy, dates,
        known_until=every[-1], horizon_months=horizon, n_jobs=n_jobs, progress=progress,
    )  # fmt: skip
    return TrainingData(every[-1], tuple(dates), stacked(snapshots, horizon), horizon)
