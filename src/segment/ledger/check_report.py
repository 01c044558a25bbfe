"""What a check found, as data. It holds counts, columns and dates, never a row."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from segment.ledger.unknown_words import UnknownWord
from segment.messages import Message


@dataclass(frozen=True)
class BrokenRule:
    """Rows set aside by one rule."""

    table: str
    rule: str
    meaning: Message
    rows: int  # those that break it before any other


@dataclass(frozen=True)
class Notice:
    """Something to look at that keeps no row out."""

    table: str
    name: str
    meaning: Message
    count: int


@dataclass(frozen=True)
class TableReport:
    """One table."""

    table: str
    present: bool  # only optional tables may be left out
    # rows are those read; kept, quarantined and after_as_of add up to them; rows after the day meet no rule
    rows: int = 0
    kept: int = 0
    quarantined: int = 0
    after_as_of: int = 0
    consequences: int = 0  # quarantined rows whose only fault is that they name a quarantined row of another table
    # Of an optional table, consequences are not counted: who is out of the ledger needs no label, and in a short
    # table a few such rows would stop the run.
    bad_share: float = 0.0
    first_on: dt.date | None = None  # of the rows kept, where the table is dated
    last_on: dt.date | None = None
    sha256: str | None = None  # of the contents, whatever their format, files and order
    absent_columns: tuple[str, ...] = ()
    extra_columns: tuple[str, ...] = ()

    @property
    def own_faults(self) -> int:
        """Quarantined rows that have a fault of their own."""
        return self.quarantined - self.consequences


@dataclass(frozen=True)
class CheckReport:
    """What a check of a whole ledger found.

    Parameters
    ----------
    location : str
        A folder, or a database without user and password.
    as_of : datetime.date, optional
        The day whose knowledge was asked for.
    tolerated_bad_row_share : float
        The policy's limit, for each table.
    tables : tuple of TableReport
        In the order of the contract.
    broken : tuple of BrokenRule
        Rules that rows break.
    notices : tuple of Notice
        What else to look at.
    switched_off : tuple of str
        Optional tables and columns that are missing; see `segment.ledger.switched_off`.
    unknown_words : tuple of UnknownWord
        In columns of codes, for which rows were set aside.
    polars_version : str
        With which `sha256` was made.
    """

    location: str
    as_of: dt.date | None
    tolerated_bad_row_share: float
    tables: tuple[TableReport, ...]
    broken: tuple[BrokenRule, ...] = ()
    notices: tuple[Notice, ...] = ()
    switched_off: tuple[str, ...] = ()
    unknown_words: tuple[UnknownWord, ...] = ()
    polars_version: str = pl.__version__

    @property
    def passed(self) -> bool:
        """Whether no table has more bad rows than the policy tolerates."""
        return not self.over_limit

    @property
    def over_limit(self) -> tuple[TableReport, ...]:
        """Tables with more bad rows than the policy tolerates."""
        return tuple(table for table in self.tables if table.bad_share > self.tolerated_bad_row_share)

    def table(self, name: str) -> TableReport:
        """What was found of one table."""
        return next(table for table in self.tables if table.table == name)

    def broken_in(self, table: str) -> tuple[BrokenRule, ...]:
        """Rules that rows of one table break."""
        return tuple(rule for rule in self.broken if rule.table == table)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: dates are ISO text."""
        return {**_plain(asdict(self)), "passed": self.passed}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value
