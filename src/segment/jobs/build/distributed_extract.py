"""A check and an extract on Spark, into the same workspace that one machine builds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw
import polars as pl

from segment.contribution import ReconciliationReport, reconcile
from segment.exceptions import UsageError
from segment.features.person import customers_as_of
from segment.features.store import FORMAT, MANIFEST, month_file, months_to_build, without_months_before
from segment.files import repr_hash, write_json, write_parquet
from segment.jobs.build.extract import Extracted, build, summary, write_reports
from segment.jobs.build.hashes import code_hash, ledger_hash
from segment.jobs.build.payers_that_leave import alarms_of
from segment.jobs.build.reached_month import require_month
from segment.jobs.build.reconcile import MONTHS, reconcile_months
from segment.jobs.build.snapshot_cache import update_snapshots
from segment.ledger import TooManyBadRowsError, open_source
from segment.ledger.check_report import CheckReport
from segment.ledger.parts import Source
from segment.ledger.protection import with_doubts
from segment.ledger.trial_ledger import trial_day
from segment.lock import workspace_lock
from segment.policy import Policy
from segment.progress import ProgressCallback, no_progress
from segment.spark.bucket_months import (
    CUSTOMERS,
    ERASED,
    UNHELD,
    BucketPlan,
    build_months,
    count_bucket_payers,
    count_transfers,
    write_short_tables,
)
from segment.spark.built_months import MonthWork, clip_bounds, month_sums, put_month_together
from segment.spark.distributed_check import DistributedLedger, GivenLedger, check_distributed
from segment.spark.given_tables import find_tables
from segment.spark.session import in_tasks, spark_session, staging
from segment.spark.snapshot_buckets import SnapshotPlan, make_snapshots
from segment.store.tombstones import Erased
from segment.warehouse.branch_hours import write_visits
from segment.warehouse.cache import invalidate
from segment.warehouse.protected_columns import write_protected
from segment.warehouse.reference_tables import write_reference
from segment.warehouse.workspace_clock import admit_ledger
from segment.workspace import Workspace, months_from

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def check_on_spark(location: str, policy: Policy, master: str, workspace: Workspace) -> CheckReport:
    """Check a ledger on Spark and say what was found, as one machine says it.

    Parameters
    ----------
    location : str
        A folder of tables, or a database URL: every machine of the cluster must see it under this name.
    policy : Policy
        Products, tolerated bad rows, and how the ledger is to be read.
    master : str
        The cluster's, such as `spark://host:7077`, or `local[4]`.
    workspace : Workspace
        Rows lie in a folder of their own below its root while the command runs; every machine must see it.

    Returns
    -------
    CheckReport
        Counts, hashes, date ranges.

    Raises
    ------
    LedgerError
        Where the ledger cannot be used.
    ClusterError
        Where Spark does not start, or gives up on a task.
    """
    with (
        staging(workspace.root, "check") as root,
        open_source(location, reading=policy.reading) as source,
        spark_session(master) as session,
    ):
        given = _given(session, source, dt.date.max, policy, Erased((), b""), None, Path(root))
        try:
            return replace(check_distributed(session, given, Path(root)).report, as_of=None)
        except TooManyBadRowsError as error:
            error.report = replace(error.report, as_of=None)
            raise


def extract_on_spark(
    location: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    master: str,
    *,
    buckets: int | None = None,
    progress: ProgressCallback = no_progress,
) -> Extracted:
    """Check a ledger on Spark, and build every customer month and the snapshot.

    Parameters
    ----------
    location : str
        A folder of tables, or a database URL: every machine of the cluster must see it under this name.
    as_of : datetime.date
        A month's last day; nothing dated after it is read into a figure.
    workspace : Workspace
        Where to build; every machine must see it. Rows lie in a folder of their own below its root while the command
        runs.
    policy : Policy
        Frozen figures.
    master : str
        The cluster's, such as `spark://host:7077`, or `local[4]`.
    buckets : int, optional
        Tasks that customers are spread over; by default one for 20,000 of them.
    progress : callable
        Told how far each step is.

    Returns
    -------
    Extracted

    Raises
    ------
    LedgerError
        Where the ledger cannot be used; bad rows are in quarantine then too.
    UsageError
        Where the policy prices the minutes of branches, which needs the whole bank at once.
    ClusterError
        Where Spark does not start, or gives up on a task.
    BusyError
        Where another run holds the workspace.
    """
    with workspace_lock(workspace.root, "extract"):
        return build_on_spark(location, as_of, workspace, policy, master, buckets=buckets, progress=progress)


def build_on_spark(
    location: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    master: str,
    *,
    buckets: int | None = None,
    progress: ProgressCallback = no_progress,
) -> Extracted:
    """Do the work of `extract_on_spark` for a job that holds the workspace already."""
    if policy.costs.overhead.branch_minutes_month:
        raise UsageError.of("errors.spark_branch_minutes")
    with (
        staging(workspace.root, "extract") as root,
        open_source(location, reading=policy.reading) as source,
        spark_session(master) as session,
    ):
        admit_ledger(workspace, trial_day(source))
        invalidate(workspace)
        progress("check", 0, 1)
        erased = Erased.of(workspace)
        given = _given(session, source, as_of, policy, erased, workspace.quarantine, Path(root))
        given = replace(given, buckets=buckets)
        ledger = check_distributed(session, given, Path(root))
        require_month(ledger.report, as_of)
        progress("check", 1, 1)
        tables = write_reference(with_doubts(ledger.tables, ledger.quarantine), workspace, policy)
        write_protected(ledger.tables["customers"], workspace, policy)
        plan = _plan(session, ledger, as_of, months_from(workspace), policy, Path(root), erased)
        progress("customer months", 0, 1)
        numbers, folder = range(ledger.buckets.count), workspace.customer_months
        write_visits(pl.concat(in_tasks(session, partial(build_months, plan), numbers)), workspace)
        alarms = alarms_of(pl.concat(in_tasks(session, partial(count_bucket_payers, plan), numbers)))
        _put_months_together(session, plan, ledger, folder)
        progress("customer months", 1, 1)
        snapshots = update_snapshots(
            tables, folder, workspace.snapshots, policy, as_of,
            lambda dates: _make_snapshots(session, plan, tables, dates, folder, workspace.snapshots),
        )  # fmt: skip
        reconcile_months(
            ledger.tables, as_of, folder, workspace.reconciliations,
            lambda month: _reconcile(session, plan, ledger, month),
        )  # fmt: skip
    done = replace(
        summary(ledger.report, ledger.tables["customers"], policy, as_of, erased, ledger.parts, alarms),
        months_built=len(plan.months),
        snapshots_built=len(snapshots),
        parts_read=ledger.parts,
    )
    return write_reports(done, workspace.runs, workspace.snapshot(as_of), workspace.reconciliations, policy)[0]


def built_by(master: str | None, n_jobs: int) -> Callable[..., Extracted]:
    """Who builds: the cluster of a master, or this machine where none is named."""
    return partial(build, n_jobs=n_jobs) if master is None else partial(build_on_spark, master=master)


def _plan(
    session: SparkSession,
    ledger: DistributedLedger,
    as_of: dt.date,
    first: dt.date | None,
    policy: Policy,
    root: Path,
    erased: Erased,
) -> BucketPlan:
    """Say what every bucket does, and lay its short tables down; `first`: Month before which nothing is kept."""
    months = tuple(months_to_build(ledger.first_ons, as_of, first))
    plan = BucketPlan(root, policy, months, months[-MONTHS:], erased)
    for bucket, short in ledger.buckets.tables(ledger.tables):
        write_short_tables(plan, bucket, short)
    counted = in_tasks(session, partial(count_transfers, plan), range(ledger.buckets.count))
    return replace(plan, both_ends=_both_ends(counted))


def _given(
    session: SparkSession, source: Source, as_of: dt.date, policy: Policy, erased: Erased, quarantine: Path | None,
    root: Path,
) -> GivenLedger:  # fmt: skip
    tables = find_tables(session, source, root / "given")
    return GivenLedger(tables, source.strays(), source.description, as_of, policy, erased, quarantine)


def _both_ends(counted: list[dict[dt.date, tuple[float, int]]]) -> dict[dt.date, float]:
    """Share of each month's unnamed own transfers that find their other end, over all buckets."""
    sums = {month: [sum(counts[month][place] for counts in counted) for place in (0, 1)] for month in counted[0]}
    return {month: paired / transfers if transfers else 0.0 for month, (paired, transfers) in sums.items()}


