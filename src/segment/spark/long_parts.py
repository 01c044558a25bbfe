"""First look at the parts of a long table: each task reads one, lays its rows down, and returns what it counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from segment.files import write_parquet
from segment.ledger.day_sums import add_sums, sums_of, with_hashes
from segment.ledger.faults import Fault
from segment.ledger.increments.parents import span_of
from segment.ledger.increments.part_check import visible
from segment.ledger.parsing import ROW, marker
from segment.ledger.parts import READ_ERRORS, TableInput
from segment.ledger.reading import Cells, count_cells, faults_of_cells, name_broken_part, read_rows
from segment.ledger.schema import Table

PART, MARKS = "__part", "__marks"


@dataclass(frozen=True)
class LongPart:
    """One part of a long table, as a task gets it."""

    number: int
    source: TableInput  # of this part alone
    as_of: dt.date
    folder: Path  # receives the rows


@dataclass(frozen=True)
class PartCounts:
    """What was seen of some parts before any rule was asked."""

    rows: int = 0
    after: int = 0  # rows dated after the day that is asked for
    cells: dict[str, Cells] | None = None  # by column
    first_on: dt.date | None = None
    last_on: dt.date | None = None  # of all rows, bad and later ones included
    sums: tuple[int, ...] = (0, 0)  # of the hashes of all rows
    faults: tuple[Fault, ...] = ()

    def __add__(self, other: PartCounts) -> PartCounts:
        """Count two parts together."""
        cells = dict(self.cells or {})
        for name, counts in (other.cells or {}).items():
            cells[name] = cells.get(name, Cells(0, 0)) + counts
        days = [(part.first_on, part.last_on) for part in (self, other) if part.first_on and part.last_on]
        return PartCounts(
            rows=self.rows + other.rows,
            after=self.after + other.after,
            cells=cells,
            first_on=min((first for first, _ in days), default=None),
            last_on=max((last for _, last in days), default=None),
            sums=add_sums([self.sums, other.sums]),
            faults=(*self.faults, *other.faults),
        )

    def all_faults(self, table: Table) -> list[Fault]:
        """List what is wrong with the table as a whole."""
        return [*self.faults] or faults_of_cells(table, self.cells or {}, self.rows)


def long_parts(source: TableInput, as_of: dt.date, folder: Path) -> list[LongPart]:
    """List the parts of a table, a long Parquet file cut between its row groups."""
    chunks = [chunk for part in source.parts for chunk in part.chunks()]
    return [
        LongPart(number, replace(source, parts=(chunk,)), as_of, folder / source.table.name)
        for number, chunk in enumerate(chunks)
    ]


def look_at(part: LongPart) -> PartCounts:
    """Read a part, lay down the rows that the day sees, and count."""
    table = part.source.table
    try:
        rows = read_rows(part.source).with_row_index(ROW)
    except READ_ERRORS:
        return PartCounts(faults=(name_broken_part(part.source),))
    first_on, last_on = span_of(rows, str(table.dated_by))
    seen = visible(table, rows, last_on, part.as_of)
    write_parquet(_packed(table, seen, part.number), part.folder / f"part-{part.number:06d}.parquet")
    return PartCounts(
        rows=rows.height,
        after=rows.height - seen.height,
        cells=count_cells(table, rows),
        first_on=first_on,
        last_on=last_on,
        sums=sums_of(with_hashes(rows, table.schema.names())),
    )


def unpacked(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as the rules take them: the contract's types, and a mark on each cell that did not parse."""
    marks = {marker(name): (pl.col(MARKS) // 2**place) % 2 == 1 for place, name in enumerate(table.schema.names())}
    typed = [pl.col(name).cast(dtype) for name, dtype in table.schema.items()]
    return rows.with_columns(*typed, pl.col(ROW).cast(pl.get_index_type()), **marks)


def _packed(table: Table, rows: pl.DataFrame, number: int) -> pl.DataFrame:
    """Rows as Spark holds them: words as text, times as whole numbers, the marks of a row as one number."""
    marks = (pl.col(marker(name)).cast(pl.Int64) * 2**place for place, name in enumerate(table.schema.names()))
    return rows.select(
        *(_plain(name, dtype) for name, dtype in table.schema.items()),
        pl.col(ROW).cast(pl.Int64),
        pl.lit(number, pl.Int64).alias(PART),
        pl.sum_horizontal(marks).alias(MARKS),
    )


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Enum):
        return pl.col(name).cast(pl.String)
    return pl.col(name).cast(pl.Int64) if dtype == pl.Time else pl.col(name)
