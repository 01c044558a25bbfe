"""Snapshots of dates from the customer months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from segment.dates import month_end
from segment.exceptions import HistoryError
from segment.features import cost_target_name, months_written, snapshot, target_name
from segment.features.customer_sample import CustomerSample
from segment.messages import Message
from segment.policy import Policy
from segment.progress import ProgressCallback, no_progress
from segment.warehouse.stored_snapshots import SnapshotSource

MOST_DATES = 5
MONTHS_BETWEEN = 3


def build_snapshots(
    source: SnapshotSource,
    policy: Policy,
    dates: Sequence[dt.date],
    *,
    horizon_months: int = 12,
    sample: CustomerSample | None = None,
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
) -> dict[dt.date, pl.DataFrame]:
    """Build the snapshots of some dates, with what came after them as far as it was known on the newest."""
    return snapshot(
        source.tables,
        source.customer_months,
        policy,
        dates,
        known_until=max(dates),
        horizon_months=horizon_months,
        sample=sample,
        n_jobs=n_jobs,
        progress=progress,
    )


def training_dates(
    customer_months: Path,
    as_of: dt.date,
    horizon_months: int,
    *,
    most: int = MOST_DATES,
    months_between: int = MONTHS_BETWEEN,
) -> list[dt.date]:
    """Choose the dates to learn from: the newest whose outcome has passed, and earlier ones at a distance.

    Before each there must be as many months as the outcome has, since the outcome is forecast by as many months.
    """
    months = months_written(customer_months, as_of)
    oldest = horizon_months - 1
    newest = len(months) - 1 - horizon_months
    if newest < oldest:
        raise _too_short(len(months), as_of, horizon_months)
    chosen = list(range(newest, oldest - 1, -months_between))[:most]
    return sorted(month_end(months[place]) for place in chosen)


def outcome_names(horizon_months: int) -> tuple[str, str]:
    """Columns that tell what came after a snapshot."""
    return target_name(horizon_months), cost_target_name(horizon_months)


def stacked(snapshots: dict[dt.date, pl.DataFrame], horizon_months: int) -> pl.DataFrame:
    """Stack snapshots, with NaN where the outcome has not passed."""
    frames = [
        frame.with_columns(
            pl.lit(np.nan).alias(name) for name in outcome_names(horizon_months) if name not in frame.columns
        )
        for _, frame in sorted(snapshots.items())
    ]
    return pl.concat(frames, how="vertical")


def _too_short(months: int, as_of: dt.date, horizon_months: int) -> HistoryError:
    works = [shorter for shorter in (6, 3, 1) if months >= 2 * shorter]
    hint = Message("errors.hint.horizon", {"months": works[0]}) if works else Message("errors.hint.more_months")
    # one line: it is the answer to a plain question, not a fault of the ledger
    return HistoryError.of(
        "errors.too_short", horizon=horizon_months, needed=2 * horizon_months, months=months, as_of=as_of, hint=hint
    )
