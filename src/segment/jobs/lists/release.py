"""The one way in which a list of customers to contact leaves the workspace."""

# Who may not be contacted is checked again now, because a refusal may have come since the list was made. The file then
# leaves by `segment.warehouse.controlled_export`, its record first.
# The watermark is a column with the same words in every row, in each format. A line above the header would break every
# program that reads the table, and a mark outside the rows is lost when someone copies some of them; so each row says
# who released it, when, and from which list. XLSX says it on a second sheet, on each printed page and in the file's
# properties too.

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from segment.dates import act_day, days_to_check, utc_now
from segment.exceptions import ListError
from segment.identity import same_person
from segment.jobs.lists.approvals import approvals, require_approved
from segment.jobs.lists.list_words import summary_of
from segment.jobs.lists.suppressions import ContactSources, find_suppressions, require_recent_tiers
from segment.lock import one_at_a_time
from segment.messages import Message
from segment.pages.call_sheet import call_sheets
from segment.pages.message_result import MessageResult, counted
from segment.policy import Policy
from segment.sentences import Sentences
from segment.settings import current_user
from segment.store.lists import read_list_reports
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, read_records
from segment.store.row_store import delete_rows, read_rows, upsert_rows
from segment.store.stored_tables import LIST_ROWS, RELEASED
from segment.upgrade.protections import Protections
from segment.upgrade.releasable import marked, releasable
from segment.warehouse.controlled_export import MARK, ControlledExport, export_with_record, manifest_of
from segment.warehouse.export import check_format
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

COUNTED = (RecordKind.LIST_RELEASED, RecordKind.SERVICE_RELEASED)
SHOWN = "shown to the user"
SHEET = "upgrade list"
_KINDS = RecordKind.LIST_RELEASED, RecordKind.LIST_RELEASE_FAILED
WAIT_SECONDS = 60


@dataclass(frozen=True)
class Paper:
    """How a file speaks to its readers."""

    words: Sentences = field(default_factory=Sentences)  # Of an XLSX file
    # `customer_id`, `name` and `phone`, which stand on the call sheet of an XLSX file and nowhere else
    directory: pl.DataFrame | None = field(default=None, repr=False)
    marks_bytes: bool = False  # Whether a CSV file begins with the mark of its byte order


_PLAIN = Paper()


