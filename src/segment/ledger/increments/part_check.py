"""The rows of a part asked every rule, and the summary of it; of several parts together, the rules of keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from segment.ledger.day_sums import day_sums, sums_of, with_hashes
from segment.ledger.increments.keys import Hashes, hashes_of, with_keys_among
from segment.ledger.increments.parents import named, naming_doubtful, seen, span_of
from segment.ledger.increments.summary import Frames, PartSummary
from segment.ledger.parsing import ROW
from segment.ledger.parts import TableInput
from segment.ledger.quarantine import RULE, as_given, broken_keys, sift
from segment.ledger.reading import Cells, count_cells
from segment.ledger.rules import RuleContext
from segment.ledger.schema import Table

_PART = "__part"
NONE_BROKEN = pl.DataFrame(schema={ROW: pl.get_index_type(), RULE: pl.String})


@dataclass(frozen=True)
class PartFacts:
    """What is known of a part once it is read, before any rule is asked."""

    rows: int
    cells: dict[str, Cells]
    first_on: dt.date | None
    last_on: dt.date | None
    keys: Hashes  # of the rows that the day sees, ascending


def facts_of(table: Table, rows: pl.DataFrame, as_of: dt.date) -> PartFacts:
    """Look at a part that was read."""
    first_on, last_on = span_of(rows, str(table.dated_by))
    keys = hashes_of(table, visible(table, rows, last_on, as_of))
    return PartFacts(rows.height, count_cells(table, rows), first_on, last_on, keys)


def visible(table: Table, rows: pl.DataFrame, last_on: dt.date | None, as_of: dt.date) -> pl.DataFrame:
    """The rows that a day sees."""
    return rows if last_on is not None and last_on <= as_of else rows.filter(table.visible_on(as_of))


def judge_keys(
    table: Table, parts: Iterable[tuple[int, pl.DataFrame]], shared: Hashes, context: RuleContext
) -> dict[int, pl.DataFrame]:
    """Ask the rules of keys of the rows that may share one, of all parts together: the first of several is kept."""
    suspects = []
    for number, rows in parts:
        good = sift(table, with_keys_among(table, rows, shared), context, NONE_BROKEN).clean
        suspects.append(good.rename({ROW: f"{_PART}_row"}).with_columns(pl.lit(number, pl.Int64).alias(_PART)))
    every = pl.concat(suspects).with_row_index(ROW)
    broken = broken_keys(table, every, context).join(every.select(ROW, _PART, f"{_PART}_row"), on=ROW)
    by_part = broken.drop(ROW).rename({f"{_PART}_row": ROW}).partition_by(_PART, as_dict=True)
    return {int(number): rows.select(ROW, RULE) for (number,), rows in by_part.items()}


def check_part(
    source: TableInput,
    rows: pl.DataFrame,
    facts: PartFacts,
    broken: pl.DataFrame,
    context: RuleContext,
    standing: pl.DataFrame,
    as_of: dt.date,
) -> tuple[pl.DataFrame, PartSummary]:
    """Ask the rules of a part's rows, and return the clean ones; `broken`: Rows that break a rule of keys."""
    table = source.table
    columns = table.schema.names()
    hashed = with_hashes(rows, columns)
    asked = visible(table, hashed, facts.last_on, as_of)
    parents = named(table, asked, standing)
    sifted = sift(table, asked, context, broken, naming_doubtful(table, asked, parents))
    frames = {
        "days": day_sums(sifted.clean, str(table.dated_by)),
        "seen": seen(table, parents, sifted.clean),
        "keys": pl.DataFrame({"key": facts.keys}),
        "bad": as_given(source, sifted.bad).select(*columns, ROW, RULE),
    }
    summary = PartSummary(
        place=place_of(source),
        sha256="",
        as_of=as_of,
        rows=rows.height,
        after=rows.height - asked.height,
        clean=sifted.clean.height,
        first_on=facts.first_on,
        last_on=facts.last_on,
        sums=sums_of(hashed),
        cells=facts.cells,
        with_bank=sifted.clean["counterparty_bank"].count() if "counterparty_bank" in columns else 0,
        partners=(),
        frames=Frames(frames),
    )
    return sifted.clean.select(columns), summary


def place_of(part: TableInput) -> str:
    """The place of a part's file; nothing in a database."""
    return part.parts[0].place
