"""The rows of a database's table, laid out on disk some at a time, by month: memory never holds the table."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import sqlalchemy as sa

from segment.exceptions import SourceError
from segment.files import repr_hash, write_whole
from segment.ledger.schema import Table

CHUNK = 100_000
_MONTH = re.compile(r"\d{4}-\d{2}$")
_MONTH_LETTERS = 7
_NUMBERS = (sa.Integer, sa.Numeric, sa.Float)

Lines = list[Any]


@dataclass(frozen=True)
class Slice:
    """Some rows of a table."""

    place: str  # Which tells slices apart: their first month, and how many of it came before
    rows: pl.LazyFrame
    schema: pl.Schema
    path: Path | None = None  # Where they lie
    version: str | None = None  # Of rows that are fetched when they are asked for: what changes when they do


@dataclass(frozen=True)
class TableMonths:
    """Months of a table that one reader takes: spans hold each row once, whatever its date is."""

    months: tuple[str, ...]  # The first letters of their dates; empty where no date is written
    rows: int
    edges: tuple[Any, Any] | None = None  # First and last date of a month that is read alone: an index finds its rows


class DatabaseRows:
    """One table of a database, read over a connection into files of a folder."""

    def __init__(
        self,
        connection: sa.Connection,
        table: Table,
        name: str,
        columns: Mapping[str, sa.types.TypeEngine[Any]],
        names: Mapping[str, str],
        folder: Path,
        unanswered: SourceError,
        stamp: str | None = None,
    ) -> None:
        # `columns`: those that are read, in the bank's names; `names`: the contract's, where it has others; `stamp`:
        # the column that says when a row was changed, and without dates nothing
        self._connection, self._folder, self._from = connection, folder, sa.table(name)
        self._unanswered = unanswered
        self._table, self.columns, self.name = table, columns, name
        self._own = {names.get(column, column): column for column in columns}
        self._is_postgres = connection.dialect.name == "postgresql"
        self._stamp = stamp if self.dated else None
        self.declared = self._is_postgres or not (stamp or connection.dialect.name == "sqlite")

    def slices(self, span: TableMonths | None = None) -> Iterator[Slice]:
        """Read the table once, or some months of it, in the order of its days."""
        if self._stamp and span is None:
            yield from self._stamped_slices(self._stamp)
            return
        dated = self.dated
        by = [self._own[key] for key in self._table.key if key in self._own]
        order: list[sa.ColumnElement[Any]] = [
            sa.column(name) for name in dict.fromkeys([*([dated] if dated else []), *by])
        ]
        chosen = self._select() if span is None else self._select().where(*self._within(span))
        seen: dict[str, int] = {}
        for month, lines in _by_month(self._lines(chosen.order_by(*order))):
            seen[month] = seen.get(month, -1) + 1
            place = f"{self.name}/{month}.{seen[month]}"
            frame = self._frame(lines).cast(self.text_schema) if self._stamp else self._frame(lines)
            yield Slice(place, *self._laid_out(frame, place))

    def spans(self) -> list[TableMonths]:
        """Ask how many rows each month has, and put those together that `slices` keeps together."""
        month, first = self._month, sa.func.min(self._date)
        edges: list[sa.ColumnElement[Any]] = [first, sa.func.max(self._date)]
        if self._is_postgres:  # Python has no date for some of its dates
            edges = [sa.cast(edge, sa.Text) for edge in edges]
        counted = sa.select(month, sa.func.count(), *edges).select_from(self._from)
        groups: list[list[Any]] = []
        rows = 0
        for row in self._connection.execute(counted.group_by(month).order_by(first)):
            if not groups or rows >= CHUNK // 4:
                groups.append([])
                rows = 0
            groups[-1].append(row)
            rows = (rows + row[1] - 1) % CHUNK + 1  # of the slice that the next month would begin in
        return [
            TableMonths(
                tuple(row[0] for row in group),
                sum(row[1] for row in group),
                None if len(group) > 1 or group[0][2] is None else (group[0][2], group[0][3]),
            )
            for group in groups
        ]

    def _within(self, span: TableMonths) -> Iterator[sa.ColumnElement[bool]]:
        yield self._month.in_(span.months)
        kind = self.columns.get(str(self.dated))
        if span.edges is not None and isinstance(kind, sa.Date | sa.DateTime | sa.String):
            first, last = (
                sa.cast(sa.literal(edge), kind) if self._is_postgres else sa.literal(edge) for edge in span.edges
            )
            yield self._date.between(first, last)

    def _stamped_slices(self, stamp: str) -> Iterator[Slice]:
        """Ask how many rows each day has and their newest stamp; rows are fetched when they are asked for."""
        day = self._day()
        counted = sa.select(sa.cast(day, sa.Text), sa.func.count(), sa.cast(sa.func.max(sa.column(stamp)), sa.Text))
        days = self._connection.execute(counted.select_from(self._from).group_by(day).order_by(day)).all()
        seen: dict[str, int] = {}
        for month, some in _days_together([tuple(row) for row in days]):
            seen[month] = seen.get(month, -1) + 1
            place = f"{self.name}/{month}.{seen[month]}"
            wanted = self._select().where(self._between(some[0][0], some[-1][0]))
            rows = pl.defer(self._fetch(wanted, place), schema=self.text_schema)
            yield Slice(place, rows, self.text_schema, version=repr_hash(some))

    @property
    def text_schema(self) -> pl.Schema:
        """Types that are known before a row is read: text, and of PostgreSQL's numbers that are no ids numbers."""
        return pl.Schema({name: self._dtype(name, kind) for name, kind in self.columns.items()})

    @property
    def dated(self) -> str | None:
        """The bank's name of the column by which the table is dated, if it is there."""
        return self._own.get(str(self._table.dated_by))

    def _dtype(self, name: str, kind: sa.types.TypeEngine[Any]) -> pl.DataType:
        ids = {self._own.get(column.name) for column in self._table.columns if column.is_id}
        if not self._is_postgres or name in ids or not isinstance(kind, _NUMBERS):
            return pl.String()
        return pl.Int64() if isinstance(kind, sa.Integer) else pl.Float64()

    @property
    def _date(self) -> sa.ColumnElement[Any]:
        return sa.column(self.dated) if self.dated else sa.literal("")

    @property
    def _month(self) -> sa.ColumnElement[Any]:
        """The month that a row is of, as text; empty where no date is written."""
        return sa.func.coalesce(sa.func.substr(sa.cast(self._date, sa.Text), 1, _MONTH_LETTERS), "")

    def _day(self) -> sa.ColumnElement[Any]:
        dated: sa.ColumnElement[Any] = sa.column(self.dated or "")
        return dated if isinstance(self.columns.get(str(self.dated)), sa.Date) else sa.func.date(dated)

    def _between(self, first: str | None, last: str | None) -> sa.ColumnElement[bool]:
        if first is None or last is None:
            return self._day().is_(None)
        start, end = (
            sa.cast(sa.literal(day), sa.Date) if self._is_postgres else sa.literal(day) for day in (first, last)
        )
        return self._day().between(start, end)

    def _select(self) -> sa.Select[Any]:
        """Every column that is read; in PostgreSQL as text, before all the month that a row is of."""
        columns: list[sa.ColumnElement[Any]] = [sa.column(name) for name in self.columns]
        if not self._is_postgres:
            return sa.select(*columns).select_from(self._from)
        return sa.select(self._month, *(sa.cast(column, sa.Text) for column in columns)).select_from(self._from)

    def _lines(self, query: sa.Select[Any]) -> Iterator[tuple[str, Any]]:
        """The month of each row and the row: in PostgreSQL a line of text, elsewhere a tuple."""
        if self._is_postgres:
            text = query.compile(self._connection, compile_kwargs={"literal_binds": True})
            driver: Any = self._connection.connection.cursor()
            with closing(driver) as cursor, cursor.copy(f"COPY ({text}) TO STDOUT (FORMAT csv)") as copy:
                for line in copy:
                    content = bytes(line)
                    yield content[:_MONTH_LETTERS].decode("ascii", "replace"), content
            return
        place = list(self.columns).index(self.dated) if self.dated else None
        result = self._connection.execution_options(yield_per=CHUNK).execute(query)
        with closing(result):  # also where the connection is lost: the cursor of a stream outlives it
            for row in result:
                yield "" if place is None else str(row[place])[:_MONTH_LETTERS], row

    def _frame(self, lines: Lines) -> pl.DataFrame:
        if self._is_postgres:
            schema = dict.fromkeys(["", *self.columns], pl.String)
            text = pl.read_csv(io.BytesIO(b"".join(lines)), has_header=False, schema=schema, glob=False)
            return text.select(list(self.columns)).cast(self.text_schema)
        cells = zip(*lines, strict=True)
        return pl.DataFrame([to_series(name, values) for name, values in zip(self.columns, cells, strict=True)])

    def _fetch(self, wanted: sa.Select[Any], place: str) -> Callable[[], pl.DataFrame]:
        @cache
        def path() -> Path:
            try:
                frames = [self._frame(lines).cast(self.text_schema) for _, lines in _by_month(self._lines(wanted))]
            except Exception as error:  # drivers raise errors of their own
                raise (self._unanswered if may_answer_later(error) else OSError("refuses its rows")) from None
            return self._write(pl.concat(frames or [pl.DataFrame(schema=self.text_schema)]), place)

        return lambda: pl.read_parquet(path(), glob=False)

    def _laid_out(self, frame: pl.DataFrame, place: str) -> tuple[pl.LazyFrame, pl.Schema, Path]:
        path = self._write(frame, place)
        return pl.scan_parquet(path, glob=False), frame.schema, path

    def _write(self, frame: pl.DataFrame, place: str) -> Path:
        path = self._folder / f"{repr_hash(place)}.parquet"
        write_whole(path, lambda beside: frame.write_parquet(beside, compression="lz4", statistics=False))
        return path


