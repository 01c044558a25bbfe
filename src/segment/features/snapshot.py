"""Snapshots: one row per customer, as the bank knew them on a month's last day."""

# Several dates come out of one pass through the cube. Every figure is a function of rows dated on or before its
# date; the outcomes (the contribution that is the target, and the cost that came with it), where their months have
# passed, are the only columns that look ahead.

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from joblib import Parallel, delayed

from segment.dates import month_end, months_between, next_month
from segment.exact_money import rounded
from segment.exceptions import HistoryError
from segment.features.bank_level import with_bank_signals
from segment.features.catalogue import KEYS, catalogue, cost_target_name, target_name
from segment.features.cube import Cube, build_cube
from segment.features.derived import CLIPPED, with_derived_measures
from segment.features.feature import Feature
from segment.features.monthly import measures
from segment.features.person import customers_as_of
from segment.features.recipes import histories
from segment.features.store import check_as_of, months_written
from segment.features.windows import Floats, window_at
from segment.files import write_parquet
from segment.policy import Policy
from segment.progress import ProgressCallback

CUSTOMERS_A_BUCKET = 2_000

_OUTCOMES = {"contribution": target_name, "cost": cost_target_name}


@dataclass(frozen=True)
class _Plan:
    """What every bucket does, small enough to be sent to a worker."""

    folder: Path
    months: tuple[dt.date, ...]
    ends: tuple[int, ...]
    horizon: int
    policy: Policy


def snapshot(
    tables: Mapping[str, pl.DataFrame],
    folder: Path,
    policy: Policy,
    as_of: Sequence[dt.date],
    *,
    known_until: dt.date | None = None,
    horizon_months: int = 12,
    n_jobs: int = 1,
    progress: ProgressCallback | None = None,
) -> dict[dt.date, pl.DataFrame]:
    """Make the snapshots of some dates.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        `customers` and `branches` of the checked ledger.
    folder : Path
        The folder of customer months, built at least up to the last date.
    policy : Policy
        Products, tiers' quantile and the main bank's floors.
    as_of : sequence of datetime.date
        Last days of months.
    known_until : datetime.date, optional
        Day up to which the target may look; the last date by default.
    horizon_months : int
        Months of the target.
    n_jobs : int
        Processes over buckets of customers.
    progress : callable, optional
        Told ("snapshots", buckets done, buckets in all).

    Returns
    -------
    dict of datetime.date to polars.DataFrame
        One row per customer whose relation had begun and not ended on the date, by `customer_id`: `KEYS`, the
        catalogue's features, and the outcomes (`target_name`, `cost_target_name`) where the date and the horizon lie
        within what is known. Missing figures are null.

    Raises
    ------
    UsageError
        Where a date is not a month's last day.
    HistoryError
        Where a date's month was never built.
    """
    dates = sorted(set(as_of))
    for date in dates:
        check_as_of(date)
    until = known_until or dates[-1]
    months = months_written(folder, max(until, dates[-1]))
    plan = _Plan(folder, months, tuple(_end(months, date) for date in dates), horizon_months, policy)
    buckets = max(1, -(-len(tables["customers"]) // CUSTOMERS_A_BUCKET))
    parts = _in_buckets(plan, buckets, n_jobs, progress)
    return {date: _assembled(tables, plan, date, parts, number, until) for number, date in enumerate(dates)}


def write_snapshots(snapshots: Mapping[dt.date, pl.DataFrame], folder: Path) -> tuple[Path, ...]:
    """Write snapshots as whole files.

    Parameters
    ----------
    snapshots : mapping of datetime.date to polars.DataFrame
        What `snapshot` returns.
    folder : Path
        Receives `YYYY-MM-DD.parquet`.

    Returns
    -------
    tuple of Path
    """
    paths = {as_of: folder / f"{as_of.isoformat()}.parquet" for as_of in snapshots}
    for as_of, path in paths.items():
        write_parquet(snapshots[as_of], path)
    return tuple(paths.values())


def bucket_features(cube: Cube, ends: Sequence[int], features: Sequence[Feature]) -> Floats:
    """Make the features of one bucket as of several dates; pure NumPy."""
    # Returns array of float64, shape (dates, customers, features).
    made = np.empty((len(ends), len(cube.customer_ids), len(features)))
    for number, history in enumerate(histories(cube, list(ends))):
        for column, feature in enumerate(features):
            if feature.recipe is not None:
                made[number, :, column] = feature.recipe(history)
    return made


def _in_buckets(
    plan: _Plan, buckets: int, n_jobs: int, progress: ProgressCallback | None
) -> list[tuple[list[str], Floats, Floats]]:
    parts = []
    # a generator, so that progress is told as buckets come in
    for part in Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_bucket)(plan, bucket, buckets) for bucket in range(buckets)
    ):
        parts.append(part)
        if progress is not None:
            progress("snapshots", len(parts), buckets)
    return parts


