"""What each store holds for longer than its period, and what must stay for the workspace to work on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from segment.dates import same_day
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import (
    DRAWS,
    ENROLMENTS,
    LIST_ROWS,
    OBJECTIONS,
    OUTCOMES,
    OVERRIDES,
    RELEASED,
    REVIEWS,
    StoredTable,
)
from segment.warehouse.delta_place import oldest_version
from segment.warehouse.tiers_table import published_dates
from segment.warehouse.version_history import files_by_version, files_replaced_before, orphaned_files
from segment.workspace import Workspace

LEAST_PUBLISHED = 2
"""Published dates that stay whatever their age: the newest, and the one that hysteresis goes on from."""

_NAMES = {
    LIST_ROWS.name: "lists",
    RELEASED.name: "released copies",
    DRAWS.name: "control arms",
    ENROLMENTS.name: "service trials",
}
"""What these tables are called in records, since before there was a store."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}-\d{2}")


@dataclass(frozen=True)
class Expired:
    """What a store holds for longer than its period."""

    store: str  # Its name
    before: dt.date  # What is older than this day goes
    files: tuple[Path, ...] = ()  # To delete, oldest first
    rows: pl.DataFrame | None = None  # Of a table, those that go
    table: StoredTable | None = None  # Which
    published: tuple[str, ...] = field(default=())  # Files of the published tiers, to be taken out of every version

    @property
    def count(self) -> int:
        """Files or rows that go."""
        return len(self.files) + len(self.published) + (0 if self.rows is None else self.rows.height)


def find_expired(workspace: Workspace, policy: Policy, on: dt.date) -> list[Expired]:
    """Find what every store holds for longer than its period."""
    rules = policy.retention
    decided = same_day(on, -12 * policy.law_in_force.retention_years)
    listed, reported, answered, published_before = (
        same_day(on, -months)
        for months in (rules.list_months, rules.report_months, rules.outcome_months, rules.published_months)
    )
    dates = published_dates(workspace.tiers)
    unpublished = {date.isoformat() for date in dates[:-LEAST_PUBLISHED] if date < published_before}
    lists = read_rows(workspace, LIST_ROWS)
    outcomes, objections, reviews, overrides = (
        read_rows(workspace, table) for table in (OUTCOMES, OBJECTIONS, REVIEWS, OVERRIDES)
    )
    answered_on = pl.coalesce("responded_on", "contacted_on")
    ended = _ended_overrides(read_records(workspace, RecordKind.TIER_OVERRIDDEN), decided)
    reviewed = pl.col("decision").is_not_null() & (pl.col("decided_on") < decided)
    return [
        _snapshots(workspace.snapshots, same_day(on, -rules.snapshot_months)),
        *_months(
            (workspace.customer_months, workspace.customer_months / "debts", workspace.reconciliations),
            same_day(on, -rules.customer_month_months).replace(day=1),
        ),
        _published(workspace.tiers, unpublished, published_before),
        _orphaned(workspace.tiers, published_before, on),
        _of_table(LIST_ROWS, lists.filter(pl.col("list_id") < listed.isoformat()), listed),
        _released_rows(read_records(workspace, RecordKind.LIST_RELEASED), read_rows(workspace, RELEASED), listed),
        _draws(read_rows(workspace, DRAWS), lists, listed),
        _of_table(ENROLMENTS, read_rows(workspace, ENROLMENTS).filter(pl.col("until") < answered), answered),
        # a date that stays published keeps its report and its proof
        _reports(workspace.runs, {date.isoformat() for date in dates} - unpublished, reported),
        # months that a replay built beside the workspace's own and could not take away, since it was killed
        _written_before("unfinished replays", workspace.root.glob("replay-*"), on - dt.timedelta(days=1)),
        _written_before(
            "quarantine", workspace.quarantine.rglob("*.parquet"), on - dt.timedelta(days=rules.quarantine_days)
        ),
        _of_table(OUTCOMES, outcomes.filter((answered_on < answered) & ~pl.col("do_not_contact")), answered),
        _of_table(OBJECTIONS, objections.filter(pl.col("withdrawn_on") < decided), decided),
        _of_table(REVIEWS, reviews.filter(reviewed), decided),
        _of_table(OVERRIDES, overrides.filter(pl.col("subject").is_in(ended)), decided),
    ]


