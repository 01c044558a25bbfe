"""What a source hands over: a table's parts, each with a schema of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from segment.ledger.faults import Fault
from segment.ledger.schema import Table

# A damaged file can make Polars panic, which is no subclass of Exception.
MOST_ROWS = 500_000
"""Of a file that are read at a time; a long table's memory is a few times that, however long it is."""
READ_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


@dataclass(frozen=True)
class Part:
    """A file of a table, or a chunk of a database's rows."""

    name: str  # for messages: a file's name without its folders, or a database table
    rows: pl.LazyFrame  # as they came in
    schema: pl.Schema
    declared: bool  # whether the types were declared by whoever wrote it; in CSV and SQLite they are not
    whole_rows: bool = False  # whether every field of a row must be read to see a fault in it, as in CSV
    path: Path | None = None  # None in a database
    place: str = ""  # the file's place below the ledger's folder, which tells files of one name apart
    encoding: str | None = None  # in which a text came that is not in UTF-8
    timezone: str | None = None  # of the bank, in which an instant has its day

    def collect(self, query: pl.LazyFrame) -> pl.DataFrame:
        """Run a query on this kind of part."""
        # With fewer columns asked for, the CSV reader passes over rows that have too many fields.
        return query.collect(optimizations=pl.QueryOptFlags(projection_pushdown=not self.whole_rows))

    def chunks(self) -> Iterator[Part]:
        """Cut a long Parquet file between its row groups; the place of a chunk says at which row it begins."""
        for first, rows in _spans(self):
            yield replace(
                self, rows=self.rows.slice(first, rows), place=f"{self.place}#{first}" if first else self.place
            )


def _spans(part: Part) -> Iterator[tuple[int, int | None]]:
    if part.path is None or part.whole_rows:
        yield 0, None
        return
    try:
        groups = pq.read_metadata(part.path)
    except (pa.ArrowException, OSError):  # told by the reading of the file
        yield 0, None
        return
    first = rows = 0
    for number in range(groups.num_row_groups):
        more = groups.row_group(number).num_rows
        if rows and rows + more > MOST_ROWS:
            yield first, rows
            first, rows = first + rows, 0
        rows += more
    yield first, rows


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
