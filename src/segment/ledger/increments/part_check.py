"""The rows of some parts asked every rule together, and the summary of each part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from segment.ledger.day_sums import day_sums, sums_of, with_hashes
from segment.ledger.increments.keys import Hashes, partners
from segment.ledger.increments.parents import seen, span_of
from segment.ledger.increments.summary import Frames, PartSummary
from segment.ledger.parsing import ROW
from segment.ledger.parts import TableInput
from segment.ledger.quarantine import RULE, as_given, sift
from segment.ledger.reading import count_cells
from segment.ledger.rules import RuleContext
from segment.ledger.schema import Table

_PART = "__part"


def check_parts(
    table: Table,
    parts: Sequence[TableInput],
    typed: Mapping[int, pl.DataFrame],
    keys: Mapping[int, Hashes],
    context: RuleContext,
    standing: pl.DataFrame,
    as_of: dt.date,
) -> Iterator[tuple[int, pl.DataFrame, PartSummary]]:
    """Ask the rules of some parts' rows."""
    numbers = sorted(typed)
    columns = table.schema.names()
    numbered = [typed[number].with_columns(pl.lit(number, pl.Int64).alias(_PART)) for number in numbers]
    rows = with_hashes(pl.concat(numbered).with_row_index(ROW), columns)
    visible = rows.filter(table.visible_on(as_of))
    sifted = sift(table, visible, context)
    bad = sifted.bad.join(rows.select(ROW, _PART), on=ROW, how="left", maintain_order="left")
    sharing = partners(keys)
    for number in numbers:
        whole, asked, clean, wrong = (
            frame.filter(pl.col(_PART) == number) for frame in (rows, visible, sifted.clean, bad)
        )
        first_on, last_on = span_of(whole, str(table.dated_by))
        frames = {
            "days": day_sums(clean, str(table.dated_by)),
            "seen": seen(table, asked, clean, standing),
            "keys": pl.DataFrame({"key": keys[number]}),
            "bad": as_given(parts[number], _numbered_within(wrong, whole)).select(*columns, ROW, RULE),
        }
        yield (
            number,
            clean.select(columns),
            PartSummary(
                place=place_of(parts[number]),
                sha256="",
                as_of=as_of,
                rows=whole.height,
                after=whole.height - asked.height,
                clean=clean.height,
                first_on=first_on,
                last_on=last_on,
                sums=sums_of(whole),
                cells=count_cells(table, whole),
                with_bank=clean["counterparty_bank"].count() if "counterparty_bank" in columns else 0,
                partners=tuple(place_of(parts[other]) for other in sharing.get(number, ())),
                frames=Frames(frames),
            ),
        )


def place_of(part: TableInput) -> str:
    """The place of a part's file; nothing in a database."""
    return part.parts[0].place


def _numbered_within(bad: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    first = 0 if part.is_empty() else part[ROW][0]
    return bad.select(pl.col(ROW) - first, RULE)