@dataclass(frozen=True)
class Released(MessageResult):
    """A file that left."""

    path: Path  # path, manifest: The file, and what it holds, when and by whom, in JSON beside it.
    manifest: Path
    rows: int  # Customers to contact
    withdrawn: dict[str, int]  # Rows of the list that did not leave, by the code that keeps them out now
    record: int  # Number of the record
    protections: Protections  # What was looked at

    def messages(self) -> list[Message]:
        """Say what left and what did not."""
        withdrawn = counted(self.withdrawn) or [Message("words.none")]
        figures = {"rows": self.rows, "record": self.record, "withdrawn": withdrawn}
        return [Message("results.released", figures), *self.protections.messages()]


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
    tables: Mapping[str, pl.DataFrame] | None = None,
    paper: Paper = _PLAIN,
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
        The list's date, and the date of its tiers.
    on : datetime.date, optional
        The day of the release, few days back at most; today by default. Every rule must hold today in any case.
    purpose : str
        What the file is for; recorded.
    selection : mapping, optional
        What the list was narrowed to, such as a branch; recorded.
    tables : mapping of str to polars.DataFrame, optional
        Small tables of the ledger as the list was made with; read anew by default. What people handed in since the
        list was made is read anew in any case.
    paper : Paper, optional
        How the file speaks to its readers; English without names by default.

    Returns
    -------
    Released

    Raises
    ------
    ListError
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
    clock = workspace_clock(workspace).today
    day = act_day(on, clock, policy.law.backdated_days)
    require_recent_tiers(as_of, clock, policy)
    kept = read_rows(workspace, LIST_ROWS, "list_id", [list_id]).select("list_id", "customer_id", "arm")
    listed = releasable(to_contact, list_id, None if kept.is_empty() else kept, clock)
    if policy.upgrade.contact_rules.approved_by_another:
        require_approved(approvals(workspace), list_id, listed["branch_id"])
    expires_on: dt.date = listed["expires_on"].max()  # type: ignore[assignment]
    sources = ContactSources.read(workspace, tables)
    days = days_to_check(day, clock)
    suppressions = find_suppressions(sources, policy, days, expires_on)
    codes = suppressions.codes_of(listed)
    rows = listed.join(codes, on="customer_id", how="anti", maintain_order="left")
    withdrawn = dict(codes.group_by("code", maintain_order=True).len().sort("code").iter_rows())
    withdrawn |= {"expired": over} if (over := to_contact.height - listed.height) else {}
    _require_someone(rows, listed)
    facts = {
        "list_id": list_id,
        "as_of": as_of.isoformat(),
        "list_on": list_on.isoformat(),
        "released_on": day.isoformat(),
        "expires_on": expires_on.isoformat(),
        "filter": dict(selection or {}),
        "withdrawn": withdrawn,
        "protections": suppressions.protections.to_dict(),
        "policy_hash": policy.hash,
    }
    summary = summary_of(read_list_reports(workspace).get(list_id, "{}"), paper.words)
    file, export = marked_file(rows, facts, purpose, _KINDS, SHEET, paper, summary)
    if path.suffix == ".xlsx":
        export = replace(export, printed=call_sheets(rows, sources.tables, policy, paper.words, paper.directory))

    def keep_rows(sha256: str) -> None:
        sources.require_same(ContactSources.read(workspace, sources.tables))
        upsert_rows(workspace, RELEASED, rows.with_columns(sha256=pl.lit(sha256)))

    def forget_rows(act: Mapping[str, Any]) -> None:
        delete_rows(workspace, RELEASED, read_rows(workspace, RELEASED, "sha256", [act["sha256"]]))

    with one_at_a_time(workspace.lists / "release.lock", Message("errors.one.release"), WAIT_SECONDS):
        require_room_today(read_records(workspace, *COUNTED), policy, rows.height)
        record = export_with_record(file, path, workspace, export, keep_rows, forget_rows)
    return Released(path, manifest_of(path), rows.height, withdrawn, record.number, suppressions.protections)


def _require_someone(rows: pl.DataFrame, listed: pl.DataFrame) -> None:
    if rows.is_empty():
        raise ListError.of("errors.all_suppressed", rows=listed.height)


def marked_file(
    rows: pl.DataFrame,
    facts: Mapping[str, Any],
    purpose: str,
    kinds: tuple[RecordKind, RecordKind],
    sheet: str,
    paper: Paper,
    summary: Mapping[str, str] | None = None,
) -> tuple[pl.DataFrame, ControlledExport]:
    """Mark rows with who releases them, when and for what; `kinds` are those of the record and of a failure's."""
    by, at, t = current_user(), utc_now(), paper.words
    file = marked(rows, by, at, facts["list_id"], purpose)
    about = {
        t("sheet.about.released_by"): by,
        t("sheet.about.list"): facts["list_id"],
        t("sheet.about.released_at"): at,
        t("sheet.about.purpose"): purpose,
        t("sheet.about.rows"): str(rows.height),
        t("sheet.about.not_after"): facts["expires_on"],
        t("sheet.about.watermark"): file[MARK][0],
        **(summary or {}),
    }
    return file, ControlledExport(
        *kinds, by, purpose, facts, sheet, about, marks_bytes=paper.marks_bytes, about_sheet=t("sheet.about.name")
    )


def require_room_today(records: Sequence[Record], policy: Policy, rows: int) -> None:
    """Let no more of one person's rows leave in a day than the policy allows."""
    most = policy.upgrade.contact_rules.most_rows_a_day
    if most is None:
        return
    today, by = utc_now()[:10], current_user()
    mine = [record for record in records if same_person(record.by, by) and record.written_at.startswith(today)]
    before = sum(int(record.content["rows"]) for record in mine if record.content)
    if before + rows > most:
        raise ListError.of("errors.too_many_rows_a_day", most=most, rows=rows, before=before)
