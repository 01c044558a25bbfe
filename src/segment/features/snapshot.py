"""Snapshots: one row per customer, as the bank knew them on a month's last day."""

# Several dates come out of one pass through the cube. Every figure is a function of rows dated on or before its
# date; the outcomes (the contribution that is the target, and the cost that came with it), where their months have
# passed, are the only columns that look ahead.

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from joblib import Parallel, delayed

from segment.dates import month_end, months_between, next_month
from segment.exact_money import rounded
from segment.exceptions import HistoryError
from segment.features.bank_level import ASKED_OF_THE_BANK, bank_facts, with_bank_signals
from segment.features.catalogue import KEYS, catalogue, cost_target_name, target_name
from segment.features.cube import Cube, build_cube
from segment.features.customer_sample import CustomerSample
from segment.features.derived import CLIPPED, with_derived_measures
from segment.features.feature import Feature
from segment.features.monthly import measures
from segment.features.person import customers_as_of
from segment.features.recipes import histories
from segment.features.row_spool import RowSpool
from segment.features.store import check_as_of, months_written
from segment.features.windows import Floats, window_at
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
    sample: CustomerSample | None


def snapshot(
    tables: Mapping[str, pl.DataFrame],
    folder: Path,
    policy: Policy,
    as_of: Sequence[dt.date],
    *,
    known_until: dt.date | None = None,
    horizon_months: int = 12,
    sample: CustomerSample | None = None,
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
    sample : CustomerSample, optional
        Whose rows alone are made; what a signal asks of the whole bank is asked of them.
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
    with snapshots_in_parts(
        tables, folder, policy, as_of,
        known_until=known_until, horizon_months=horizon_months, sample=sample, n_jobs=n_jobs, progress=progress,
    ) as parts:  # fmt: skip
        return {date: pl.concat(rows) for date, rows in parts.items()}


@contextmanager
def snapshots_in_parts(
    tables: Mapping[str, pl.DataFrame],
    folder: Path,
    policy: Policy,
    as_of: Sequence[dt.date],
    *,
    known_until: dt.date | None = None,
    horizon_months: int = 12,
    sample: CustomerSample | None = None,
    n_jobs: int = 1,
    progress: ProgressCallback | None = None,
) -> Iterator[dict[dt.date, Iterator[pl.DataFrame]]]:
    """Make what `snapshot` makes, some thousand customers at a time, while all wait on disk."""
    dates = sorted(set(as_of))
    for date in dates:
        check_as_of(date)
    until = known_until or dates[-1]
    months = months_written(folder, max(until, dates[-1]))
    plan = _Plan(folder, months, tuple(_end(months, date) for date in dates), horizon_months, policy, sample)
    with tempfile.TemporaryDirectory(prefix="segment-snapshots-") as place:
        columns = [*_recipes(policy), *(name(horizon_months) for name in _OUTCOMES.values())]
        ids = tables["customers"]["customer_id"] if sample is None else sample.customer_ids
        spools = {date: RowSpool(Path(place) / date.isoformat(), ids, columns) for date in dates}
        _fill(list(spools.values()), plan, max(1, -(-len(ids) // CUSTOMERS_A_BUCKET)), n_jobs, progress)
        yield {date: _completed(tables, plan, date, spools[date], until) for date in dates}


def bucket_features(cube: Cube, ends: Sequence[int], features: Sequence[Feature]) -> Floats:
    """Make the features of one bucket as of several dates; pure NumPy."""
    # Returns array of float64, shape (dates, customers, features).
    made = np.empty((len(ends), len(cube.customer_ids), len(features)))
    for number, history in enumerate(histories(cube, list(ends))):
        for column, feature in enumerate(features):
            if feature.recipe is not None:
                made[number, :, column] = feature.recipe(history)
    return made


def _recipes(policy: Policy) -> dict[str, Feature]:
    """Features that are made of a customer's own months."""
    return {feature.name: feature for feature in catalogue(policy) if feature.recipe is not None}


def _fill(
    spools: Sequence[RowSpool], plan: _Plan, buckets: int, n_jobs: int, progress: ProgressCallback | None
) -> None:
    # a generator, so that a bucket is laid down, and progress told, as it comes in
    made = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_bucket)(plan, bucket, buckets) for bucket in range(buckets)
    )
    for number, (ids, values) in enumerate(made):
        for spool, rows in zip(spools, values, strict=True):
            spool.write(ids, rows)
        if progress is not None:
            progress("snapshots", number + 1, buckets)


def _bucket(plan: _Plan, bucket: int, buckets: int) -> tuple[list[str], Floats]:
    wanted = (*measures(plan.policy), CLIPPED)
    raw = build_cube(plan.folder, bucket, buckets, plan.months, wanted, plan.sample)
    cube = with_derived_measures(raw, plan.policy)
    made = bucket_features(cube, plan.ends, list(_recipes(plan.policy).values()))
    return list(cube.customer_ids), np.concatenate([made, _outcomes(cube, plan.ends, plan.horizon)], axis=2)


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


def _completed(
    tables: Mapping[str, pl.DataFrame], plan: _Plan, as_of: dt.date, spool: RowSpool, until: dt.date
) -> Iterator[pl.DataFrame]:
    """Add to the rows of a date who each customer is, and what a signal asks of the whole bank."""
    persons = customers_as_of(tables["customers"], tables["branches"], as_of)
    past = month_end(next_month(as_of, plan.horizon)) <= until
    outcomes = [name(plan.horizon) for name in _OUTCOMES.values()] if past else []
    columns = [*KEYS, *(feature.name for feature in catalogue(plan.policy)), *outcomes]

    def rows(some: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        for part in spool.chunks(some):
            yield part.fill_nan(None).join(persons, on="customer_id", how="inner", maintain_order="left")

    facts = bank_facts(pl.concat(rows(ASKED_OF_THE_BANK)), plan.policy)
    for part in rows():
        yield with_bank_signals(part.with_columns(as_of=pl.lit(as_of)), plan.policy, facts).select(columns)


def _end(months: Sequence[dt.date], as_of: dt.date) -> int:
    month = as_of.replace(day=1)
    if month not in months:
        raise HistoryError.of("errors.months_not_built_up_to", as_of=as_of, first=months[0], last=months[-1])
    return months_between(months[0], month) + 1
