"""Where a ledger may lie, and how a table is read from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from segment.exceptions import LedgerError
from segment.ledger.contract import TABLES
from segment.ledger.database import DatabaseSource
from segment.ledger.folder import FolderSource
from segment.ledger.parts import Source
from segment.ledger.reading import read

_URL_AS_PATH = re.compile(r"^(sqlite|postgres|postgresql|mysql|mariadb|oracle|mssql|duckdb)(\+\w+)?:/")


@contextmanager
def open_source(location: str | Path) -> Iterator[Source]:
    """Open a ledger, and let go of it afterwards.

    Parameters
    ----------
    location : str or pathlib.Path
        A folder, or a database URL as SQLAlchemy takes it.

    Yields
    ------
    Source
        Finds tables.

    Raises
    ------
    LedgerError
        If there is no ledger. The message never holds a URL's user or password.
    """
    text = str(location)
    if "://" in text:
        database = DatabaseSource(text)
        try:
            yield database
        finally:
            database.close()
    elif _URL_AS_PATH.match(text):
        raise LedgerError.with_hint("A database URL must be given as text. Got a path.", "pass a str, not a Path")
    else:
        yield FolderSource(Path(location).expanduser())


def read_table(location: str | Path, table: str) -> pl.LazyFrame | None:
    """Read one table with the contract's columns and types, without checking its rows.

    Parameters
    ----------
    location : str or pathlib.Path
        A folder, or a database URL as SQLAlchemy takes it.
    table : str
        A name of `segment.ledger.contract.TABLES`.

    Returns
    -------
    polars.LazyFrame or None
        Cells that do not parse are null; None where the ledger does not hold the table.

    Raises
    ------
    LedgerError
        If there is no ledger, or the table has a table-level fault.
    """
    with open_source(location) as source:
        found = source.find(TABLES[table])
        if not found.present:
            return None
        reading = read(found)
    if reading.faults:
        raise LedgerError.with_faults([str(fault) for fault in reading.faults])
    return reading.rows.lazy().select(TABLES[table].schema.names())
