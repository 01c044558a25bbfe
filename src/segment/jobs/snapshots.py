"""Snapshots of moments from the workspace's customer months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from segment.exceptions import HistoryError
from segment.features import cost_target_name, months_written, snapshot, target_name, write_snapshots
from segment.features.known import month_end
from segment.jobs.progress import Report, quiet
from segment.jobs.reference import read_reference
from segment.policy import Policy
from segment.warehouse import Workspace

MOST_MOMENTS = 5
MONTHS_BETWEEN = 3


def build_snapshots(
    workspace: Workspace,
    policy: Policy,
    moments: Sequence[dt.date],
    *,
    horizon_months: int = 12,
    n_jobs: int = -1,
    progress: Report = quiet,
) -> dict[dt.date, pl.DataFrame]:
    """Build the snapshots of some moments and write those that are kept.

    Parameters
    ----------
    workspace : Workspace
        Holds the customer months and the small tables.
    policy : Policy
        Frozen figures.
    moments : sequence of datetime.date
        Last days of months; the newest is as far as outcomes may look, and its snapshot is kept.
    horizon_months : int
        Months of the outcome.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far it is.

    Returns
    -------
    dict of datetime.date to polars.DataFrame
        By moment.
    """
    newest = max(moments)
    made = snapshot(
        read_reference(workspace),
        workspace.customer_months,
        policy,
        moments,
        known_until=newest,
        horizon_months=horizon_months,
        n_jobs=n_jobs,
        progress=progress,
    )
    write_snapshots({newest: made[newest]}, workspace.snapshots)
    return made


def training_moments(
    workspace: Workspace,
    as_of: dt.date,
    horizon_months: int,
    *,
    most: int = MOST_MOMENTS,
    months_between: int = MONTHS_BETWEEN,
) -> list[dt.date]:
    """Choose the moments to learn from: the newest whose outcome has passed, and earlier ones at a distance.

    Before each there must be as many months as the outcome has, since the outcome is forecast by as many months.

    Parameters
    ----------
    workspace : Workspace
        Holds the customer months.
    as_of : datetime.date
        A month's last day.
    horizon_months : int
        Months of the outcome.
    most : int
        Moments to choose at most.
    months_between : int
        Months from one to the next.

    Returns
    -------
    list of datetime.date
        Oldest first.

    Raises
    ------
    HistoryError
        Where there is none; says how many months there are, and which horizon works.
    """
    months = months_written(workspace.customer_months, as_of)
    oldest = horizon_months - 1
    newest = len(months) - 1 - horizon_months
    if newest < oldest:
        raise _too_short(len(months), as_of, horizon_months)
    chosen = list(range(newest, oldest - 1, -months_between))[:most]
    return sorted(month_end(months[place]) for place in chosen)


def stacked(snapshots: dict[dt.date, pl.DataFrame], horizon_months: int) -> pl.DataFrame:
    """Stack snapshots, with NaN where the outcome has not passed.

    Parameters
    ----------
    snapshots : dict of datetime.date to polars.DataFrame
        By moment.
    horizon_months : int
        Months of the outcome.

    Returns
    -------
    polars.DataFrame
        Oldest moment first.
    """
    outcomes = (target_name(horizon_months), cost_target_name(horizon_months))
    frames = [
        frame.with_columns(pl.lit(np.nan).alias(name) for name in outcomes if name not in frame.columns)
        for _, frame in sorted(snapshots.items())
    ]
    return pl.concat(frames, how="vertical")


def _too_short(months: int, as_of: dt.date, horizon_months: int) -> HistoryError:
    works = [shorter for shorter in (6, 3, 1) if months >= 2 * shorter]
    hint = f"--horizon-months {works[0]} works" if works else "feed more months"
    # one line: it is the answer to a plain question, not a fault of the ledger
    return HistoryError(
        f"An outcome of {horizon_months} months needs {2 * horizon_months} months of history, half of them before it; "
        f"the ledger has {months} up to {as_of}. Hint: {hint}."
    )
