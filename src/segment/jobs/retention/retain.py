"""Letting go of what was kept for long enough, on record; what a law still asks for stays."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from segment.features.store import without_months_before
from segment.jobs.reference import read_reference
from segment.jobs.retention.stores import Beyond, beyond
from segment.policy import Policy
from segment.settings import who
from segment.warehouse import Workspace, workspace_lock, write_json, write_parquet
from segment.warehouse.history import forget_files
from segment.warehouse.kept import Table, take_away
from segment.warehouse.records import append

RETAINED = "retention"


@dataclass(frozen=True)
class Retained:
    """What went, or would.

    Attributes
    ----------
    on : str
        The day from which periods were counted, ISO.
    parts : tuple of Beyond
        By store.
    held : int
        Customers whose rows stay because a law asks for them.
    dry_run : bool
        Whether nothing was touched.
    record : int or None
        Number of the record.
    """

    on: str
    parts: tuple[Beyond, ...]
    held: int
    dry_run: bool
    record: int | None = None

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
            "held": self.held,
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


def retain(workspace: Workspace, policy: Policy, on: dt.date, *, dry_run: bool = False) -> Retained:
    """Delete what is older than the policy keeps it.

    The newest snapshot, the last month, the last two published moments, the champion and what it was trained on, the
    chain of records and certificates of erasures stay whatever their age. Rows of customers under a rule that stops
    an erasure are put aside in `held/` until it ends.

    Parameters
    ----------
    workspace : Workspace
        All of it.
    policy : Policy
        The periods.
    on : datetime.date
        The day from which they are counted.
    dry_run : bool
        Only say what would go.

    Returns
    -------
    Retained

    Raises
    ------
    BusyError
        Where another run holds the workspace.

    References
    ----------
    PIPL art. 19 and GDPR art. 5(1)(e): no longer than needed [K]. PIPL art. 56: reports and records of automated
    decisions at least three years.
    """
    if dry_run:
        return Retained(on.isoformat(), tuple(beyond(workspace, policy, on)), len(_held(workspace, policy, on)), True)
    with workspace_lock(workspace.root, "retain"):
        held = _held(workspace, policy, on)
        _let_go_of_ended_holds(workspace, held)
        parts = tuple(_without_held(part, held) for part in beyond(workspace, policy, on))
        done = Retained(on.isoformat(), parts, len(held), dry_run=False)
        if any(done.counts.values()):
            # on record first: what is cut off is ended by the next run, what nobody knows of would look like a loss
            content = {"on": done.on, "counts": done.counts, "before": {one.store: str(one.before) for one in parts}}
            why = f"kept for as long as policy {policy.name} {policy.version} says"
            done = replace(done, record=append(workspace, RETAINED, by=who(), why=why, content=content).number)
        for part in parts:
            _let_go(workspace, part, held)
        return done


def _held(workspace: Workspace, policy: Policy, on: dt.date) -> pl.Series:
    """Customers whose data are kept for a claim or an authority (GDPR art. 17(3), PIPL art. 47)."""
    rules = read_reference(workspace)["contact_rules"]
    begun = pl.col("starts_on").is_null() | (pl.col("starts_on") <= on)
    running = pl.col("ends_on").is_null() | (pl.col("ends_on") >= on)
    named = pl.col("rule").cast(pl.String).is_in(policy.retention.erasure_held_by)
    return rules.filter(named & begun & running)["customer_id"].unique().sort()


def _without_held(part: Beyond, held: pl.Series) -> Beyond:
    if part.rows is None:
        return part
    return replace(part, rows=part.rows.filter(~pl.col("customer_id").is_in(held.implode())))


def _let_go(workspace: Workspace, part: Beyond, held: pl.Series) -> None:
    first = _first_month_left(workspace, part)
    if first is not None:
        # what the ledger still holds of the months before must not be built again
        write_json({"months_from": first.isoformat()}, workspace.kept_from)
    published = [workspace.tiers / place for place in part.published]
    for path in (*part.files, *published):
        _put_aside(workspace, path, held)
    if part.published:
        forget_files(workspace.tiers, part.published)
    if part.rows is not None and part.rows.height:
        if isinstance(part.table, Table):
            take_away(workspace, part.table, part.rows)
        elif part.table is not None:
            kept = pl.read_parquet(part.table)
            write_parquet(kept.join(part.rows, on=kept.columns, how="anti", nulls_equal=True), part.table)
    if first is not None:
        without_months_before(first, workspace.customer_months)
    for path in part.files:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _first_month_left(workspace: Workspace, part: Beyond) -> dt.date | None:
    if part.store != "customer_months" or not part.files:
        return None
    left = sorted(set(workspace.customer_months.glob("[0-9]*.parquet")) - set(part.files))
    return dt.date.fromisoformat(f"{left[0].stem}-01")


def _put_aside(workspace: Workspace, path: Path, held: pl.Series) -> None:
    if held.is_empty() or path.suffix != ".parquet" or not path.is_file():
        return
    frame = pl.read_parquet(path)
    if "customer_id" not in frame.columns:
        return
    rows = frame.filter(pl.col("customer_id").is_in(held.implode()))
    if rows.height:
        write_parquet(rows, workspace.held / path.relative_to(workspace.root))


def _let_go_of_ended_holds(workspace: Workspace, held: pl.Series) -> None:
    for path in sorted(workspace.held.rglob("*.parquet")):
        frame = pl.read_parquet(path)
        still = frame.filter(pl.col("customer_id").is_in(held.implode()))
        if still.is_empty():
            path.unlink()
        elif still.height < frame.height:
            write_parquet(still, path)
