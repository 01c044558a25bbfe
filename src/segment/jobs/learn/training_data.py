"""What models learn from: snapshots of past dates whose outcomes have passed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.evaluation.holdout import outcome_end
from segment.exceptions import HistoryError
from segment.features import snapshot, target_name
from segment.features.customer_sample import CustomerSample, draw_customers
from segment.jobs.build.snapshots import build_snapshots, stacked, training_dates
from segment.policy import ModelSpec, Policy
from segment.progress import ProgressCallback
from segment.warehouse.stored_snapshots import SnapshotSource

EARLIER_DATES = 24


MOST_CUSTOMERS = 40_000
"""Customers to learn from where a spec names no other number; of more, a sample."""


@dataclass(frozen=True)
class TrainingData:
    """Stacked snapshots, the newest of which has no outcome yet."""

    as_of: dt.date
    dates: tuple[dt.date, ...]  # Of the snapshots with outcomes
    frame: pl.DataFrame
    horizon_months: int
    sample: CustomerSample | None = None  # Whose rows these are, where the bank has more customers

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


def most_customers(spec: ModelSpec) -> int:
    """Customers that a spec learns from at most."""
    return MOST_CUSTOMERS if spec.train.most_customers is None else spec.train.most_customers


def learning_sample(tables: Mapping[str, pl.DataFrame], spec: ModelSpec) -> CustomerSample | None:
    """Draw the customers to learn from, the same whatever the spec's seed is; None: all of them."""
    return draw_customers(tables["customers"], most_customers(spec), seed=0)


def read_training_data(
    as_of: dt.date, source: SnapshotSource, policy: Policy, spec: ModelSpec, n_jobs: int, progress: ProgressCallback
) -> TrainingData:
    """Stack the snapshots that a spec learns from, and that of the day."""
    horizon, sample = spec.train.horizon_months, learning_sample(source.tables, spec)
    dates = training_dates(
        source.customer_months, as_of, horizon, most=spec.train.moments, months_between=spec.train.months_between
    )
    snapshots = build_snapshots(
        source, policy, [*dates, as_of], horizon_months=horizon, sample=sample, n_jobs=n_jobs, progress=progress
    )
    return TrainingData(as_of, tuple(dates), stacked(snapshots, horizon), horizon, sample)


def read_search_data(
    as_of: dt.date, source: SnapshotSource, policy: Policy, spec: ModelSpec, n_jobs: int, progress: ProgressCallback
) -> TrainingData:
    """Stack the snapshots whose outcomes had passed by the newest date that a training is evaluated on."""
    horizon, sample = spec.train.horizon_months, learning_sample(source.tables, spec)
    every = training_dates(
        source.customer_months, as_of, horizon, most=EARLIER_DATES, months_between=spec.train.months_between
    )
    dates = [day for day in every if outcome_end(day, horizon) <= every[-1]]
    if not dates:
        raise HistoryError.of("errors.no_outcomes_to_search", day=every[-1], months=3 * horizon)
    snapshots = snapshot(
        source.tables, source.customer_months, policy, dates,
        known_until=every[-1], horizon_months=horizon, sample=sample, n_jobs=n_jobs, progress=progress,
    )  # fmt: skip
    return TrainingData(every[-1], tuple(dates), stacked(snapshots, horizon), horizon, sample)
