"""Outcomes that branches hand in: taken once however often they come, in force the same day."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.dates import FIRST_DAY, LAST_DAY
from segment.exceptions import InputFileError
from segment.files import file_hash, write_parquet
from segment.ledger.handed_in import HandedIn, read_handed_in
from segment.ledger.parsing import marker
from segment.ledger.schema import Column, Table
from segment.ledger.vocabulary import FALSE_WORDS, RESPONSES
from segment.messages import Message
from segment.pages.call_sheet import ROW_MARK, answers_as_codes
from segment.pages.message_result import MessageResult, counted
from segment.settings import current_user
from segment.store.erasure_register import keep_outside
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.row_store import UpsertCounts, read_rows, upsert_rows
from segment.store.stored_tables import OUTCOMES
from segment.store.tombstones import Erased
from segment.store.transactions import after_commit, transaction
from segment.warehouse.export import guarded
from segment.warehouse.reference_tables import read_small_table
from segment.workspace import Workspace

_FILE = Table(
    "outcomes",
    "what came of a list",
    (
        Column("list_id", "text", "the list", nullable=True),
        Column("customer_id", "text", "who was on it", nullable=True),
        Column("contacted_on", "date", "day of contact", nullable=True),
        Column("response", "text", "what came of it", nullable=True),
        Column("responded_on", "date", "day of the response", nullable=True),
        Column("do_not_contact", "text", "whether the customer wants no contact", nullable=True, optional=True),
        Column("wallet_feedback", "text", "what the adviser says of the potential", nullable=True, optional=True),
    ),
)
_WISHES = ("donotcontact", "nocontact", "donotcall", "optout", "dnc", "unsubscribe", "勿扰", "拒绝")
"""What is left of the names of columns in which a wish not to be contacted stands, under another name."""
NO_LIST = "-"
"""Stands for the list of a wish that names none."""
_KEY = OUTCOMES.key
WALLET_FEEDBACK = ("agree", "too_high", "too_low")
"""What an adviser may say of the potential on the list, once the customer has told of their other banks."""


@dataclass(frozen=True)
class Intake(MessageResult):
    """What became of a file."""

    taken: UpsertCounts  # Rows added, changed, and those that said nothing new
    older: int  # Rows older than what is kept of the same customer and list; only a wish not to be contacted is taken
    refused: dict[str, int]  # Rows that cannot be read, by reason
    refused_rows: Path | None  # Where they lie, to be corrected and handed in again

    def messages(self) -> list[Message]:
        """Count what was taken and what was not."""
        taken = Message("results.outcomes.taken", vars(self.taken))
        if self.older:
            taken = Message("results.outcomes.older", {"taken": taken, "older": self.older})
        if not self.refused:
            return [Message("results.outcomes.all", {"taken": taken})]
        reasons = counted(dict(sorted(self.refused.items())), "results.outcomes.")
        return [
            Message("results.outcomes.refused", {"taken": taken, "reasons": reasons, "file": str(self.refused_rows)})
        ]


def take_outcomes(file: Path, workspace: Workspace) -> Intake:
    """Take in what came of a list. The same file again changes nothing.

    A `declined` rests the customer, and `do_not_contact` keeps them out for good, from the next list or release on.
    What is said of a move is kept but not believed: moves are measured from the ledger.

    Parameters
    ----------
    file : pathlib.Path
        CSV, Parquet or XLSX, as a ledger's files may be, with `list_id`, `customer_id`, `contacted_on`, `response`,
        `responded_on` (CONTRACT.md section 1) and, if the bank likes, `do_not_contact` and `wallet_feedback` (`agree`,
        `too_high`, `too_low`). Of several rows
        of a customer and list, in whatever order they come, the latest counts, and of one day a refusal; a wish not to
        be contacted counts wherever it stands, in a row that is refused as well.
    workspace : Workspace
        Keeps them.

    Returns
    -------
    Intake

    Raises
    ------
    InputFileError
        Where the file cannot be read or a column is missing. Nothing is then taken.
    """
    customers = read_small_table(workspace, "customers")["customer_id"]
    given, rows = read_outcome_rows(file, customers)
    digest = file_hash(file)
    good, broken = rows.filter(pl.col("reason").is_null()), rows.drop_nulls("reason")
    refused = dict(broken.group_by("reason", maintain_order=True).len().sort("reason").iter_rows())
    wishes = _wishes(broken, customers)
    with transaction(workspace):
        after_commit(workspace, lambda: keep_outside(workspace))
        before = read_rows(workspace, OUTCOMES)
        merged = merge_strictest(before, pl.concat([good.select(before.columns), wishes]))
        older = _older(good, before)
        taken = upsert_rows(workspace, OUTCOMES, merged)
        if taken.added or taken.changed:
            counts = {"added": taken.added, "changed": taken.changed, "refused": sum(refused.values())}
            content = {"sha256": digest, **counts}
            append_record(
                workspace, RecordKind.OUTCOMES_TAKEN, by=current_user(), why="outcomes handed in", content=content
            )
    as_read = {name: _alike(rows[name], customers).fill_null(given[name]) for name in _KEY}
    unread = Erased.of(workspace).leave_out(given.with_columns(rows["reason"], **as_read).drop_nulls("reason"))
    if unread.is_empty():
        return Intake(taken, older, refused, None)
    path = workspace.quarantine / "outcomes" / f"{digest[:16]}.parquet"
    write_parquet(unread, path)
    return Intake(taken, older, refused, path)


def read_outcome_rows(file: Path, customers: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells as text, and the rows that they make, with what is wrong with each in `reason`."""
    given, parsed = _read(file)
    return given, _as_in_ledger(parsed, customers).with_columns(reason=_reason(customers))


