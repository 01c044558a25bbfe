"""What each store holds beyond its period, and what must stay for the workspace to work on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from segment.features.known import next_month
from segment.jobs.overrides import SET
from segment.jobs.release import RELEASED, rows_of
from segment.policy import Policy
from segment.warehouse import Workspace, published_moments
from segment.warehouse.history import files_by_version, replaced_before
from segment.warehouse.kept import OBJECTIONS, OUTCOMES, OVERRIDES, REVIEWS, Table, read_kept
from segment.warehouse.records import records

LEAST_MOMENTS = 2
"""Published moments that stay whatever their age: the newest, and the one that hysteresis goes on from."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}-\d{2}")


@dataclass(frozen=True)
class Beyond:
    """What a store holds beyond its period.

    Attributes
    ----------
    store : str
        Its name.
    before : datetime.date
        What is older than this day goes.
    files : tuple of Path
        To delete, oldest first.
    rows : polars.DataFrame or None
        Of a table, those that go.
    table : Table, Path or None
        Which: one of kept rows, or a Parquet file.
    published : tuple of str
        Files of the published tiers, to be taken out of every version.
    """

    store: str
    before: dt.date
    files: tuple[Path, ...] = ()
    rows: pl.DataFrame | None = None
    table: Table | Path | None = None
    published: tuple[str, ...] = field(default=())

    @property
    def count(self) -> int:
        """Files or rows that go."""
        return len(self.files) + len(self.published) + (0 if self.rows is None else self.rows.height)


def beyond(workspace: Workspace, policy: Policy, on: dt.date) -> list[Beyond]:
    """Find what every store holds beyond its period.

    Parameters
    ----------
    workspace : Workspace
        All of it.
    policy : Policy
        The periods.
    on : datetime.date
        The day from which they are counted.

    Returns
    -------
    list of Beyond
        One per store, in the order in which they are let go.
    """
    rules = policy.retention
    published = _published(workspace, _months_before(on, rules.published_months))
    decided = _years_before(on, policy.law_in_force.retention_years)
    return [
        _snapshots(workspace, _months_before(on, rules.snapshot_months)),
        *_months(workspace, _months_before(on, rules.customer_month_months).replace(day=1)),
        published,
        *_lists(workspace, _months_before(on, rules.list_months)),
        _control(workspace, _months_before(on, rules.list_months)),
        _trial(workspace, _months_before(on, rules.outcome_months)),
        _reports(workspace, _months_before(on, rules.report_months), published.before),
        _cut_off(workspace, on - dt.timedelta(days=1)),
        _quarantine(workspace, on - dt.timedelta(days=rules.quarantine_days)),
        _outcomes(workspace, _months_before(on, rules.outcome_months)),
        Beyond("objections", decided, rows=_objections(workspace, decided), table=OBJECTIONS),
        Beyond("reviews", decided, rows=_reviews(workspace, decided), table=REVIEWS),
        Beyond("overrides", decided, rows=_overrides(workspace, decided), table=OVERRIDES),
    ]


def _snapshots(workspace: Workspace, before: dt.date) -> Beyond:
    known = sorted(workspace.snapshots.glob("[0-9]*.parquet"))
    return Beyond("snapshots", before, tuple(path for path in known[:-1] if path.stem < before.isoformat()))


def _months(workspace: Workspace, before: dt.date) -> Iterator[Beyond]:
    """Never the last month: without it nothing would say what the workspace is of."""
    for store, folder in (
        ("customer_months", workspace.customer_months),
        ("reconciliations", workspace.reconciliations),
    ):
        known = sorted(folder.glob("[0-9]*.parquet"))
        last = known[-1].name[:7] if known else ""
        old = tuple(path for path in known if path.name[:7] < min(f"{before:%Y-%m}", last))
        yield Beyond(store, before, old)


def _published(workspace: Workspace, before: dt.date) -> Beyond:
    old = _old_moments(workspace, before)
    places = {place for places in files_by_version(workspace.tiers).values() for place in places}
    gone = {place for place in places if place.split("/")[0].removeprefix("as_of=") in old}
    return Beyond("tiers", before, published=tuple(sorted(gone | set(replaced_before(workspace.tiers, before)))))


def _old_moments(workspace: Workspace, before: dt.date) -> set[str]:
    moments = published_moments(workspace.tiers)
    return {moment.isoformat() for moment in moments[:-LEAST_MOMENTS] if moment < before}


