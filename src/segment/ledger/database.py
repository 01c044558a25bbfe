"""A ledger in a database, over SQLAlchemy."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
import sqlalchemy as sa

from segment.exceptions import LedgerError, SourceError
from segment.ledger.contract import TABLES
from segment.ledger.database_rows import DatabaseRows, TableMonths, may_answer_later
from segment.ledger.faults import Fault, ambiguous_table, missing_stamp, unread_file, unreadable_file
from segment.ledger.ledger_names import resembled_table
from segment.ledger.mapped_parts import as_mapped, columns_to_read, own_names
from segment.ledger.parts import Part, TableInput
from segment.ledger.schema import Table
from segment.messages import Message
from segment.policy.ledger_mapping import Reading

T = TypeVar("T")
_CONNECT_SECONDS = 15
_HINT_URL = Message("errors.hint.database_url")


@dataclass(frozen=True)
class DatabaseAddress:
    """What another process needs to read what a source reads, as of the same moment where the database has one."""

    url: sa.URL = field(repr=False)  # With its password
    ignored: frozenset[str]
    reading: Reading
    moment: str | None  # That PostgreSQL keeps while the source is connected


class DatabaseSource:
    """A database with a table or view per table of the contract."""

    def __init__(
        self,
        url: str | sa.URL,
        ignored: Collection[str] = (),
        reading: Reading | None = None,
        *,
        folder: Path | None = None,
        moment: str | None = None,
    ) -> None:
        # `folder`: Receives rows, and stays; by default a private one that goes with the source
        self._url, self._ignored, self._reading = _parse_url(url), frozenset(ignored), reading or Reading()
        self._engine, self._moment = _create_engine(self._url), moment
        self._laid_out = tempfile.TemporaryDirectory(prefix="segment-")
        self._folder = folder or Path(self._laid_out.name)
        try:
            self._connection = self._connect()
            inspector = sa.inspect(self._connection)
            self._names = {*inspector.get_table_names(), *inspector.get_view_names()} - self._ignored
            self._inspector = inspector
        except Exception:  # drivers raise errors of their own, some of which repeat the URL
            self._engine.dispose()
            self._laid_out.cleanup()
            raise SourceError.of("errors.database_away", description=self.description) from None
        if not any(self._ways(table) for table in TABLES.values()):
            self.close()
            raise LedgerError.of("errors.database_empty", description=self.description)

    @property
    def description(self) -> str:
        """The kind of database and its name."""
        # A password with an unescaped @ or / may have been taken for part of the host or the name.
        name = Path(self._url.database or "").name if "@" not in f"{self._url.host}{self._url.database}" else ""
        return (
            f"{self._url.get_backend_name()} database `{name}`" if name else f"{self._url.get_backend_name()} database"
        )

    @property
    def address(self) -> DatabaseAddress:
        """Where processes on other machines find this database."""
        url = self._url
        if url.get_backend_name() == "sqlite" and not str(url.database).startswith("file:"):
            url = url.set(database=str(Path(str(url.database)).resolve()))
        try:
            moment = None
            if self._connection.dialect.name == "postgresql":
                moment = str(self._connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
        except Exception:  # as above
            raise SourceError.of("errors.database_away", description=self.description) from None
        return DatabaseAddress(url, self._ignored, self._reading, moment)

    def find(self, table: Table, span: TableMonths | None = None) -> TableInput:
        """Look for a table and read its columns of the contract; `span`: some months alone."""
        found = self._asked(table, lambda rows, unread: _parts(rows, unread, span))
        return as_mapped(TableInput(table, found), self._reading) if isinstance(found, tuple) else found

    def spans(self, table: Table) -> list[TableMonths] | TableInput:
        """The months of a table that other processes may read side by side, or what keeps it from being read."""
        return self._asked(table, lambda rows, _: rows.spans() if rows.columns else [])

    def _asked(self, table: Table, ask: Callable[[DatabaseRows, set[str]], T]) -> T | TableInput:
        """Look for a table and ask it something."""
        ways = self._ways(table)
        if len(ways) != 1:
            return TableInput(table, faults=tuple(ambiguous_table(table, ways)))
        try:
            columns = {column["name"]: column["type"] for column in self._inspector.get_columns(ways[0])}
            stamp = self._reading.stamps.get(table.name)
            if stamp and stamp not in columns:
                return TableInput(table, faults=(missing_stamp(table, stamp),))
            rows = self._rows(table, ways[0], columns, stamp)
            return ask(rows, set(columns) - set(rows.columns))
        except Exception as error:  # as above
            if may_answer_later(error):
                raise self._unanswered(table) from None
            return TableInput(
                table, faults=(unreadable_file(table, Message("faults.the_database"), Message("faults.refuses_rows")),)
            )

    def strays(self) -> tuple[Fault, ...]:
        """Find tables that look like one of the contract which is not there; a database may hold any others."""
        absent = [name for name, table in TABLES.items() if not self._ways(table)]
        looks = {name: resembled_table(name) for name in sorted(self._names)}
        return tuple(unread_file(name, table) for name, table in looks.items() if table in absent)

    def _ways(self, table: Table) -> list[str]:
        """Name the tables and views of that name, in whatever letters."""
        return sorted(name for name in self._names if name.casefold() == table.name)

    def _unanswered(self, table: Table) -> SourceError:
        return SourceError.of("errors.database_stopped", description=self.description, table=table.name)

    def disconnect(self) -> None:
        """Let go of the database; what was read of it stays."""
        with suppress(Exception):  # a connection that was lost cannot be closed, and what it says may repeat the URL
            self._connection.close()
        self._engine.dispose()

    def close(self) -> None:
        """Let go of the database, and of what was read of it."""
        self.disconnect()
        self._laid_out.cleanup()

    def _connect(self) -> sa.Connection:
        connection = self._engine.connect()
        if connection.dialect.name == "postgresql":  # one moment for all tables, whoever writes meanwhile
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            if self._moment is not None:
                connection.execute(sa.text(f"SET TRANSACTION SNAPSHOT '{self._moment}'"))
        return connection

    def _rows(
        self, table: Table, name: str, columns: Mapping[str, sa.types.TypeEngine[Any]], stamp: str | None
    ) -> DatabaseRows:
        read, names = columns_to_read(table, self._reading.mapping), own_names(table, self._reading.mapping)
        given = {column: kind for column, kind in columns.items() if column in read}
        return DatabaseRows(self._connection, table, name, given, names, self._folder, self._unanswered(table), stamp)


def _parts(rows: DatabaseRows, unread: Collection[str], span: TableMonths | None) -> tuple[Part, ...]:
    """The rows of a table, laid out; `unread`: Its columns that are of no use."""
    extra = dict.fromkeys(sorted(unread), pl.Null())
    parts = [
        Part(
            rows.name,
            some.rows,
            pl.Schema({**some.schema, **extra}),
            rows.declared,
            path=some.path,
            place=some.place,
            version=some.version,
        )
        for some in (rows.slices(span) if rows.columns else ())
    ]
    empty = pl.Schema({**dict.fromkeys(rows.columns, pl.Null()), **extra})
    return tuple(parts) or (Part(rows.name, pl.LazyFrame(schema=empty), empty, rows.declared, version="empty"),)


def _parse_url(url: str | sa.URL) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise LedgerError.of("errors.bad_database_url", hint_url=_HINT_URL) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        _require_file(Path(str(parsed.database)))
    return parsed


def _require_file(file: Path) -> None:
    # SQLite would make an empty database of a name that was mistyped.
    if not str(file).startswith("file:") and not file.is_file():
        raise LedgerError.of("errors.no_sqlite_file", file=file)


def _create_engine(url: sa.URL) -> sa.Engine:
    arguments = {"connect_timeout": _CONNECT_SECONDS} if url.drivername == "postgresql+psycopg" else {}
    if "connect_timeout" in url.query:
        arguments = {}
    try:
        return sa.create_engine(url, connect_args=arguments, hide_parameters=True)
    except (sa.exc.ArgumentError, ImportError):
        raise LedgerError.of("errors.no_database_driver", hint_url=_HINT_URL) from None
