"""From a ledger to customer months and the snapshot of a date."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from segment.contribution import ReconciliationReport
from segment.exceptions import HistoryError
from segment.features import Engine, months_written, write_customer_months
from segment.features.snapshot import snapshots_in_parts
from segment.features.store import month_file
from segment.files import write_json, write_whole
from segment.jobs.build.hashes import code_hash
from segment.jobs.build.payers_that_leave import find_alarms
from segment.jobs.build.reached_month import require_month
from segment.jobs.build.reconcile import read_reconciliation, reconcile_month, reconcile_months
from segment.jobs.build.snapshot_cache import update_snapshots, write_made
from segment.jobs.build.source_ledger import SourceLedger
from segment.ledger import TABLES, open_source
from segment.ledger.check_report import CheckReport
from segment.ledger.protection import with_doubts
from segment.ledger.trial_ledger import trial_day
from segment.lock import workspace_lock
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.progress import ProgressCallback, no_progress
from segment.store.tombstones import Erased
from segment.warehouse.branch_hours import FILE as BRANCH_HOURS
from segment.warehouse.branch_hours import write_branch_hours
from segment.warehouse.cache import invalidate, is_fresh, store
from segment.warehouse.frame_store import FrameStore
from segment.warehouse.protected_columns import FILE, write_protected
from segment.warehouse.reference_tables import COLUMNS, write_reference
from segment.warehouse.workspace_clock import admit_ledger
from segment.workspace import Workspace, months_from


@dataclass(frozen=True)
class Extracted(MessageResult):
    """What an extract did."""

    as_of: dt.date  # The date
    customers: int  # Rows of the snapshot
    months_built: int  # months_built, months_kept: Customer months written, and those whose input had not changed.
    months_kept: int
    rows: int  # rows, quarantined: Rows of the ledger, and how many of them broke a rule.
    quarantined: int
    unreconciled: int  # Lines of a branch in the month that miss the ledger's total by more than the policy tolerates
    hashes: dict[str, str]  # SHA-256 of each table's content
    policy_hash: str  # Of the part of the policy that figures follow from
    parts: int = 0  # parts, parts_read: Parts of the ledger's long tables, and those whose rows were read and judged.
    parts_read: int = 0
    snapshots_built: int = 0  # Snapshots made: of the date, and of earlier ones that see what changed
    erased: int = 0  # Customers of the ledger who were erased and are left out of all that is built
    # What the check of the ledger found: counts by table and rule, notices, dates
    check: Mapping[str, object] = field(default_factory=dict)
    alarms: tuple[Message, ...] = ()  # Of employers whose staff begin to be paid elsewhere

    def to_dict(self) -> dict[str, Any]:
        """Return counts and hashes as plain values."""
        return {**asdict(self), "as_of": self.as_of.isoformat()}

    def unchanged(self) -> Extracted:
        """What the same extract again did: nothing."""
        months = self.months_built + self.months_kept
        return replace(self, months_built=0, months_kept=months, parts_read=0, snapshots_built=0)

    def messages(self) -> list[Message]:
        """Say what was done."""
        erased = [Message("results.extract_erased", {"customers": self.erased})] if self.erased else []
        line = Message("results.line", {"sentences": [Message("results.extract", vars(self)), *erased]})
        return [line, *(Message("results.alarm", {"alarm": alarm}) for alarm in self.alarms)]


def extract(
    location: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    *,
    engine: Engine = "polars",
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
) -> Extracted:
    """Check the ledger, build the customer months that are new or changed, and the snapshot.

    Of the long tables only those files are read whose bytes are new, or whose verdicts may be. Where nothing changed
    since the last extract of that date, nothing is written.

    Parameters
    ----------
    location : str
        A folder of tables or a database URL.
    as_of : datetime.date
        A month's last day; nothing dated after it is read into a figure.
    workspace : Workspace
        Where to build.
    policy : Policy
        Frozen figures.
    engine : {"polars", "duckdb"}
        What sums the months.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far each step is.

    Returns
    -------
    Extracted

    Raises
    ------
    LedgerError
        Where the ledger cannot be used; bad rows are in quarantine then too.
    WorkspaceError
        Where the ledger is a real one and the workspace has held trial ones, or the other way round.
    BusyError
        Where another run holds the workspace.
    """
    with workspace_lock(workspace.root, "extract"):
        return build(location, as_of, workspace, policy, engine=engine, n_jobs=n_jobs, progress=progress)


def build(
    location: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    *,
    engine: Engine = "polars",
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
) -> Extracted:
    """Do the work of `extract` for a job that holds the workspace already."""
    erased, first = Erased.of(workspace), months_from(workspace)
    with open_source(location, reading=policy.reading) as source:
        admit_ledger(workspace, trial_day(source))
        source_ledger = SourceLedger.of(source)
        terms = (as_of.isoformat(), policy.model_hash, *policy.audit.attributes, engine, str(first), *erased.subjects)
        inputs = source_ledger.digest((*terms, repr(policy.reading), code_hash(), pl.__version__))
        if is_fresh(workspace, inputs):
            return extracted(workspace, as_of).unchanged()
        invalidate(workspace)
        progress("check", 0, 1)
        frame_store = FrameStore(workspace.ledger_parts, erased.blank)
        ledger = source_ledger.check(as_of, policy, frame_store, workspace.quarantine, erased)
        require_month(ledger.report, as_of)
        progress("check", 1, 1)
        tables = write_reference(with_doubts(ledger.tables, ledger.quarantine), workspace, policy)
        write_protected(ledger.tables["customers"], workspace, policy)
        write_branch_hours(ledger.long["service_events"].rows, tables["customers"], as_of, workspace)
        folder = workspace.customer_months
        months = write_customer_months(
            {**ledger.tables, **ledger.long}, policy, as_of, folder,
            engine=engine, progress=progress, keep=erased.leave_out, first=first,
        )  # fmt: skip
        make = partial(_make_snapshots, tables, folder, workspace.snapshots, policy, n_jobs, progress)
        snapshots = update_snapshots(tables, folder, workspace.snapshots, policy, as_of, make)
        reconciled = partial(reconcile_month, ledger, policy, customer_months=folder, erased=erased)
        reconcile_months(ledger.tables, as_of, folder, workspace.reconciliations, reconciled)
        alarms = find_alarms(ledger.long["transactions"].rows, ledger.tables["holdings"], as_of, erased)
    built_now = replace(
        summary(ledger.report, ledger.tables["customers"], policy, as_of, erased, ledger.parts, alarms),
        months_built=len(months.built),
        months_kept=len(months.unchanged),
        snapshots_built=len(snapshots),
        parts_read=ledger.parts_read,
    )
    done, reports = write_reports(
        built_now, workspace.runs, workspace.snapshot(as_of), workspace.reconciliations, policy
    )
    written = [
        workspace.snapshot(as_of),
        *reports,
        workspace.protected / FILE,
        workspace.reference / BRANCH_HOURS,
        *(workspace.reference / f"{name}.parquet" for name in COLUMNS),
        *workspace.reconciliations.glob("*.parquet"),
        *(workspace.quarantine / f"{name}.parquet" for name in TABLES),
        *(month_file(folder, month) for month in months_written(folder, as_of)),
    ]
    store(workspace, inputs, written)
    return done


def _make_snapshots(
    tables: Mapping[str, pl.DataFrame],
    customer_months: Path,
    snapshots: Path,
    policy: Policy,
    n_jobs: int,
    progress: ProgressCallback,
    dates: Sequence[dt.date],
) -> None:
    with snapshots_in_parts(tables, customer_months, policy, dates, n_jobs=n_jobs, progress=progress) as made:
        write_made(made, policy, snapshots)


def write_reports(
    built_now: Extracted, runs: Path, snapshot: Path, reconciliations: Path, policy: Policy
) -> tuple[Extracted, tuple[Path, ...]]:
    """Complete what an extract did by what it wrote, and write its two reports."""
    as_of = built_now.as_of
    reconciled = read_reconciliation(reconciliations, as_of.replace(day=1))
    totals = runs / f"reconciliation-{as_of.isoformat()}.csv"
    write_whole(totals, lambda beside: reconciled.write_csv(beside))
    done = replace(
        built_now,
        customers=pq.read_metadata(snapshot).num_rows,
        unreconciled=ReconciliationReport(reconciled, policy.reconciliation.beyond_tolerance).failures.height,
    )
    report = runs / f"extract-{as_of.isoformat()}.json"
    write_json(done.to_dict(), report)
    return done, (report, totals)


def extracted(workspace: Workspace, as_of: dt.date) -> Extracted:
    """Read what the extract of a date did."""
    path = workspace.runs / f"extract-{as_of.isoformat()}.json"
    if not path.is_file():
        raise HistoryError.of("errors.not_extracted", as_of=as_of)
    content = json.loads(path.read_text(encoding="utf-8"))
    alarms = tuple(Message.from_dict(alarm) for alarm in content.get("alarms", []))
    return Extracted(**{**content, "as_of": dt.date.fromisoformat(content["as_of"]), "alarms": alarms})


def what_is_off(workspace: Workspace, as_of: dt.date) -> list[str]:
    """Name the optional tables and columns that the ledger of a date left out.

    Parameters
    ----------
    workspace : Workspace
        Where it was extracted.
    as_of : datetime.date
        The date.

    Returns
    -------
    list of str
        Codes of `segment.ledger.switched_off`; empty where the extract is not there or of before they were kept.
    """
    if not (workspace.runs / f"extract-{as_of.isoformat()}.json").is_file():
        return []
    codes = extracted(workspace, as_of).check.get("switched_off", [])
    return list(codes) if isinstance(codes, list) else []


def summary(
    report: CheckReport,
    customers: pl.DataFrame,
    policy: Policy,
    as_of: dt.date,
    erased: Erased,
    parts: int,
    alarms: tuple[Message, ...],
) -> Extracted:
    """What was found in the ledger; what was built of it is not known yet."""
    return Extracted(
        as_of=as_of,
        customers=0,
        months_built=0,
        months_kept=0,
        rows=sum(table.rows for table in report.tables),
        quarantined=sum(table.quarantined for table in report.tables),
        unreconciled=0,
        hashes={table.table: table.sha256 for table in report.tables if table.sha256},
        policy_hash=policy.model_hash,
        erased=int(erased.names(customers["customer_id"]).sum()),
        check=report.to_dict(),
        parts=parts,
        alarms=alarms,
    )
