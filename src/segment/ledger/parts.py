"""What a source hands over: a table's parts, each with a schema of its own."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow.parquet as pq

from segment.ledger.faults import Fault
from segment.ledger.schema import Table

# A damaged file can make Polars panic, which is no subclass of Exception.
MOST_ROWS = 500_000
"""Of a file that are read at a time; a long table's memory is a few times that, however long it is."""
READ_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


@dataclass(frozen=True)
class Piece:
    """Some of a long file's rows."""

    start: int  # which tells pieces of one file apart: the row, or the byte, with which it begins
    rows: pl.LazyFrame


@dataclass(frozen=True)
class Part:
    """A file of a table, or a chunk of a database's rows."""

    name: str  # for messages: a file's name without its folders, or a database table
    rows: pl.LazyFrame  # as they came in
    schema: pl.Schema
    declared: bool  # whether the types were declared by whoever wrote it; in CSV and SQLite they are not
    whole_rows: bool = False  # whether every field of a row must be read to see a fault in it, as in CSV
    path: Path | None = None  # where its rows lie; none where a database is asked for them
    place: str = ""  # the file's place below the ledger's folder, which tells files of one name apart
    encoding: str | None = None  # in which a text came that is not in UTF-8
    timezone: str | None = None  # of the bank, in which an instant has its day
    version: str | None = None  # of rows in a database: what changes when they do
    pieces: tuple[Piece, ...] = ()  # the same rows, some at a time; none where there are few

    def collect(self, query: pl.LazyFrame) -> pl.DataFrame:
        """Run a query on this kind of part."""
        # With fewer columns asked for, the CSV reader passes over rows that have too many fields.
        return query.collect(optimizations=pl.QueryOptFlags(projection_pushdown=not self.whole_rows))

    def changed(self, change: Callable[[pl.LazyFrame], pl.LazyFrame], schema: pl.Schema) -> Part:
        """The same part with other columns."""
        pieces = tuple(replace(piece, rows=change(piece.rows)) for piece in self.pieces)
        return replace(self, rows=change(self.rows), schema=schema, pieces=pieces)

    def chunks(self) -> Iterator[Part]:
        """Some rows after the others, so that memory need not hold a long file; the place says where each begins."""
        for piece in self.pieces:
            place = f"{self.place}#{piece.start}" if piece.start else self.place
            yield replace(self, rows=piece.rows, place=place, pieces=())
        if not self.pieces:
            yield self


def row_group_pieces(rows: pl.LazyFrame, source: Path | io.BytesIO) -> tuple[Piece, ...]:
    """Cut a long Parquet file between its row groups."""
    groups = pq.read_metadata(source)
    starts, first, rows_since = [0], 0, 0
    for number in range(groups.num_row_groups):
        more = groups.row_group(number).num_rows
        if rows_since and rows_since + more > MOST_ROWS:
            first, rows_since = first + rows_since, 0
            starts.append(first)
        rows_since += more
    spans = zip(starts, [*starts[1:], None], strict=True)
    return tuple(Piece(start, rows.slice(start, None if end is None else end - start)) for start, end in spans)


@dataclass(frozen=True)
class TableInput:
    """A table as a source holds it."""

    table: Table
    parts: tuple[Part, ...] = ()  # files or chunks; empty where the source does not hold the table
    faults: tuple[Fault, ...] = ()  # what keeps it from being read

    @property
    def present(self) -> bool:
        """Whether the source holds the table."""
        return bool(self.parts or self.faults)

    @property
    def found_columns(self) -> set[str]:
        """Every column that at least one part holds."""
        return {name for part in self.parts for name in part.schema}

    def in_memory(self) -> TableInput:
        """The same parts with their rows in memory, the contract's columns of them: read once, however often asked."""
        asked = [part.rows.select(name for name in self.table.schema if name in part.schema) for part in self.parts]
        held = [part.collect(rows).lazy() for part, rows in zip(self.parts, asked, strict=True)]
        parts = (replace(part, rows=rows) for part, rows in zip(self.parts, held, strict=True))
        return replace(self, parts=tuple(parts))

    @property
    def extra_columns(self) -> tuple[str, ...]:
        """Columns that the contract does not know."""
        return tuple(sorted(self.found_columns - set(self.table.schema)))


class Source(Protocol):
    """Where a ledger lies."""

    @property
    def description(self) -> str:
        """What to call it in a report, without user or password."""
        ...

    def find(self, table: Table) -> TableInput:
        """Look for a table and open it."""
        ...

    def strays(self) -> tuple[Fault, ...]:
        """Find what lies there, may hold rows, and is read for no table."""
        ...