def _by_month(lines: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Lines]]:
    """Rows of whole months together while they are few, and of one month apart where they are many."""
    some: Lines = []
    first = before = ""
    for month, line in lines:
        if some and (len(some) >= CHUNK or (month != before and len(some) >= CHUNK // 4)):
            yield _called(first), some
            some = []
        first = first if some else month
        before = month
        some.append(line)
    if some:
        yield _called(first), some


def _days_together(days: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """The same of days whose rows are counted; rows without a day apart."""
    some: list[tuple[Any, ...]] = []
    for day in days:
        month_ends = bool(some) and (day[0] is None or some[0][0] is None or some[0][0][:7] != day[0][:7])
        if month_ends or sum(row[1] for row in some) >= CHUNK:
            yield _called(some[0][0] or ""), some
            some = []
        some.append(day)
    if some:
        yield _called(some[0][0] or ""), some


def _called(month: str) -> str:
    return month[:_MONTH_LETTERS] if _MONTH.match(month[:_MONTH_LETTERS]) else "undated"


def to_series(name: str, values: Sequence[Any]) -> pl.Series:
    """A column of database values as a series, as text where its values are of several types."""
    kinds = {type(value) for value in values} - {type(None)}
    if not kinds:
        return pl.Series(name, values, dtype=pl.Null)
    if kinds <= {int, Decimal} and all(value is None or _is_whole(value) for value in values):
        whole = [None if value is None else int(value) for value in values]  # no digit is lost: it may be an id
        if all(value is None or abs(value) < 2**63 for value in whole):
            return pl.Series(name, whole, dtype=pl.Int64)
        return pl.Series(name, [None if value is None else str(value) for value in whole], dtype=pl.String)
    if kinds <= {int, float, Decimal}:
        return pl.Series(name, [None if value is None else float(value) for value in values], dtype=pl.Float64)
    if kinds == {bool} or kinds == {str} or kinds == {dt.date}:
        return pl.Series(name, values)
    return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)


def _is_whole(value: int | Decimal) -> bool:
    return isinstance(value, int) or (value.is_finite() and value == value.to_integral_value())


def may_answer_later(error: Exception) -> bool:
    """Tell a connection that was lost, or a file that another writer holds, from rows that cannot be read."""
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return True
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    # SQLite calls many things an operational error; those of a busy or unreadable file have names of their own
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    if name:
        return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN"))
    return error.connection_invalidated or isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
