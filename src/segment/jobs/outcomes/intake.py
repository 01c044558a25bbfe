"""Outcomes that branches hand in: taken once however often they come, in force the same day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.exceptions import LedgerError
from segment.jobs.reference import read_reference
from segment.ledger.vocabulary import RESPONSES
from segment.settings import who
from segment.warehouse import Workspace, write_parquet
from segment.warehouse.export import guarded
from segment.warehouse.kept import OUTCOMES, Taken, keep, read_kept
from segment.warehouse.records import append
from segment.warehouse.tombstones import Erased

COLUMNS = ("list_id", "customer_id", "contacted_on", "response", "responded_on")
TAKEN = "outcomes_taken"
WALLET_FEEDBACK = ("agree", "too_high", "too_low")
"""What an adviser may say of the potential on the list, once the customer has told of their other banks."""
_YES = ("true", "1", "yes")


@dataclass(frozen=True)
class Intake:
    """What became of a file.

    Attributes
    ----------
    taken : Taken
        Rows added, changed, and those that said nothing new.
    older : int
        Rows older than what is kept of the same customer and list; not taken.
    refused : dict of str to int
        Rows that cannot be read, by reason.
    refused_rows : pathlib.Path or None
        Where they lie, to be corrected and handed in again.
    """

    taken: Taken
    older: int
    refused: dict[str, int]
    refused_rows: Path | None

    def __str__(self) -> str:
        """Count what was taken and what was not."""
        said = f"{self.taken.added} outcomes added, {self.taken.changed} changed, {self.taken.same} known already"
        if self.older:
            said += f", {self.older} older than what is known"
        if not self.refused:
            return f"{said}."
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(self.refused.items()))
        return f"{said}. Refused: {reasons}; the rows are in {self.refused_rows}."


def take_outcomes(file: Path, workspace: Workspace) -> Intake:
    """Take in what came of a list. The same file again changes nothing.

    A `declined` rests the customer, and `do_not_contact` keeps them out for good, from the next list or release on.
    What is said of a move is kept but not believed: moves are measured from the ledger.

    Parameters
    ----------
    file : pathlib.Path
        CSV or Parquet with `list_id`, `customer_id`, `contacted_on`, `response`, `responded_on` (CONTRACT.md section 1)
        and, if the bank likes, `do_not_contact` and `wallet_feedback` (`agree`, `too_high`, `too_low`). Of several rows
        of a customer and list the latest counts.
    workspace : Workspace
        Keeps them.

    Returns
    -------
    Intake

    Raises
    ------
    LedgerError
        Where the file cannot be read or a column is missing. Nothing is then taken.
    """
    given = _read(file)
    known = read_reference(workspace)["customers"]["customer_id"]
    judged = _as_in_ledger(_parsed(given), known).with_columns(reason=_reason(known))
    good = judged.filter(pl.col("reason").is_null())
    latest = _latest(good)
    before = read_kept(workspace, OUTCOMES).select(
        "list_id", "customer_id", _day().alias("day"), never="do_not_contact"
    )
    joined = latest.join(before, on=["list_id", "customer_id"], how="left")
    older = joined.filter(_day() < pl.col("day"))
    fresh = joined.join(older, on=["list_id", "customer_id"], how="anti").with_columns(
        do_not_contact=pl.col("do_not_contact") | pl.col("never").fill_null(value=False)
    )
    taken = keep(workspace, OUTCOMES, fresh.select(list(OUTCOMES.schema)))
    refused = dict(judged.drop_nulls("reason").group_by("reason").len().sort("reason").iter_rows())
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    if taken.added or taken.changed:
        counts = {"added": taken.added, "changed": taken.changed, "refused": sum(refused.values())}
        append(workspace, TAKEN, by=who(), why="outcomes handed in", content={"sha256": digest, **counts})
    return Intake(taken, older.height, refused, _set_aside(given, judged, workspace, digest))


def _read(file: Path) -> pl.DataFrame:
    if not file.is_file():
        raise LedgerError.with_hint(f"The outcomes must be a file. `{file}` is none.", "give a CSV or Parquet file")
    try:
        rows = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise LedgerError.with_hint(
            f"The outcomes must be CSV or Parquet. `{file.name}` cannot be read ({type(fault).__name__}).",
            "save it as CSV with commas, in UTF-8",
        ) from None
    missing = [name for name in COLUMNS if name not in rows.columns]
    if missing:
        raise LedgerError.with_hint(
            f"The outcomes must have the columns {', '.join(COLUMNS)}. Missing: {', '.join(missing)}.",
            "name them in the first line",
        )
    return rows


def _parsed(rows: pl.DataFrame) -> pl.DataFrame:
    """Typed columns; a cell that says something which is no date is null and marked."""
    text = rows.with_columns(pl.col(*COLUMNS).cast(pl.String).str.strip_chars())
    text = text.with_columns(pl.when(pl.col(*COLUMNS) != "").then(pl.col(*COLUMNS)))
    days = {name: pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in ("contacted_on", "responded_on")}
    broken = [pl.col(name).is_not_null() & day.is_null() for name, day in days.items()]
    never, judged = _optional(rows, "do_not_contact"), _optional(rows, "wallet_feedback")
    return text.with_columns(no_date=pl.any_horizontal(broken)).select(
        "list_id",
        "customer_id",
        "response",
        "no_date",
        **days,
        do_not_contact=never.is_in(_YES).fill_null(value=False),
        wallet_feedback=judged,
    )


def _optional(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Words of a column that a file may lack, in small letters; null where nothing is said."""
    if column not in rows.columns:
        return pl.lit(None, pl.String)
    word = pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(word != "").then(word)