def merge_strictest(before: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """One row per customer and list that is given: the latest answer, of one day a refusal, and every wish."""
    kept = before.join(given, on=list(_KEY), how="semi")
    ordered = pl.concat([kept, given]).with_columns(do_not_contact=pl.col("do_not_contact").any().over(_KEY))
    # an adviser's word on the wallet stays where a later answer says nothing of it
    ordered = ordered.sort(_day(), pl.col("response") == "declined", nulls_last=False, maintain_order=True)
    ordered = ordered.with_columns(pl.col("wallet_feedback").forward_fill().over(_KEY))
    return ordered.unique(_KEY, keep="last", maintain_order=True)


def _older(rows: pl.DataFrame, before: pl.DataFrame) -> int:
    """How many customers' latest rows are older than what is kept of them and the same list."""
    latest = rows.group_by(_KEY, maintain_order=True).agg(_day().max().alias("given"))
    kept = before.select(*_KEY, _day().alias("kept"))
    return latest.join(kept, on=_KEY).filter(pl.col("given") < pl.col("kept")).height


def _wishes(broken: pl.DataFrame, customers: pl.Series) -> pl.DataFrame:
    """Wishes not to be contacted that stand in rows which cannot be taken otherwise; whose they are must be known."""
    meant = broken.with_columns(_alike(broken["customer_id"], customers))
    known = pl.col("do_not_contact") & pl.col("customer_id").is_in(customers.implode())
    return meant.filter(known).select(
        pl.col("list_id").fill_null(NO_LIST),
        "customer_id",
        contacted_on=pl.lit(None, pl.Date),
        response=pl.lit("not_contacted"),
        responded_on=pl.lit(None, pl.Date),
        do_not_contact=pl.lit(value=True),
        wallet_feedback=pl.lit(None, pl.String),
    )


def _alike(ids: pl.Series, customers: pl.Series) -> pl.Series:
    """The ids of the ledger's customers in place of those that lost the zeros in front, where one alone is meant."""
    strange = ids.filter(~ids.is_in(customers.implode())).drop_nulls().unique()
    if strange.is_empty():
        return ids
    bare = pl.col("id").str.strip_chars_start("0").str.to_lowercase()
    meant = pl.DataFrame({"id": customers}).select("id", bare=bare).unique("bare", keep="none")
    found = pl.DataFrame({"id": strange}).with_columns(bare=bare).join(meant, on="bare")
    return ids.replace(found["id"], found["id_right"])


def _read(file: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells as text, and typed columns with a mark where a cell says something which is no date."""
    read = read_handed_in(
        file, _FILE, Message("errors.what.outcomes"), InputFileError, Message("errors.hint.first_line")
    )
    if ROW_MARK in read.given.columns:
        read = _answers(read)
    strange = [name for name in read.given.columns if name not in _FILE.schema and is_wish(name)]
    if strange:
        raise InputFileError.of(
            "errors.wish_in_other_column", count=len(strange), strange=[f"`{name}`" for name in strange]
        )
    days = ("contacted_on", "responded_on")
    broken = [pl.col(marker(name)) | ~pl.col(name).is_between(FIRST_DAY, LAST_DAY).fill_null(True) for name in days]
    feedback = pl.col("wallet_feedback").str.to_lowercase()
    # any other word says that the customer is not to be contacted: one that nobody knows protects
    never = pl.col(marker("do_not_contact")) | ~pl.col("do_not_contact").str.to_lowercase().is_in(FALSE_WORDS)
    return read.given, read.rows.select(
        "list_id",
        "customer_id",
        "response",
        no_date=pl.any_horizontal(broken),
        **{name: pl.when(pl.col(name).is_between(FIRST_DAY, LAST_DAY)).then(pl.col(name)) for name in days},
        do_not_contact=never.fill_null(value=False),
        wallet_feedback=pl.when(pl.col(marker("wallet_feedback"))).then(pl.lit("?")).otherwise(feedback),
    )


def _answers(read: HandedIn) -> HandedIn:
    """What advisers filled in on a call sheet. Names and phones that stand beside it are not taken."""
    cells = read.given.select(pl.col(name) for name in read.given.columns if name in _FILE.schema)
    known = read.rows.with_row_index("_line")
    filled = answers_as_codes(cells.with_columns(_line=pl.int_range(pl.len(), dtype=pl.UInt32)))
    rows = known.join(filled.select("_line", answer="response"), on="_line", maintain_order="left")
    return HandedIn(filled.drop("_line"), rows.with_columns(response=pl.col("answer")).drop("_line", "answer"))


def is_wish(column: str) -> bool:
    """Whether the name of a column says that a wish not to be contacted stands in it."""
    plain = "".join(letter for letter in column.casefold() if letter.isalnum())
    return any(wish in plain for wish in _WISHES)


def _as_in_ledger(rows: pl.DataFrame, customers: pl.Series) -> pl.DataFrame:
    """An id that stands with a formula's apostrophe in a released CSV file is handed in so, too."""
    strange = rows.filter(~pl.col("customer_id").is_in(customers.implode()))["customer_id"].unique()
    if not strange.str.contains("'", literal=True).any():
        return rows
    written = {guarded(name): name for name in customers}
    return rows.with_columns(pl.col("customer_id").replace({cell: written.get(cell, cell) for cell in strange}))


def _reason(customers: pl.Series) -> pl.Expr:
    """The first thing that is wrong with a row."""
    contacted = pl.col("response") != "not_contacted"
    rules = {
        "a key is missing": pl.col("list_id").is_null() | pl.col("customer_id").is_null(),
        "unknown customer": ~pl.col("customer_id").is_in(customers.implode()),
        "unknown response": ~pl.col("response").is_in(RESPONSES) | pl.col("response").is_null(),
        "unknown wallet feedback": ~pl.col("wallet_feedback").is_in(WALLET_FEEDBACK),
        "not a date": pl.col("no_date"),
        "contacted without a day": contacted & pl.col("contacted_on").is_null(),
        "answered before contacted": pl.col("responded_on") < pl.col("contacted_on"),
    }
    return pl.coalesce(pl.when(rule).then(pl.lit(name)) for name, rule in rules.items())


def _day() -> pl.Expr:
    return pl.coalesce("responded_on", "contacted_on")
