"""From a ledger to customer months and the snapshot of a moment."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import HistoryError
from segment.features import Engine, months_written, write_customer_months
from segment.features.store import month_file
from segment.jobs.found import Found
from segment.jobs.hashes import code_hash
from segment.jobs.kept_snapshots import keep_snapshots
from segment.jobs.progress import Report, quiet
from segment.jobs.protected import FILE, keep_protected
from segment.jobs.reconciled import reconcile_months
from segment.jobs.reference import COLUMNS, keep_reference
from segment.jobs.unchanged import forget, is_done, remember
from segment.ledger import TABLES, open_source
from segment.ledger.increments import Increment
from segment.policy import Policy
from segment.warehouse import Workspace, workspace_lock, write_json
from segment.warehouse.tables import months_from
from segment.warehouse.tombstones import Erased


@dataclass(frozen=True)
class Extracted:
    """What an extract did.

    Attributes
    ----------
    as_of : datetime.date
        The moment.
    customers : int
        Rows of the snapshot.
    months_built, months_kept : int
        Customer months written, and those whose input had not changed.
    rows, quarantined : int
        Rows of the ledger, and how many of them broke a rule.
    unreconciled : int
        Lines of a branch in the month that miss the ledger's total by more than the policy tolerates.
    hashes : dict of str to str
        SHA-256 of each table's content.
    policy_hash : str
        Of the part of the policy that figures follow from.
    parts, parts_read : int
        Parts of the ledger's long tables, and those whose rows were read and judged.
    snapshots_built : int
        Snapshots made: of the moment, and of earlier ones that see what changed.
    erased : int
        Customers of the ledger who were erased and are left out of all that is built.
    check : dict
        What the check of the ledger found: counts by table and rule, notices, dates.
    """

    as_of: dt.date
    customers: int
    months_built: int
    months_kept: int
    rows: int
    quarantined: int
    unreconciled: int
    hashes: dict[str, str]
    policy_hash: str
    parts: int = 0
    parts_read: int = 0
    snapshots_built: int = 0
    erased: int = 0
    check: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return counts and hashes as plain values."""
        return {**asdict(self), "as_of": self.as_of.isoformat()}

    def __str__(self) -> str:
        """Say what was done."""
        return (
            f"Snapshot of {self.as_of}: {self.customers:,} customers. {self.months_built} months built, "
            f"{self.months_kept} unchanged. {self.rows:,} rows, {self.quarantined:,} in quarantine; "
            f"{self.parts_read} of {self.parts} parts of the ledger read."
            f"{f' Left out because erased: {self.erased:,}.' if self.erased else ''}"
        )


def extract(
    location: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    *,
    engine: Engine = "polars",
    n_jobs: int = -1,
    progress: Report = quiet,
) -> Extracted:
    """Check the ledger, build the customer months that are new or changed, and the snapshot.

    Of the long tables only those files are read whose bytes are new, or whose verdicts may be. Where nothing changed
    since the last extract of that moment, nothing is written.

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
    progress: Report = quiet,
) -> Extracted:
    """Do the work of `extract` for a job that holds the workspace already.

    Parameters
    ----------
    location, as_of, workspace, policy, engine, n_jobs, progress
        As `extract` takes them.

    Returns
    -------
    Extracted
    """
    erased, first = Erased.of(workspace), months_from(workspace)
    with open_source(location) as source:
        found = Found.of(source)
        asked = (as_of.isoformat(), policy.model_hash, *policy.audit.attributes, engine, str(first), *erased.subjects)
        inputs = found.digest((*asked, code_hash(), pl.__version__))
        if is_done(workspace, inputs):
            return _nothing_new(extracted(workspace, as_of))
        forget(workspace)
        progress("check", 0, 1)
        ledger = found.check(as_of, workspace, policy)
    _require_month(ledger, as_of)
    progress("check", 1, 1)
    keep_reference(ledger, workspace, policy)
    keep_protected(ledger, workspace, policy)
    months = write_customer_months(
        {**ledger.tables, **ledger.long},
        policy,
        as_of,
        workspace.customer_months,
        engine=engine,
        progress=progress,
        keep=erased.leave_out,
        first=first,
    )
    snapshots = keep_snapshots(workspace, policy, as_of, n_jobs=n_jobs, progress=progress)
    reconciled = reconcile_months(ledger, policy, as_of, workspace)
    done = Extracted(
        as_of=as_of,
        customers=snapshots.customers,
        months_built=len(months.built),
        months_kept=len(months.kept),
        rows=sum(table.rows for table in ledger.report.tables),
        quarantined=sum(table.quarantined for table in ledger.report.tables),
        unreconciled=reconciled.failures.height,
        hashes={table.table: table.sha256 for table in ledger.report.tables if table.sha256},
        policy_hash=policy.model_hash,
        parts=ledger.parts,
        parts_read=ledger.parts_read,
        snapshots_built=len(snapshots.built),
        erased=int(erased.names(ledger.tables["customers"]["customer_id"]).sum()),
        check=ledger.report.to_dict(),
    )
    write_json(done.to_dict(), _report(workspace, as_of))
    remember(workspace, inputs, _written(workspace, as_of))
    return done


def extracted(workspace: Workspace, as_of: dt.date) -> Extracted:
    """Read what the extract of a moment did.

    Parameters
    ----------
    workspace : Workspace
        Where it was built.
    as_of : datetime.date
        The moment.

    Returns
    -------
    Extracted

    Raises
    ------
    HistoryError
        Where that moment was not extracted.
    """
    path = _report(workspace, as_of)
    if not path.is_file():
        raise HistoryError.with_hint(
            f"The ledger must have been extracted as of {as_of}. It was not.",
            f"segment extract LEDGER --as-of {as_of}",
        )
    content = json.loads(path.read_text(encoding="utf-8"))
    return Extracted(**{**content, "as_of": dt.date.fromisoformat(content["as_of"])})


def _nothing_new(last: Extracted) -> Extracted:
    kept = last.months_built + last.months_kept
    return replace(last, months_built=0, months_kept=kept, parts_read=0, snapshots_built=0)


def _report(workspace: Workspace, as_of: dt.date) -> Path:
    return workspace.runs / f"extract-{as_of.isoformat()}.json"


def _written(workspace: Workspace, as_of: dt.date) -> Iterator[Path]:
    """The files of a moment that an extract answers for."""
    yield workspace.snapshot(as_of)
    yield _report(workspace, as_of)
    yield workspace.runs / f"reconciliation-{as_of.isoformat()}.csv"
    yield from (workspace.reference / f"{name}.parquet" for name in COLUMNS)
    yield workspace.protected / FILE
    yield from workspace.reconciliations.glob("*.parquet")
    yield from (workspace.quarantine / f"{name}.parquet" for name in TABLES)
    yield from (
        month_file(workspace.customer_months, month) for month in months_written(workspace.customer_months, as_of)
    )


def _require_month(ledger: Increment, as_of: dt.date) -> None:
    """Refuse a moment that the ledger does not reach: a month without balances would look like customers leaving."""
    last = ledger.report.table("balances").last_on
    if last is None or last < as_of.replace(day=1):
        reached = "none" if last is None else f"{last:%Y-%m}"
        raise HistoryError.with_hint(
            f"The ledger must hold balances of {as_of:%Y-%m}. Its last month up to {as_of} is {reached}.",
            "give --as-of the last day of a month that is complete",
        )
