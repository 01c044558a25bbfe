"""A ledger in a database, read in chunks over SQLAlchemy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from segment.exceptions import LedgerError, SourceError
from segment.ledger.contract import TABLES
from segment.ledger.faults import Fault, ambiguous_table, unread_file, unreadable_file
from segment.ledger.ledger_names import resembled_table
from segment.ledger.mapped_parts import as_mapped, columns_to_read
from segment.ledger.parts import Part, TableInput
from segment.ledger.schema import Table
from segment.policy.ledger_mapping import Reading

_CHUNK = 100_000
_CONNECT_SECONDS = 15
_HINT_URL = "write it as sqlite:///ledger.db or postgresql+psycopg://user:password@host/database"


class DatabaseSource:
    """A database with a table or view per table of the contract."""

    def __init__(self, url: str, ignored: Collection[str] = (), reading: Reading | None = None) -> None:
        self._url, self._reading = _parse_url(url), reading or Reading()
        self._engine = _create_engine(self._url)
        try:
            self._connection = self._connect()
            inspector = sa.inspect(self._connection)
            self._names = {*inspector.get_table_names(), *inspector.get_view_names()} - set(ignored)
            self._inspector = inspector
        except Exception:  # drivers raise errors of their own, some of which repeat the URL
            self._engine.dispose()
            raise SourceError.with_hint(
                f"A ledger's database must answer. {self.description} does not.",
                "check that it runs, its name, and the user's rights",
            ) from None
        if not any(self._ways(table) for table in TABLES.values()):
            self.close()
            raise LedgerError.with_hint(
                f"A ledger's database must hold its tables. {self.description} holds none of them.",
                "check the database's name and its default schema",
            )

    @property
    def description(self) -> str:
        """The kind of database and its name."""
        # A password with an unescaped @ or / may have been taken for part of the host or the name.
        name = Path(self._url.database or "").name if "@" not in f"{self._url.host}{self._url.database}" else ""
        return (
            f"{self._url.get_backend_name()} database `{name}`" if name else f"{self._url.get_backend_name()} database"
        )

    def find(self, table: Table) -> TableInput:
        """Look for a table and read its columns of the contract."""
        ways = self._ways(table)
        if len(ways) != 1:
            return TableInput(table, faults=tuple(ambiguous_table(table, ways)))
        try:
            columns = {column["name"]: column["type"] for column in self._inspector.get_columns(ways[0])}
            parts = self._read(table, ways[0], columns)
        except Exception as error:  # as above
            if _may_answer_later(error):
                raise SourceError.with_hint(
                    f"A ledger's database must answer until all is read. {self.description} stopped answering while "
                    f"table `{table.name}` was read.",
                    "check that it runs and that nobody ends the connection, and run again",
                ) from None
            return TableInput(table, faults=(unreadable_file(table, "the database", "refuses its rows"),))
        return as_mapped(TableInput(table, parts), self._reading)

    def strays(self) -> tuple[Fault, ...]:
        """Find tables that look like one of the contract which is not there; a database may hold any others."""
        absent = [name for name, table in TABLES.items() if not self._ways(table)]
        looks = {name: resembled_table(name) for name in sorted(self._names)}
        return tuple(unread_file(name, table) for name, table in looks.items() if table in absent)

    def _ways(self, table: Table) -> list[str]:
        """Name the tables and views of that name, in whatever letters."""
        return sorted(name for name in self._names if name.casefold() == table.name)

    def close(self) -> None:
        """Let go of the database."""
        with suppress(Exception):  # a connection that was lost cannot be closed, and what it says may repeat the URL
            self._connection.close()
        self._engine.dispose()

    def _connect(self) -> sa.Connection:
        connection = self._engine.connect()
        if connection.dialect.name == "postgresql":  # one moment for all tables, whoever writes meanwhile
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return connection

    def _read(self, table: Table, name: str, columns: dict[str, sa.types.TypeEngine[Any]]) -> tuple[Part, ...]:
        read = columns_to_read(table, self._reading.mapping)
        given = [column for column in columns if column in read]
        declared = self._connection.dialect.name != "sqlite"
        extra = dict.fromkeys(sorted(set(columns) - read), pl.Null())
        query = sa.select(*(self._select(column, columns[column]) for column in given))
        result = self._connection.execution_options(yield_per=_CHUNK).execute(query.select_from(sa.table(name)))
        parts = []
        with closing(result):  # also where the connection is lost: the cursor of a stream outlives it
            for rows in result.partitions() if given else ():
                cells = dict(zip(given, zip(*rows, strict=True), strict=True))
                frame = pl.DataFrame([to_series(column, values) for column, values in cells.items()])
                schema = pl.Schema({**frame.schema, **extra})
                parts.append(Part(name, frame.lazy(), schema, declared))
        empty = pl.Schema({**dict.fromkeys(given, pl.Null()), **extra})
        return tuple(parts) or (Part(name, pl.LazyFrame(schema=empty), empty, declared),)

    def _select(self, name: str, kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
        column: sa.ColumnElement[Any] = sa.column(name)
        if self._connection.dialect.name == "postgresql" and isinstance(kind, sa.Date | sa.DateTime):
            # Its infinite and very distant dates have no Python object; as text they are told apart from good ones.
            return sa.cast(column, sa.Text)
        return column


def _may_answer_later(error: Exception) -> bool:
    """Tell a connection that was lost, or a file that another writer holds, from rows that cannot be read."""
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    # SQLite calls many things an operational error; those of a busy or unreadable file have names of their own
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    if name:
        return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN"))
    return error.connection_invalidated or isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)


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


def _parse_url(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise LedgerError.with_hint(
            "A ledger's database must be given as a URL. This one cannot be read.", _HINT_URL
        ) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        _require_file(Path(str(parsed.database)))
    return parsed


def _require_file(file: Path) -> None:
    # SQLite would make an empty database of a name that was mistyped.
    if not str(file).startswith("file:") and not file.is_file():
        raise LedgerError.with_hint(
            f"A ledger's SQLite database must be a file. `{file}` is none.",
            "check the path: three slashes stand before a relative one, four before an absolute one",
        )


def _create_engine(url: sa.URL) -> sa.Engine:
    arguments = {"connect_timeout": _CONNECT_SECONDS} if url.drivername == "postgresql+psycopg" else {}
    if "connect_timeout" in url.query:
        arguments = {}
    try:
        return sa.create_engine(url, connect_args=arguments, hide_parameters=True)
    except (sa.exc.ArgumentError, ImportError):
        raise LedgerError.with_hint(
            "A ledger's database must be of a kind whose driver is installed. This one's is not.",
            f"SQLite and PostgreSQL work out of the box; {_HINT_URL}",
        ) from None