def _put_months_together(session: SparkSession, plan: BucketPlan, ledger: DistributedLedger, folder: Path) -> None:
    """Write a whole file for each month, and the manifest that names what it was built from."""
    bounds = clip_bounds(session, plan, plan.policy.tiers)
    work = [
        MonthWork(
            month, plan.built("months", month), plan.built("debts", month), bounds[month], plan.erased, folder.resolve()
        )
        for month in plan.months
    ]
    rows = in_tasks(session, put_month_together, work)
    hashes = {table.table: table.sha256 for table in ledger.report.tables if table.sha256}
    terms = ("spark", FORMAT, plan.policy.model_hash, code_hash(), pl.__version__, ledger_hash(hashes))
    manifest = without_months_before(plan.months[0], folder)
    for month, count in zip(plan.months, rows, strict=True):
        manifest[f"{month:%Y-%m}"] = {"input": repr_hash((*terms, month)), "rows": count, "owed_before": "", "owed": ""}
    write_json(manifest, folder / MANIFEST)


def _make_snapshots(
    session: SparkSession,
    plan: BucketPlan,
    tables: Mapping[str, pl.DataFrame],
    dates: Sequence[dt.date],
    customer_months: Path,
    snapshots: Path,
) -> None:
    persons = [
        customers_as_of(tables["customers"], tables["branches"], day).with_columns(as_of=pl.lit(day)) for day in dates
    ]
    write_parquet(pl.concat(persons), plan.root / "persons.parquet")
    files = tuple(month_file(customer_months, month).resolve() for month in plan.months)
    span = (plan.months[0], plan.months[-1])
    made = SnapshotPlan(files, span, plan.root / "persons.parquet", len(tables["customers"]), plan.policy, plan.root)
    make_snapshots(session, made, dates, snapshots.resolve())


def _reconcile(
    session: SparkSession, plan: BucketPlan, ledger: DistributedLedger, month: dt.date
) -> ReconciliationReport:
    customers, gone, unheld = month_sums(session, plan, month, (CUSTOMERS, ERASED, UNHELD))
    lines = nw.from_native(gone.lazy()) if gone.height else None
    totals = nw.from_native(ledger.tables["ledger_totals"].lazy())
    return reconcile(nw.from_native(customers.lazy()), nw.from_native(unheld.lazy()), totals, plan.policy, lines)
