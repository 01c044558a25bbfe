"""The rows of some parts asked every rule together, and what is learned of each part."""

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
from segment.ledger.quarantine import RULE, sift
from segment.ledger.reading import count_cells, read_as_text
from segment.ledger.rules import Known
from segment.ledger.schema import Table

_PART = "__part"


def known_on(table: Table, as_of: dt.date) -> pl.Expr:
    """Rows that are dated on or before a day, and those whose date cannot be read.

    Parameters
    ----------
    table : Table
        Dated.
    as_of : datetime.date
        The day whose knowledge is asked for.

    Returns
    -------
    polars.Expr
    """
    return (pl.col(str(table.dated_by)) <= as_of).fill_null(True)


def judge_parts(
    table: Table,
    parts: Sequence[TableInput],
    typed: Mapping[int, pl.DataFrame],
    keys: Mapping[int, Hashes],
    known: Known,
    standing: pl.DataFrame,
    as_of: dt.date,
) -> Iterator[tuple[int, pl.DataFrame, PartSummary]]:
    """Ask the rules of some parts' rows.

    Parameters
    ----------
    table : Table
        The long table.
    parts : sequence of TableInput
        Each with the rows of one part.
    typed : mapping of int to polars.DataFrame
        Rows by number of their part; no part that is left out shares a key with one of these.
    keys : mapping of int to array of uint64
        Hashes of their keys.
    known : Known
        Ids of the tables that this one names.
    standing : polars.DataFrame
        The same as `standing_of` returns it.
    as_of : datetime.date
        The day whose knowledge is asked for.

    Yields
    ------
    tuple of (int, polars.DataFrame, PartSummary)
        A part's number, its clean rows, and what was learned of it; the file's hash is still to be put in.
    """
    numbers = sorted(typed)
    columns = table.schema.names()
    numbered = [typed[number].with_columns(pl.lit(number, pl.Int64).alias(_PART)) for number in numbers]
    rows = with_hashes(pl.concat(numbered).with_row_index(ROW), columns)
    judged = rows.filter(known_on(table, as_of))
    sifted = sift(table, judged, known)
    bad = sifted.bad.join(rows.select(ROW, _PART), on=ROW, how="left", maintain_order="left")
    sharing = partners(keys)
    for number in numbers:
        whole, asked, kept, wrong = (
            frame.filter(pl.col(_PART) == number) for frame in (rows, judged, sifted.kept, bad)
        )
        first_on, last_on = span_of(whole, str(table.dated_by))
        frames = {
            "days": day_sums(kept, str(table.dated_by)),
            "seen": seen(table, asked, kept, standing),
            "keys": pl.DataFrame({"key": keys[number]}),
            "bad": _as_they_came(parts[number], _numbered_within(wrong, whole)),
        }
        yield (
            number,
            kept.select(columns),
            PartSummary(
                place=place_of(parts[number]),
                sha256="",
                as_of=as_of,
                rows=whole.height,
                after=whole.height - asked.height,
                kept=kept.height,
                first_on=first_on,
                last_on=last_on,
                sums=sums_of(whole),
                cells=count_cells(table, whole),
                with_bank=kept["counterparty_bank"].count() if "counterparty_bank" in columns else 0,
                partners=tuple(place_of(parts[other]) for other in sharing.get(number, ())),
                frames=Frames(frames),
            ),
        )


def place_of(part: TableInput) -> str:
    """The place of a part's file; nothing in a database."""
    return part.parts[0].place


def _of_part(rows: pl.DataFrame, number: int) -> pl.DataFrame:
    """Rows of one part, of rows in the order of the parts."""
    first, after = (rows[_PART].search_sorted(number, side) for side in ("left", "right"))
    return rows[first:after]


def _numbered_within(bad: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    first = 0 if part.is_empty() else part[ROW][0]
    return bad.select(pl.col(ROW) - first, RULE)


def _as_they_came(part: TableInput, bad: pl.DataFrame) -> pl.DataFrame:
    """Bad rows of a part: the cells as text, the row's number within the part, and the rule."""
    names = part.table.schema.names()
    if bad.is_empty():
        return pl.DataFrame(schema={**dict.fromkeys(names, pl.String()), **bad.schema})
    cells = read_as_text(part, bad[ROW])
    return cells.join(bad, on=ROW, how="left", maintain_order="left").select(*names, ROW, RULE)
