"""Deletion of what was kept for long enough, on record; what a law still asks for stays."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from segment.dates import act_day, days_to_check
from segment.features.store import without_months_before
from segment.files import write_json, write_parquet
from segment.jobs.rights.legal_hold import rules_in_force
from segment.lock import workspace_lock
from segment.policy import Policy
from segment.settings import current_user
from segment.store.acts import begin_act, end_acts, unfinished_acts
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.row_store import delete_rows
from segment.store.transactions import transaction
from segment.warehouse.expired import Expired, find_expired
from segment.warehouse.reference_tables import read_small_table
from segment.warehouse.serving_copy import without_serving_copies
from segment.warehouse.version_history import drop_files
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

_ACT = "retain"


@dataclass(frozen=True)
class Retained:
    """What went, or would."""

    on: str  # The day from which periods were counted, ISO
    parts: tuple[Expired, ...]  # By store
    on_hold: int  # Customers whose rows stay because a law asks for them
    dry_run: bool  # Whether nothing was touched
    record: int | None = None  # Number of the record

    @property
    def counts(self) -> dict[str, int]:
        """Files or rows by store."""
        return {part.store: part.count for part in self.parts}

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; files by name, oldest first."""
        return {
            "on": self.on,
            "dry_run": self.dry_run,
            "record": self.record,
            "held": self.on_hold,
            "stores": [
                {
                    "store": part.store,
                    "before": part.before.isoformat(),
                    "count": part.count,
                    "files": [*(path.name for path in part.files), *part.published],
                }
                for part in self.parts
            ],
        }


def retain(workspace: Workspace, policy: Policy, on: dt.date | None = None, *, dry_run: bool = False) -> Retained:
    """Delete what is older than the policy keeps it.

    The newest snapshot, the last month, the last two published dates, the champion and what it was trained on, the
    chain of records and certificates of erasures stay whatever their age. Rows of customers under a rule that stops
    an erasure are put aside in `held/` until it ends.

    Parameters
    ----------
    workspace : Workspace
        All of it.
    policy : Policy
        The periods.
    on : datetime.date, optional
        The day from which they are counted, few days back at most; today by default. A dry run takes any day.
    dry_run : bool
        Only say what would go.

    Returns
    -------
    Retained

    Raises
    ------
    DayError
        Where the day has not come: what went cannot come back.
    BusyError
        Where another run holds the workspace.

    References
    ----------
    PIPL art. 19 and GDPR art. 5(1)(e): no longer than needed [K]. PIPL art. 56: reports and records of automated
    decisions at least three years.
    """
    clock = workspace_clock(workspace).today
    if dry_run:
        day = on or clock
        on_hold = _on_hold(read_small_table(workspace, "contact_rules"), policy, [day])
        return Retained(day.isoformat(), tuple(find_expired(workspace, policy, day)), len(on_hold), dry_run=True)
    day = act_day(on, clock, policy.law.backdated_days)
    with workspace_lock(workspace.root, "retain"), without_serving_copies(workspace):
        on_hold = _on_hold(read_small_table(workspace, "contact_rules"), policy, days_to_check(day, clock))
        _end_holds(workspace.legal_holds, on_hold)
        parts = tuple(_without_on_hold(part, on_hold) for part in find_expired(workspace, policy, day))
        done = Retained(day.isoformat(), parts, len(on_hold), dry_run=False)
        cut_off = unfinished_acts(workspace, _ACT)
        if done.on in cut_off and not any(map(_has_rows, parts)):
            # the rows went with its record; only files were left
            done = replace(done, record=cut_off[done.on]["record"])
        elif any(done.counts.values()):
            # on record first: what is cut off is ended by the next run, what nobody knows of would look like a loss
            why = f"kept for as long as policy {policy.name} {policy.version} says"
            kind, content = RecordKind.RETENTION_APPLIED, _record_of(done)
            with transaction(workspace):
                record = append_record(workspace, kind, by=current_user(), why=why, content=content)
                for part in filter(_has_rows, parts):
                    delete_rows(workspace, part.table, part.rows)  # type: ignore[arg-type]
                end_acts(workspace, _ACT)
                begin_act(workspace, _ACT, done.on, {"record": record.number})
            done = replace(done, record=record.number)
        for part in parts:
            first = _first_month_left(workspace.customer_months, part)
            if first is not None:
                # what the ledger still holds of the months before must not be built again
                write_json({"months_from": first.isoformat()}, workspace.built_from)
            _put_aside(part, workspace.root, workspace.tiers, workspace.legal_holds, on_hold)
            if part.published:
                drop_files(workspace.tiers, part.published)
            if first is not None:
                without_months_before(first, workspace.customer_months)
            _delete_files(part)
        end_acts(workspace, _ACT)
        return done


def _has_rows(part: Expired) -> bool:
    return part.table is not None and part.rows is not None and not part.rows.is_empty()


def _record_of(done: Retained) -> Mapping[str, object]:
    return {"on": done.on, "counts": done.counts, "before": {part.store: str(part.before) for part in done.parts}}


def _on_hold(contact_rules: pl.DataFrame, policy: Policy, days: Sequence[dt.date]) -> pl.Series:
    """Customers whose data are kept for a claim or an authority (GDPR art. 17(3), PIPL art. 47)."""
    return pl.concat(rules_in_force(contact_rules, policy, day)["customer_id"] for day in days).unique().sort()


def _without_on_hold(part: Expired, on_hold: pl.Series) -> Expired:
    if part.rows is None:
        return part
    return replace(part, rows=part.rows.filter(~pl.col("customer_id").is_in(on_hold.implode())))


def _delete_files(part: Expired) -> None:
    for path in part.files:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _first_month_left(folder: Path, part: Expired) -> dt.date | None:
    if part.store != "customer_months" or not part.files:
        return None
    left = sorted(set(folder.glob("[0-9]*.parquet")) - set(part.files))
    return dt.date.fromisoformat(f"{left[0].stem}-01")


def _put_aside(part: Expired, root: Path, tiers: Path, legal_holds: Path, on_hold: pl.Series) -> None:
    for path in (*part.files, *(tiers / place for place in part.published)):
        if on_hold.is_empty() or path.suffix != ".parquet" or not path.is_file():
            continue
        frame = pl.read_parquet(path, glob=False)
        if "customer_id" in frame.columns:
            rows = frame.filter(pl.col("customer_id").is_in(on_hold.implode()))
            if rows.height:
                write_parquet(rows, legal_holds / path.relative_to(root))


def _end_holds(folder: Path, on_hold: pl.Series) -> None:
    for path in sorted(folder.rglob("*.parquet")):
        frame = pl.read_parquet(path, glob=False)
        still = frame.filter(pl.col("customer_id").is_in(on_hold.implode()))
        if still.is_empty():
            path.unlink()
        elif still.height < frame.height:
            write_parquet(still, path)
