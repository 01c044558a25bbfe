"""What trials of a search are scored on: outcomes that were known before those which judge a training."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from segment.exceptions import HistoryError
from segment.features import snapshot
from segment.features.store import SLOTS, slot_of
from segment.jobs.evaluation import LEAST_CUSTOMERS, Mask, moments_of, outcome_end
from segment.jobs.progress import Report
from segment.jobs.reference import read_reference
from segment.jobs.snapshots import stacked, training_moments
from segment.policy import ModelSpec, Policy
from segment.warehouse import Workspace

MOST_TESTS, CUSTOMER_PARTS, EARLIER_MOMENTS = 3, 3, 24
Test = tuple[Mask, Mask]


def known_before(
    as_of: dt.date, workspace: Workspace, policy: Policy, spec: ModelSpec, n_jobs: int, progress: Report
) -> pl.DataFrame:
    """Stack the moments whose outcomes had passed by the newest moment that judges a training.

    Parameters
    ----------
    as_of : datetime.date
        As a training's.
    workspace : Workspace
        Holds the customer months.
    policy : Policy
        Frozen figures.
    spec : ModelSpec
        Its horizon and the months between moments.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far it is.

    Returns
    -------
    polars.DataFrame
        With outcomes.

    Raises
    ------
    HistoryError
        Where there is none.
    """
    horizon = spec.train.horizon_months
    every = training_moments(workspace, as_of, horizon, most=EARLIER_MOMENTS, months_between=spec.train.months_between)
    older = [moment for moment in every if outcome_end(moment, horizon) <= every[-1]]
    if not older:
        raise HistoryError(
            f"A search needs outcomes that had passed by {every[-1]}, the moment that judges a training; there are "
            f"none. Hint: feed {3 * horizon} months or more, or set a shorter horizon_months in the spec."
        )
    made = snapshot(
        read_reference(workspace), workspace.customer_months, policy, older,
        known_until=every[-1], horizon_months=horizon, n_jobs=n_jobs, progress=progress,
    )  # fmt: skip
    return stacked(made, horizon)


def trial_splits(frame: pl.DataFrame, horizon_months: int) -> tuple[list[Test], bool]:
    """Choose what trials are scored on, newest test last.

    Parameters
    ----------
    frame : polars.DataFrame
        Stacked snapshots whose outcomes are all known to the search.
    horizon_months : int
        Months of the outcome.

    Returns
    -------
    tests : list of (array of bool, array of bool)
        Rows to learn from and to score on: up to three moments, each with earlier outcomes that had passed by then;
        where there is none, thirds of the customers.
    out_of_time : bool
    """
    moments = moments_of(frame)
    ends = np.array([outcome_end(moment, horizon_months) for moment in moments])
    tests = [(ends <= moment, moments == moment) for moment in sorted(set(moments))]
    passed = [(train, test) for train, test in tests if min(train.sum(), test.sum()) >= LEAST_CUSTOMERS]
    if passed:
        return passed[-MOST_TESTS:], True
    part = slot_of(frame["customer_id"]).to_numpy() * CUSTOMER_PARTS // SLOTS
    newest = moments == max(moments)
    return [(part != one, newest & (part == one)) for one in range(CUSTOMER_PARTS)], False
