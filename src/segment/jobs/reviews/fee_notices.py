"""Taking in which customers were told of a fee, and which accepted it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.dates import act_day
from segment.exceptions import InputFileError
from segment.files import file_hash
from segment.jobs.reviews.review_rows import reviews_lock
from segment.jobs.reviews.review_seals import Seals
from segment.law.conditions import FEE
from segment.ledger.handed_in import read_handed_in
from segment.ledger.parsing import marker
from segment.ledger.schema import Column, Table
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.settings import current_user
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.row_store import UpsertCounts, read_rows, upsert_rows
from segment.store.stored_tables import REVIEWS
from segment.store.transactions import transaction
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

_FILE = Table(
    "notices",
    "which customers were told of a fee",
    (
        Column("review_id", "text", "the review", nullable=True),
        Column("notice_on", "date", "day of the notice", nullable=True),
        Column("notice_evidence", "text", "where the letter or message is on file", nullable=True),
        Column("accepted_on", "date", "day on which the customer accepted", nullable=True),
    ),
)
COLUMNS = _FILE.schema
_EXPORT_HINT = Message("errors.hint.notice_export")


@dataclass(frozen=True)
class Notices(MessageResult):
    """What a file of notices did."""

    taken: UpsertCounts  # Reviews by what became of them
    record: int | None  # Number of the record; None where nothing changed

    def messages(self) -> list[Message]:
        """Say what was taken in."""
        return [Message("results.notices", {"changed": self.taken.changed, "same": self.taken.same})]


def take_notices(file: Path, workspace: Workspace, policy: Policy, *, on: dt.date | None = None) -> Notices:
    """Take in a file of notices, whole or not at all.

    Parameters
    ----------
    file : Path
        CSV, Parquet or XLSX: `review_id`, `notice_on`, `notice_evidence` (where the letter or message is on file), and
        `accepted_on`, empty where the customer has not accepted.
    workspace : Workspace
        Keeps the reviews.
    policy : Policy
        Says how far back the day may lie.
    on : datetime.date, optional
        The day, few days back at most; today by default. No date of the file may lie after it.

    Returns
    -------
    Notices

    Raises
    ------
    InputFileError
        Where the file cannot be read, or a row is not of an approved fee that is not charged yet, has no evidence, or
        dates that cannot be; says how many rows break which rule.

    References
    ----------
    Service-price Measures 2014: the customer is told item and price before, and must accept.
    """
    day = act_day(on, workspace_clock(workspace).today, policy.law.backdated_days)
    given = _read(file)
    with reviews_lock(workspace.root), transaction(workspace):
        before = read_rows(workspace, REVIEWS)
        _require_sound(given, before, day)
        names = [name for name in COLUMNS if name != "review_id"]
        seals = Seals.read(workspace)
        seals.require(before.join(given, on="review_id", how="semi"))
        rows = before.drop(names).join(given, on="review_id").select(list(REVIEWS.schema))
        taken = upsert_rows(workspace, REVIEWS, rows)
        if not taken.changed:
            return Notices(taken, None)
        content = {"rows": given.height, "changed": taken.changed, "sha256": file_hash(file), **seals.of(rows)}
        record = append_record(
            workspace,
            RecordKind.FEE_NOTICES_TAKEN,
            by=current_user(),
            why="customers were told of fees",
            content=content,
        )
    return Notices(taken, record.number)


def _read(file: Path) -> pl.DataFrame:
    read = read_handed_in(file, _FILE, Message("errors.what.notices"), InputFileError, _EXPORT_HINT)
    unread = sum(int(read.rows[marker(name)].sum()) for name in COLUMNS)
    if unread:
        raise InputFileError.of("errors.notice_cells", columns=COLUMNS, unread=unread, export_hint=_EXPORT_HINT)
    return read.rows.select(list(COLUMNS))


def _require_sound(given: pl.DataFrame, before: pl.DataFrame, day: dt.date) -> None:
    open_fee = (pl.col("action") == FEE) & (pl.col("decision") == "approved") & pl.col("withdrawn_on").is_null()
    free = before.filter(open_fee & pl.col("handed_over_on").is_null())
    mine = given.join(free.select("review_id", "decided_on"), on="review_id")
    blank = pl.col("notice_evidence").str.strip_chars().fill_null("") == ""
    late = (pl.col("notice_on") > day) | (pl.col("accepted_on") > day)
    faults = {
        Message("errors.notices.not_approved"): given.height - mine.height,
        Message("errors.notices.twice"): given.height - given["review_id"].n_unique(),
        Message("errors.notices.no_day"): given["notice_on"].null_count(),
        Message("errors.notices.no_evidence"): given.filter(blank).height,
        Message("errors.notices.to_come"): given.filter(late).height,
        Message("errors.notices.before_decision"): mine.filter(pl.col("notice_on") < pl.col("decided_on")).height,
        Message("errors.notices.accepted_early"): given.filter(pl.col("accepted_on") < pl.col("notice_on")).height,
    }
    broken = [Message("errors.counted", {"count": count, "what": what}) for what, count in faults.items() if count]
    if broken:
        raise InputFileError.of("errors.notice_rows", rows=given.height, broken=broken)
