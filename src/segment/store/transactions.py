"""The store's database: one transaction per act, whoever else writes; SQLite in the workspace, or PostgreSQL."""

# A transaction is known to everything that is called inside it, so an act of several steps is whole without handing a
# connection from function to function.

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, StaticPool

from segment.exceptions import BusyError, StoreError
from segment.files import make_file, make_folder, read_only_uri
from segment.settings import read_settings
from segment.store.claim import claim_outside, note_outside, require_inside, require_own
from segment.store.earlier import delete_files, earlier_files, take_over
from segment.store.migrate import is_newest, upgrade
from segment.store.stored_tables import METADATA
from segment.workspace import Workspace

BUSY_SECONDS = 30
_ONE_WRITER = 7_361_101
"""Number of the lock that a writer holds in PostgreSQL, as SQLite's file lock does: acts come one after another."""


@dataclass(frozen=True)
class _Act:
    """A transaction that is open."""

    connection: sa.Connection
    afterwards: list[Callable[[], None]] = field(default_factory=list)


_OPEN: ContextVar[dict[str, _Act] | None] = ContextVar("open transactions, by workspace", default=None)
_READ: ContextVar[dict[str, sa.Connection] | None] = ContextVar("open readings, by workspace", default=None)


@contextmanager
def transaction(workspace: Workspace) -> Iterator[sa.Connection]:
    """Do everything inside as one act, whole or not at all; inside another transaction it is part of that one."""
    around = _around(workspace)
    if around is not None:
        yield around.connection
        return
    engine = _writable(workspace)
    with _told_in_words(), engine.begin() as connection:
        _one_writer(connection)
        act = _Act(connection)
        _bring_up_to_date(act, workspace)
        token = _OPEN.set({**(_OPEN.get() or {}), _key(workspace): act})
        try:
            yield connection
        finally:
            _OPEN.reset(token)
    for step in act.afterwards:
        step()


def after_commit(workspace: Workspace, step: Callable[[], None]) -> None:
    """Do a step once the transaction around it stands."""
    around = _around(workspace)
    if around is None:
        raise RuntimeError("a step after a commit belongs to a transaction")
    around.afterwards.append(step)


@contextmanager
def reading(workspace: Workspace) -> Iterator[sa.Connection]:
    """Read what stands; nothing is written, not even where the workspace is of an earlier release and read-only."""
    # inside another reading, or a transaction, it is part of that one: what is read is of one moment
    around = _around(workspace)
    opened = around.connection if around is not None else (_READ.get() or {}).get(_key(workspace))
    if opened is not None:
        yield opened
        return
    with _told_in_words():
        engine = _readable(workspace)
        if engine is None:
            # an earlier release's files: brought over where that may be done, else read as if they were
            if workspace.writable and _may_write(workspace.root) and _earlier(workspace):
                with transaction(workspace) as connection:
                    yield connection
                return
            engine = _in_memory(workspace)
        with engine.connect() as connection:
            # what is read together is of one moment
            connection.exec_driver_sql(
                "BEGIN" if connection.dialect.name == "sqlite" else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
            )
            token = _READ.set({**(_READ.get() or {}), _key(workspace): connection})
            try:
                yield connection
            finally:
                _READ.reset(token)


def store_url(workspace: Workspace) -> sa.URL:
    """Say where the store is."""
    given = None if workspace.own_store else read_settings().store
    if given is None:
        return sa.URL.create("sqlite", database=str(workspace.store))
    url = sa.make_url(given.get_secret_value())
    if url.get_backend_name() == "sqlite":
        return url
    if url.get_backend_name() != "postgresql":
        raise StoreError.of("errors.store_url", backend=url.get_backend_name())
    return url.set(drivername="postgresql+psycopg")


def compact(workspace: Workspace) -> None:
    """Write the tables anew, so that nothing deleted is left in them."""
    url = store_url(workspace)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        return
    with _told_in_words(), _engine(url).connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in METADATA.sorted_tables:
                connection.exec_driver_sql(f"VACUUM FULL {table.name}")