def _of_table(table: StoredTable, rows: pl.DataFrame, before: dt.date) -> Expired:
    return Expired(_NAMES.get(table.name, table.name), before, rows=rows, table=table)


def _snapshots(folder: Path, before: dt.date) -> Expired:
    files = sorted(folder.glob("[0-9]*.parquet"))
    return Expired("snapshots", before, tuple(path for path in files[:-1] if path.stem < before.isoformat()))


def _months(folders: Iterable[Path], before: dt.date) -> Iterator[Expired]:
    """Never the last month: without it nothing would say what the workspace is of."""
    for folder in folders:
        files = sorted(folder.glob("[0-9]*.parquet"))
        last = files[-1].name[:7] if files else ""
        yield Expired(
            folder.name, before, tuple(path for path in files if path.name[:7] < min(f"{before:%Y-%m}", last))
        )


def _published(table: Path, dates: set[str], before: dt.date) -> Expired:
    places = {place for places in files_by_version(table).values() for place in places}
    gone = {place for place in places if place.split("/")[0].removeprefix("as_of=") in dates}
    return Expired("tiers", before, published=tuple(sorted(gone | set(files_replaced_before(table, before)))))


def _orphaned(table: Path, before: dt.date, on: dt.date) -> Expired:
    """Files that no version names; where the log has lost versions, they may be publications, kept as long as those."""
    day = on - dt.timedelta(days=1) if oldest_version(table) == 0 else before
    orphans = [table / place for place in orphaned_files(table)]
    written = _written_before("orphaned tiers", orphans, day).files
    dated = {path for path in orphans if (_day_of(path.parent) or "9") < before.isoformat()}
    return Expired("orphaned tiers", before, tuple(path for path in orphans if path in dated.union(written)))


def _released_rows(releases: Iterable[Record], rows: pl.DataFrame, before: dt.date) -> Expired:
    old = [release.content["sha256"] for release in releases if release.content["released_on"] < before.isoformat()]
    return _of_table(RELEASED, rows.filter(pl.col("sha256").is_in(old)), before)


def _draws(draws: pl.DataFrame, lists: pl.DataFrame, before: dt.date) -> Expired:
    """Draws of customers who stand on no list that stays: an arm lasts for as long as lists choose its household."""
    young = lists.filter(pl.col("list_id") >= before.isoformat())
    old = (pl.col("drawn_on") < before) & ~pl.col("customer_id").is_in(young["customer_id"].implode())
    return _of_table(DRAWS, draws.filter(old), before)


def _reports(runs: Path, stay: set[str], before: dt.date) -> Expired:
    newest = max((day for path in runs.glob("extract-*") if (day := _day_of(path))), default="")
    old = [
        path
        for path in sorted(runs.glob("*"), key=lambda path: (_day_of(path) or "", path.name))
        if (day := _day_of(path)) and day < before.isoformat() and day not in stay and day != newest
    ]
    return Expired("reports", before, tuple(old))


def _written_before(store: str, paths: Iterable[Path], before: dt.date) -> Expired:
    limit = dt.datetime.combine(before, dt.time(), dt.UTC).timestamp()
    dated = sorted((path.stat().st_mtime, path) for path in paths)
    return Expired(store, before, tuple(path for written, path in dated if written < limit))


def _ended_overrides(records: Iterable[Record], before: dt.date) -> list[str]:
    """Subjects whose last override ended before a day."""
    ends: dict[str, str] = {}
    for record in records:
        subject = record.content.get("subject", "")
        ends[subject] = max(ends.get(subject, ""), record.content["expires_on"])
    return [subject for subject, day in ends.items() if day < before.isoformat()]


def _day_of(path: Path) -> str | None:
    day = _DAY.search(path.name)
    return day[0] if day else None
