"""A ledger in a database, over SQLAlchemy."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from segment.exceptions import LedgerError, SourceError
from segment.ledger.contract import TABLES
from segment.ledger.database_rows import DatabaseRows, may_answer_later
from segment.ledger.faults import Fault, ambiguous_table, missing_stamp, unread_file, unreadable_file
from segment.ledger.ledger_names import resembled_table
from segment.ledger.mapped_parts import as_mapped, columns_to_read, own_names
from segment.ledger.parts import Part, TableInput
from segment.ledger.schema import Table
from segment.messages import Message
from segment.policy.ledger_mapping import Reading

_CONNECT_SECONDS = 15
_HINT_URL = Message("errors.hint.database_url")


class DatabaseSource:
    """A database with a table or view per table of the contract."""

    def __init__(self, url: str, ignored: Collection[str] = (), reading: Reading | None = None) -> None:
        self._url, self._reading = _parse_url(url), reading or Reading()
        self._engine = _create_engine(self._url)
        self._laid_out = tempfile.TemporaryDirectory(prefix="segment-")
        self._folder = Path(self._laid_out.name)
        try:
            self._connection = self._connect()
            inspector = sa.inspect(self._connection)
            self._names = {*inspector.get_table_names(), *inspector.get_view_names()} - set(ignored)
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

    def find(self, table: Table) -> TableInput:
        """Look for a table and read its columns of the contract."""
        ways = self._ways(table)
        if len(ways) != 1:
            return TableInput(table, faults=tuple(ambiguous_table(table, ways)))
        try:
            columns = {column["name"]: column["type"] for column in self._inspector.get_columns(ways[0])}
            stamp = self._reading.stamps.get(table.name)
            if stamp and stamp not in columns:
                return TableInput(table, faults=(missing_stamp(table, stamp),))
            parts = self._read(table, ways[0], columns, stamp)
        except Exception as error:  # as above
            if may_answer_later(error):
                raise self._unanswered(table) from None
            return TableInput(
                table, faults=(unreadable_file(table, Message("faults.the_database"), Message("faults.refuses_rows")),)
            )
        return as_mapped(TableInput(table, parts), self._reading)

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

    def close(self) -> None:
        """Let go of the database."""
        with suppress(Exception):  # a connection that was lost cannot be closed, and what it says may repeat the URL
            self._connection.close()
        self._engine.dispose()
        self._laid_out.cleanup()

    def _connect(self) -> sa.Connection:
        connection = self._engine.connect()
        if connection.dialect.name == "postgresql":  # one moment for all tables, whoever writes meanwhile
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return connection

    def _read(
        self, table: Table, name: str, columns: dict[str, sa.types.TypeEngine[Any]], stamp: str | None
    ) -> tuple[Part, ...]:
        names = own_names(table, self._reading.mapping)
        read = columns_to_read(table, self._reading.mapping)
        given = {column: kind for column, kind in columns.items() if column in read}
        extra = dict.fromkeys(sorted(set(columns) - read), pl.Null())
        dialect = self._connection.dialect.name
        declared = dialect == "postgresql" or not (stamp or dialect == "sqlite")
        rows = DatabaseRows(self._connection, table, name, given, names, self._folder, self._unanswered(table))
        slices = rows.stamped_slices(stamp) if stamp and rows.dated else rows.slices() if given else ()
        parts = [
            Part(
                name,
                some.rows,
                pl.Schema({**some.schema, **extra}),
                declared,
                path=some.path,
                place=some.place,
                version=some.version,
            )
            for some in slices
        ]
        empty = pl.Schema({**dict.fromkeys(given, pl.Null()), **extra})
        return tuple(parts) or (Part(name, pl.LazyFrame(schema=empty), empty, declared, version="empty"),)


def _parse_url(url: str) -> sa.URL:
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
