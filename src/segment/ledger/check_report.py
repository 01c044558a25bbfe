"""What a check found, as data and as text. It holds counts, columns and dates, never a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from segment.ledger.unknown_words import UnknownWord


@dataclass(frozen=True)
class BrokenRule:
    """Rows set aside by one rule."""

    table: str
    rule: str
    meaning: str
    rows: int  # those that break it before any other


@dataclass(frozen=True)
class Notice:
    """Something to look at that keeps no row out."""

    table: str
    name: str
    meaning: str
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

    def as_text(self) -> str:
        """Text for a terminal."""
        return "\n".join(_lines(self))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _lines(report: CheckReport) -> Iterator[str]:
    as_of = f", as known on {report.as_of}" if report.as_of else ""
    yield f"Ledger: {report.location}{as_of}"
    yield ""
    later = any(table.after_as_of for table in report.tables)
    yield f"{'table':<22}{'rows':>13}{'kept':>13}{'bad':>9}" + (f"{'later':>13}" if later else "") + "  dates"
    yield from (_table_line(table, later) for table in report.tables if table.present)
    yield from _gaps(report)
    yield from _listed(
        "Bad rows, by the first rule that each breaks (what must hold):",
        [f"{rule.table:<22}{rule.rows:>9,}  {rule.rule} ({rule.meaning})" for rule in report.broken],
    )
    yield from _listed(
        "Words that nobody knows (name products in the policy, or map own codes under its `[mapping.codes.COLUMN]`):",
        [f"{word.table:<22}{word}" for word in report.unknown_words],
    )
    yield from _listed(
        "To look at (no row was left out for it):",
        [f"{notice.table:<22}{notice.count:>9,}  {notice.meaning}" for notice in report.notices],
    )
    yield from _listed(
        f"SHA-256 of the contents (Polars {report.polars_version}):",
        [f"{table.table:<22}{table.sha256}" for table in report.tables if table.sha256],
    )
    yield ""
    limit = f"{100 * report.tolerated_bad_row_share:g}%"
    over = ", ".join(f"`{table.table}` ({table.bad_share:.2%})" for table in report.over_limit)
    yield f"Passed: no table has more than {limit} bad rows." if not over else f"Over the limit of {limit}: {over}."


def _table_line(table: TableReport, later: bool) -> str:
    counts = f"{table.table:<22}{table.rows:>13,}{table.kept:>13,}{table.quarantined:>9,}"
    counts += f"{table.after_as_of:>13,}" if later else ""
    return counts + (f"  {table.first_on} to {table.last_on}" if table.first_on else "")


def _gaps(report: CheckReport) -> Iterator[str]:
    absent = [table.table for table in report.tables if not table.present]
    yield from _listed("Optional tables left out:", [", ".join(absent)] if absent else [])
    for title, columns in (
        ("Optional columns left out:", {table.table: table.absent_columns for table in report.tables}),
        (
            "Columns that the contract does not know, ignored:",
            {table.table: table.extra_columns for table in report.tables},
        ),
    ):
        lines = [
            f"{table}: {', '.join(name or '(no name)' for name in names)}" for table, names in columns.items() if names
        ]
        yield from _listed(title, lines)


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)