def _as_in_ledger(rows: pl.DataFrame, known: pl.Series) -> pl.DataFrame:
    """An id that stands with a formula's apostrophe in a released CSV file is handed in so, too."""
    strange = rows.filter(~pl.col("customer_id").is_in(known.implode()))["customer_id"].unique()
    if not strange.str.contains("'", literal=True).any():
        return rows
    written = {guarded(name): name for name in known}
    return rows.with_columns(pl.col("customer_id").replace({cell: written.get(cell, cell) for cell in strange}))


def _reason(known: pl.Series) -> pl.Expr:
    """The first thing that is wrong with a row."""
    contacted = pl.col("response") != "not_contacted"
    rules = {
        "a key is missing": pl.col("list_id").is_null() | pl.col("customer_id").is_null(),
        "unknown customer": ~pl.col("customer_id").is_in(known.implode()),
        "unknown response": ~pl.col("response").is_in(RESPONSES) | pl.col("response").is_null(),
        "unknown wallet feedback": ~pl.col("wallet_feedback").is_in(WALLET_FEEDBACK),
        "not a date": pl.col("no_date"),
        "contacted without a day": contacted & pl.col("contacted_on").is_null(),
        "answered before contacted": pl.col("responded_on") < pl.col("contacted_on"),
    }
    return pl.coalesce(pl.when(rule).then(pl.lit(name)) for name, rule in rules.items())


def _latest(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per customer and list: the latest answer, and the wish not to be contacted wherever it stands."""
    key = ["list_id", "customer_id"]
    ever = pl.col("do_not_contact").any().over(key)
    ordered = rows.with_columns(do_not_contact=ever).sort(_day(), nulls_last=False, maintain_order=True)
    return ordered.unique(key, keep="last", maintain_order=True)


def _day() -> pl.Expr:
    return pl.coalesce("responded_on", "contacted_on")


def _set_aside(given: pl.DataFrame, judged: pl.DataFrame, workspace: Workspace, digest: str) -> Path | None:
    bad = Erased.of(workspace).leave_out(given.with_columns(judged["reason"]).drop_nulls("reason"))
    if bad.is_empty():
        return None
    path = workspace.quarantine / "outcomes" / f"{digest[:16]}.parquet"
    write_parquet(bad, path)
    return path