def _lists(workspace: Workspace, before: dt.date) -> Iterator[Beyond]:
    day = before.isoformat()
    yield Beyond("lists", before, tuple(path for path in _copies(workspace) if path.name < day))
    left = [one.content for one in records(workspace, RELEASED) if one.content["released_on"] < day]
    copies = [rows_of(workspace, one["sha256"]) for one in sorted(left, key=lambda one: one["released_on"])]
    yield Beyond("released copies", before, tuple(path for path in copies if path.is_file()))


def _copies(workspace: Workspace) -> list[Path]:
    return sorted(workspace.lists.glob("[0-9]*.parquet"))


def _control(workspace: Workspace, before: dt.date) -> Beyond:
    """Draws of customers who stand on no list that stays: an arm lasts for as long as lists choose its customer."""
    young = [pl.scan_parquet(path).select("customer_id") for path in _copies(workspace) if path.name >= f"{before}"]
    still = pl.concat([pl.LazyFrame(schema={"customer_id": pl.String}), *young]).unique().collect()
    old = (pl.col("drawn_on") < before) & ~pl.col("customer_id").is_in(still["customer_id"].implode())
    return Beyond("control arms", before, rows=_rows(workspace.control, old), table=workspace.control)


def _trial(workspace: Workspace, before: dt.date) -> Beyond:
    return Beyond(
        "service trials", before, rows=_rows(workspace.trial, pl.col("until") < before), table=workspace.trial
    )


def _rows(path: Path, old: pl.Expr) -> pl.DataFrame | None:
    return pl.read_parquet(path).filter(old) if path.is_file() else None


def _reports(workspace: Workspace, before: dt.date, published_before: dt.date) -> Beyond:
    """A moment that is published keeps its report and its proof."""
    stay = {moment.isoformat() for moment in published_moments(workspace.tiers)}
    stay -= _old_moments(workspace, published_before)
    newest = max((day for path in workspace.runs.glob("extract-*") if (day := _day_of(path))), default="")
    old = [
        path
        for path in sorted(workspace.runs.glob("*"), key=lambda path: (_day_of(path) or "", path.name))
        if (day := _day_of(path)) and day < before.isoformat() and day not in stay and day != newest
    ]
    return Beyond("reports", before, tuple(old))


def _cut_off(workspace: Workspace, before: dt.date) -> Beyond:
    """Months that a replay built beside the workspace's own and could not take away, since it was killed."""
    return Beyond("unfinished replays", before, _written_before(workspace.root.glob("replay-*"), before))


def _quarantine(workspace: Workspace, before: dt.date) -> Beyond:
    return Beyond("quarantine", before, _written_before(workspace.quarantine.rglob("*.parquet"), before))


def _written_before(paths: Iterable[Path], before: dt.date) -> tuple[Path, ...]:
    limit = dt.datetime.combine(before, dt.time(), dt.UTC).timestamp()
    dated = sorted((path.stat().st_mtime, path) for path in paths)
    return tuple(path for written, path in dated if written < limit)


def _outcomes(workspace: Workspace, before: dt.date) -> Beyond:
    kept = read_kept(workspace, OUTCOMES)
    old = pl.coalesce("responded_on", "contacted_on") < before
    return Beyond("outcomes", before, rows=kept.filter(old & ~pl.col("do_not_contact")), table=OUTCOMES)


def _objections(workspace: Workspace, before: dt.date) -> pl.DataFrame:
    return read_kept(workspace, OBJECTIONS).filter(pl.col("withdrawn_on") < before)


def _reviews(workspace: Workspace, before: dt.date) -> pl.DataFrame:
    return read_kept(workspace, REVIEWS).filter(pl.col("decision").is_not_null() & (pl.col("decided_on") < before))


def _overrides(workspace: Workspace, before: dt.date) -> pl.DataFrame:
    ends: dict[str, str] = {}
    for one in records(workspace, SET):
        subject = one.content.get("subject", "")
        ends[subject] = max(ends.get(subject, ""), one.content["expires_on"])
    ended = [subject for subject, day in ends.items() if day < before.isoformat()]
    return read_kept(workspace, OVERRIDES).filter(pl.col("subject").is_in(ended))


def _day_of(path: Path) -> str | None:
    found = _DAY.search(path.name)
    return found[0] if found else None


def _months_before(day: dt.date, months: int) -> dt.date:
    first = next_month(day.replace(day=1), -months)
    last = next_month(first) - dt.timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _years_before(day: dt.date, years: int) -> dt.date:
    return _months_before(day, 12 * years)
