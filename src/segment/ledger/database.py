"""A ledger in a database, read in chunks over SQLAlchemy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from segment.exceptions import LedgerError, SourceError
from segment.ledger.contract import TABLES
from segment.ledger.faults import unreadable_file
from segment.ledger.parts import Part, TableInput
from segment.ledger.schema import Table

_CHUNK = 100_000
_CONNECT_SECONDS = 15
_HINT_URL = "write it as sqlite:///ledger.db or postgresql+psycopg://user:password@host/database"


class DatabaseSource:
    """A database with a table or view per table of the contract.

    Parameters
    ----------
    url : str
        As SQLAlchemy takes it; `postgresql://` means psycopg 3. Neither user nor password is ever shown.

    Raises
    ------
    LedgerError
        If the URL is none, its driver is not installed, the database cannot be reached, or holds no table.
    """

    def __init__(self, url: str) -> None:
        self._url = _parse_url(url)
        self._engine = _create_engine(self._url)
        try:
            self._connection = self._connect()
            inspector = sa.inspect(self._connection)
            self._names = {*inspector.get_table_names(), *inspector.get_view_names()}
            self._inspector = inspector
        except Exception:  # drivers raise errors of their own, some of which repeat the URL
            self._engine.dispose()
            raise SourceError.with_hint(
                f"A ledger's database must answer. {self.description} does not.",
                "check that it runs, its name, and the user's rights",
            ) from None
        if not self._names & set(TABLES):
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
        if table.name not in self._names:
            return TableInput(table)
        try:
            columns = {column["name"]: column["type"] for column in self._inspector.get_columns(table.name)}
            parts = self._read(table, columns)
        except Exception as error:  # as above
            if _may_answer_later(error):
                raise SourceError.with_hint(
                    f"A ledger's database must answer until all is read. {self.description} stopped answering while "
                    f"table `{table.name}` was read.",
                    "check that it runs and that nobody ends the connection, and run again",
                ) from None
            return TableInput(table, faults=(unreadable_file(table, "the database", "refuses its rows"),))
        return TableInput(table, parts)

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

    def _read(self, table: Table, columns: dict[str, sa.types.TypeEngine[Any]]) -> tuple[Part, ...]:
        known = [column for column in table.columns if column.name in columns]
        declared = self._connection.dialect.name != "sqlite"
        extra = dict.fromkeys(sorted(set(columns) - set(table.schema)), pl.Null())
        query = sa.select(*(self._select(name, columns[name]) for name in (column.name for column in known)))
        result = self._connection.execution_options(yield_per=_CHUNK).execute(query.select_from(sa.table(table.name)))
        parts = []
        with closing(result):  # also where the connection is lost: the cursor of a stream outlives it
            for rows in result.partitions() if known else ():
                cells = dict(zip((column.name for column in known), zip(*rows, strict=True), strict=True))
                frame = pl.DataFrame([to_series(name, values) for name, values in cells.items()])
                schema = pl.Schema({**frame.schema, **extra})
                parts.append(Part(table.name, frame.lazy(), schema, declared))
        empty = pl.Schema({**dict.fromkeys((column.name for column in known), pl.Null()), **extra})
        return tuple(parts) or (Part(table.name, pl.LazyFrame(schema=empty), empty, declared),)

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
    """A column of database values as a series, as text where its values are of several types.

    Examples
    --------
    >>> to_series("amount", [1, Decimal("2.50"), None]).to_list()
    [1.0, 2.5, None]
    >>> to_series("amount", [1, "x"]).to_list()
    ['1', 'x']
    """
    kinds = {type(value) for value in values} - {type(None)}
    if not kinds:
        return pl.Series(name, values, dtype=pl.Null)
    if kinds == {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pl.Series(name, values, dtype=pl.Int64)
    if kinds <= {int, float, Decimal}:
        return pl.Series(name, [None if value is None else float(value) for value in values], dtype=pl.Float64)
    if kinds == {bool} or kinds == {str} or kinds == {dt.date}:
        return pl.Series(name, values)
    return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)


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
