"""The one way in which a list of customers to contact leaves the workspace.

Who may not be contacted is asked again now, because a refusal may have come since the list was made. The file then
leaves by `segment.jobs.leaving`, its record first.

The watermark is a column with the same words in every row, in each format. A line above the header would break every
program that reads the table, and a mark outside the rows is lost when someone copies some of them; so each row says
who released it, when, and from which list. XLSX says it on a second sheet, on each printed page and in the file's
properties too.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from segment.exceptions import BusyError, PublishError
from segment.jobs.leaving import Leaving, Undo, leave_on_record, manifest_of, now
from segment.jobs.releasable import MARK, marked, releasable
from segment.jobs.who_not import who_not
from segment.policy import Policy
from segment.settings import who
from segment.warehouse import Workspace, write_parquet
from segment.warehouse.export import check_format
from segment.warehouse.records import Record, records

RELEASED, FAILED = "list_released", "list_release_failed"
SERVICE_RELEASED, SERVICE_FAILED = "service_released", "service_release_failed"
SHOWN = "shown to the user"
SHEET = "upgrade list"
WAIT_SECONDS = 60


@dataclass(frozen=True)
class Released:
    """A file that left.

    Attributes
    ----------
    path, manifest : Path
        The file, and what it holds, when and by whom, in JSON beside it.
    rows : int
        Customers to contact.
    withdrawn : dict of str to int
        Rows of the list that did not leave, by the code that keeps them out now.
    record : int
        Number of the record.
    """

    path: Path
    manifest: Path
    rows: int
    withdrawn: dict[str, int]
    record: int

    def __str__(self) -> str:
        """Say what left and what did not."""
        kept = ", ".join(f"{code} {count}" for code, count in self.withdrawn.items()) or "none"
        return f"{self.rows:,} rows released, record {self.record}. Withdrawn since the list was made: {kept}."


def release(
    to_contact: pl.DataFrame,
    path: Path,
    *,
    list_id: str,
    workspace: Workspace,
    policy: Policy,
    list_on: dt.date,
    as_of: dt.date,
    on: dt.date | None = None,
    purpose: str = "contact by marketing",
    selection: Mapping[str, Any] | None = None,
) -> Released:
    """Hold a list to every contact rule again, write its record, then let the file go.

    Parameters
    ----------
    to_contact : polars.DataFrame
        Rows of the list, all of its contact arm. Columns that marketing has no need of do not leave.
    path : Path
        Ending in ``.csv``, ``.parquet`` or ``.xlsx``; mode 0600. ``<path>.manifest.json`` is written beside it.
    list_id : str
        Of the list; the workspace keeps its analytics copy.
    workspace : Workspace
        Holds the sources of suppressions, the analytics copy and the records.
    policy : Policy
        The rules.
    list_on, as_of : datetime.date
        The list's date, and the moment of its tiers.
    on : datetime.date, optional
        The day of the release; `list_on` by default.
    purpose : str
        What the file is for; recorded.
    selection : mapping, optional
        What the list was narrowed to, such as a branch; recorded.

    Returns
    -------
    Released

    Raises
    ------
    PublishError
        Where a source of suppressions is missing or stale, the list has expired, a row is not of the list's contact
        arm, nobody is left, or the person has released as many rows today as the policy allows. Nothing is then at
        the path that was not there before.
    BusyError
        Where another release goes on.

    References
    ----------
    DOMAIN.md 3.2 (again at export time) and 3.5.
    """
    check_format(path)
    day = on or list_on
    copy = workspace.lists / f"{list_id}.parquet"
    listed = releasable(to_contact, list_id, copy, day)
    expires_on: dt.date = listed["expires_on"].min()  # type: ignore[assignment]
    against = who_not(workspace, policy, day, listed["expires_on"].max())  # type: ignore[arg-type]
    codes = against.codes_of(listed)
    rows = listed.join(codes, on="customer_id", how="anti", maintain_order="left")
    withdrawn = dict(codes.group_by("code").len().sort("code").iter_rows())
    if rows.is_empty():
        raise PublishError.with_hint(
            f"A file must hold someone to contact. All {listed.height} rows of the list are suppressed by now.",
            "make a new list",
        )
    facts = {
        "list_id": list_id,
        "as_of": as_of.isoformat(),
        "list_on": list_on.isoformat(),
        "released_on": day.isoformat(),
        "expires_on": expires_on.isoformat(),
        "filter": dict(selection or {}),
        "withdrawn": withdrawn,
        "policy_hash": policy.hash,
    }
    with within_the_day(workspace, policy, rows.height):
        record, manifest = _let_go(rows, path, workspace, facts, purpose)
    return Released(path, manifest, rows.height, withdrawn, record.number)


def rows_of(workspace: Workspace, sha256: str) -> Path:
    """Name the workspace's copy of who stands in a released file, by which the file is checked at contact time.

    Parameters
    ----------
    workspace : Workspace
        Keeps it.
    sha256 : str
        Of the file.

    Returns
    -------
    Path
    """
    return workspace.lists / "released" / f"{sha256}.parquet"


def _let_go(
    rows: pl.DataFrame, path: Path, workspace: Workspace, facts: dict[str, Any], purpose: str
) -> tuple[Record, Path]:
    by, moment = who(), now()
    file = marked(rows, by, moment, facts["list_id"], purpose)
    about = {
        "Released by": by,
        "List": facts["list_id"],
        "Released at": moment,
        "Purpose": purpose,
        "Rows": str(rows.height),
        "Not to be used after": facts["expires_on"],
        "Watermark": file[MARK][0],
    }

    def prepare(sha256: str) -> Undo:
        copy = rows_of(workspace, sha256)
        write_parquet(rows.select("customer_id", "channel", "bundle", "expires_on"), copy)
        return lambda: copy.unlink(missing_ok=True)

    said = Leaving(RELEASED, FAILED, by, purpose, facts, SHEET, about)
    return leave_on_record(file, path, workspace, said, prepare), manifest_of(path)


def _require_room_today(workspace: Workspace, policy: Policy, rows: int) -> None:
    most = policy.upgrade.contact_rules.most_rows_a_day
    if most is None:
        return
    today, by = dt.datetime.now(dt.UTC).date().isoformat(), who()
    left = [*records(workspace, RELEASED), *records(workspace, SERVICE_RELEASED)]
    mine = [one for one in left if one.by == by and one.written_at.startswith(today)]
    before = sum(int(one.content["rows"]) for one in mine)
    if before + rows > most:
        raise PublishError.with_hint(
            f"A person may release up to {most:,} rows a day. Got {rows:,} after {before:,} today.",
            "narrow the list, or go on tomorrow; upgrade.contact_rules.most_rows_a_day sets the limit",
        )


@contextlib.contextmanager
def within_the_day(workspace: Workspace, policy: Policy, rows: int) -> Iterator[None]:
    """Let one person's rows leave alone, and no more of them in a day than the policy allows.

    Parameters
    ----------
    workspace : Workspace
        Keeps the records of the day.
    policy : Policy
        `upgrade.contact_rules.most_rows_a_day`.
    rows : int
        Of the file that is to leave.

    Yields
    ------
    None

    Raises
    ------
    PublishError, BusyError
        As `release` raises them.
    """
    with _alone(workspace):
        _require_room_today(workspace, policy, rows)
        yield


@contextlib.contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """One release at a time, so that two cannot share what is left of a day's rows."""
    folder = workspace.lists / "released"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "lock", timeout=WAIT_SECONDS)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError.with_hint(
            f"One release at a time. Another has not ended within {WAIT_SECONDS} seconds.", "try again later"
        ) from None
    try:
        yield
    finally:
        lock.release()