def _bucket(plan: _Plan, bucket: int, buckets: int) -> tuple[list[str], Floats, Floats]:
    raw = build_cube(plan.folder, bucket, buckets, plan.months, (*measures(plan.policy), CLIPPED))
    cube = with_derived_measures(raw, plan.policy)
    features = [feature for feature in catalogue(plan.policy) if feature.recipe is not None]
    made = bucket_features(cube, plan.ends, features)
    return list(cube.customer_ids), made, _outcomes(cube, plan.ends, plan.horizon)


def _outcomes(cube: Cube, ends: Sequence[int], horizon: int) -> Floats:
    position = [cube.measures.index(name) for name in _OUTCOMES]
    outcomes = np.empty((len(ends), len(cube.customer_ids), len(_OUTCOMES)))
    history = histories(Cube(cube.customer_ids, cube.months, tuple(_OUTCOMES), cube.values[:, :, position]), [0])[0]
    for number, end in enumerate(ends):
        last = min(end + horizon, len(cube.months))
        sums, _ = window_at(history.totals, history.counts, last, last - end)
        # who leaves keeps what was earned until then, which may be nothing
        outcomes[number] = rounded(np.nan_to_num(sums))
    return outcomes


def _assembled(
    tables: Mapping[str, pl.DataFrame],
    plan: _Plan,
    as_of: dt.date,
    parts: Sequence[tuple[list[str], Floats, Floats]],
    number: int,
    until: dt.date,
) -> pl.DataFrame:
    listed = catalogue(plan.policy)
    names = [feature.name for feature in listed if feature.recipe is not None]
    outcomes = [name(plan.horizon) for name in _OUTCOMES.values()]
    ahead = np.concatenate([part[2][number] for part in parts])
    ids = pl.Series("customer_id", [name for part in parts for name in part[0]], dtype=pl.String)
    values = np.concatenate([part[1][number] for part in parts])
    values_of_features = pl.DataFrame({name: values[:, column] for column, name in enumerate(names)}).with_columns(
        ids, *(pl.Series(name, ahead[:, column]) for column, name in enumerate(outcomes))
    )
    persons = customers_as_of(tables["customers"], tables["branches"], as_of)
    rows = persons.join(values_of_features.fill_nan(None), on="customer_id", how="inner").sort("customer_id")
    complete = with_bank_signals(rows.with_columns(as_of=pl.lit(as_of)), plan.policy)
    past = month_end(next_month(as_of, plan.horizon)) <= until
    return complete.select(*KEYS, *(feature.name for feature in listed), *(outcomes if past else []))


def _end(months: Sequence[dt.date], as_of: dt.date) -> int:
    month = as_of.replace(day=1)
    if month not in months:
        raise HistoryError.of("errors.months_not_built_up_to", as_of=as_of, first=months[0], last=months[-1])
    return months_between(months[0], month) + 1