def store_cells(workspace: Workspace) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of a store outside, by table; one inside is a file of the workspace like others."""
    if not _outside(workspace):
        return {}
    with reading(workspace) as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in METADATA.sorted_tables
        }


def _key(workspace: Workspace) -> str:
    return str(workspace.root.absolute())


def _around(workspace: Workspace) -> _Act | None:
    return (_OPEN.get() or {}).get(_key(workspace))


def _one_writer(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_ONE_WRITER})"))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _bring_up_to_date(act: _Act, workspace: Workspace) -> None:
    if not is_newest(act.connection):
        upgrade(act.connection)
    if _outside(workspace):
        require_own(act.connection, workspace)
        claim_outside(act.connection, workspace)
        act.afterwards.append(lambda: note_outside(workspace))
    else:
        require_inside(workspace)
    files = _earlier(workspace)
    if files:
        take_over(act.connection, workspace, files)
        act.afterwards.append(lambda: delete_files(files))


def _earlier(workspace: Workspace) -> tuple[Path, ...]:
    return earlier_files(workspace, outside=_outside(workspace))


def _outside(workspace: Workspace) -> bool:
    return store_url(workspace) != sa.URL.create("sqlite", database=str(workspace.store))


def _writable(workspace: Workspace) -> sa.Engine:
    url = store_url(workspace)
    make_folder(workspace.root)
    if url.get_backend_name() == "sqlite":
        # SQLite gives the files beside it the rights of this one
        make_file(Path(str(url.database)))
    return _engine(url)


def _readable(workspace: Workspace) -> sa.Engine | None:
    """The database as it stands, where it can be read as it stands; else nothing."""
    url = store_url(workspace)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        if not path.is_file() or not path.stat().st_size:
            require_inside(workspace)
            return None
        engine = _engine(url) if workspace.writable and _may_write(path, path.parent) else _read_only(path)
    else:
        engine = _engine(url)
    with engine.connect() as connection:
        newest = is_newest(connection)
        if _outside(workspace):
            require_own(connection, workspace)
        else:
            require_inside(workspace)
    return engine if newest and not _earlier(workspace) else None


def _in_memory(workspace: Workspace) -> sa.Engine:
    """What a transaction would make of the store, in memory alone."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)
    sa.event.listen(engine, "connect", _own_transactions)
    url = store_url(workspace)
    path = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    with engine.begin() as connection:
        if path is not None and path.is_file() and path.stat().st_size:
            with _read_only(path).connect() as stored:
                stored.connection.driver_connection.backup(connection.connection.driver_connection)  # type: ignore[union-attr]
            connection.exec_driver_sql("BEGIN")
            upgrade(connection)
        else:
            connection.exec_driver_sql("BEGIN")
            METADATA.create_all(connection)
        take_over(connection, workspace, _earlier(workspace))
    return engine


def _may_write(*paths: Path) -> bool:
    return all(os.access(path, os.W_OK) for path in paths)


@cache
def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, poolclass=NullPool, hide_parameters=True, isolation_level="READ COMMITTED")
    engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    sa.event.listen(engine, "connect", _own_transactions)
    sa.event.listen(engine, "connect", _durable)
    return engine


def _read_only(path: Path) -> sa.Engine:
    address = read_only_uri(path)
    connect = partial(sqlite3.connect, address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    return sa.create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


def _own_transactions(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None


def _durable(connection: sqlite3.Connection, _: object) -> None:
    _write_ahead(connection)
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a new file to a log of its own; SQLite itself doesn't wait for whoever writes to it before the switch."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


@contextmanager
def _told_in_words() -> Iterator[None]:
    """Say what keeps the store from being used; what a statement held is not said."""
    try:
        yield
    except sa.exc.OperationalError as fault:
        text = str(fault.orig).splitlines()[0] if fault.orig else ""
        if "locked" in text or "lock timeout" in text:
            raise BusyError.of("errors.store_busy", busy_seconds=BUSY_SECONDS) from None
        raise StoreError.of("errors.store_away", text=text) from None
    except sa.exc.DatabaseError as fault:
        raise StoreError.of("errors.store_unreadable", name=type(fault.orig).__name__) from None
