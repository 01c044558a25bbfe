"""What can be wrong with a table as a whole: rules that stop a run, all listed in one message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from segment.ledger.ledger_names import looks_alike
from segment.ledger.schema import Column, Table

_SHOWN = 5
_ZONE_HINT = 'set `timezone`, such as "Asia/Shanghai", under `[ledger]` of the policy, or export days'

TABLE_RULES: Mapping[str, str] = {
    "missing_table": "every required table is there",
    "unreadable_file": "every file or database table can be read",
    "ambiguous_table": "a table is given once: as one file or as one folder",
    "mixed_formats": "the files of a table are all of one format: Parquet, CSV or XLSX",
    "duplicate_column": "no column stands twice in a table",
    "unread_file": "every file of a ledger's folder is read, or named with `--ignore`",
    "unread_column": "no column that is not read looks like one of the contract",
    "missing_column": "every required column is there, in every file",
    "wrong_type": "a column has its type",
    "lost_digits": "ids have all their digits: none is a number that was rounded",
    "instant_without_zone": "a day is the bank's: instants have one where the policy names the bank's time zone",
    "empty_table": "required tables have rows",
}

_EXPECTED = {
    "text": "text",
    "date": "an ISO date (YYYY-MM-DD)",
    "month": "an ISO date (YYYY-MM-DD)",
    "number": "a number",
    "time": "a local time without a zone",
    "integer": "a whole number",
    "boolean": "true or false",
}
_OTHER_WAYS = {
    **dict.fromkeys(("date", "month"), ": `day_format` under `[mapping]` of the policy says how the bank writes days"),
    "number": ": `decimal` and `thousands` under `[mapping]` of the policy say how the bank writes numbers",
}


@dataclass(frozen=True, order=True)
class Fault:
    """A broken table-level rule."""

    table: str  # empty where it is of none
    rule: str  # a name of `TABLE_RULES`
    detail: str  # what was seen: counts, columns, types

    def __str__(self) -> str:
        return f"{f'table `{self.table}` ' if self.table else ''}{self.detail} [{self.rule}]"


def missing_table(table: Table, present: bool) -> list[Fault]:
    """Fault of a required table that is not there."""
    return [] if present or table.optional else [Fault(table.name, "missing_table", "is missing")]


def ambiguous_table(table: Table, ways: Sequence[str]) -> list[Fault]:
    """Fault of a table that is given more than once, as a file and as a folder, say."""
    if len(ways) < 2:
        return []
    return [Fault(table.name, "ambiguous_table", f"is given {len(ways)} times: {', '.join(sorted(ways))}")]


def mixed_formats(table: Table, formats: Collection[str]) -> list[Fault]:
    """Fault of a table whose files are not all of one format."""
    named = set(formats) - {"part"}  # a file without an ending is of the others' format, or is told when it is opened
    if len(named) < 2:
        return []
    return [Fault(table.name, "mixed_formats", f"mixes {' and '.join(sorted(named))} files")]


def unreadable_file(table: Table, what: str, reason: str) -> Fault:
    """Fault of a file, or of a table of a database, that cannot be read."""
    return Fault(table.name, "unreadable_file", f"cannot be read: {what} {reason}")


def unread_file(name: str, resembled: str | None) -> Fault:
    """Fault of a file, or of a table of a database, that is read for no table of the contract."""
    looks = f", and looks like table `{resembled}`" if resembled else ""
    return Fault("", "unread_file", f"`{name}` is not read{looks}; rename it, take it out, or name it with --ignore")


def unread_files(table: Table, names: Sequence[str]) -> Fault:
    """Fault of files in a table's folder that are not read."""
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    detail = f"has {len(names)} files that are not read: {shown}; take them out, or name each with --ignore"
    return Fault(table.name, "unread_file", detail)


def unread_columns(table: Table, headers: Sequence[Collection[str]]) -> list[Fault]:
    """Faults of columns that look like optional ones which are not there: a protection may stand in them."""
    given = {column for header in headers for column in header}
    absent = [column.name for column in table.columns if column.optional and column.name not in given]
    strange = sorted(given - set(table.schema))
    return [
        Fault(table.name, "unread_column", f"does not read `{column}`, which looks like `{name}`; rename it")
        for column in strange
        if (name := looks_alike(column, absent))
    ]


def duplicate_columns(table: Table, header: Sequence[str]) -> list[Fault]:
    """Faults of columns of the contract that stand twice in one header."""
    counts = Counter(header)
    return [
        Fault(table.name, "duplicate_column", f"has the column `{column.name}` {counts[column.name]} times")
        for column in table.columns
        if counts[column.name] > 1
    ]


def missing_stamp(table: Table, name: str) -> Fault:
    """Fault of a column that should say when rows were written, and is not there."""
    return Fault(table.name, "missing_column", f"lacks the column `{name}`, which `ledger.stamps` names")


def missing_columns(table: Table, headers: Sequence[Collection[str]]) -> list[Fault]:
    """Faults of required columns that one or more of a table's files lack."""
    required = [column.name for column in table.columns if not column.optional]
    lacking = {name: sum(name not in header for header in headers) for name in required}
    if headers and all(count == len(headers) for count in lacking.values()):
        detail = (
            f"has none of its columns ({', '.join(required)}): the first row must hold their names, or the bank's own "
            f"where `[mapping.columns.{table.name}]` of the policy says what they are"
        )
        return [Fault(table.name, "missing_column", detail)]
    return [
        Fault(table.name, "missing_column", f"lacks the column `{name}`{_where(name, count, headers)}")
        for name, count in lacking.items()
        if count
    ]


def _where(name: str, count: int, headers: Sequence[Collection[str]]) -> str:
    if count < len(headers):
        return f" in {count} of {len(headers)} files"
    if any(column.strip().lower() == name for header in headers for column in header):
        return " (one of that name is there, in other letters or with spaces)"
    return ""


def wrong_type(table: Table, column: Column, actual: str) -> Fault:
    """Fault of a column whose cells are of another type than the contract's."""
    return Fault(table.name, "wrong_type", f"needs {_EXPECTED[column.kind]} in `{column.name}`; found {actual}")


def unreadable_cells(table: Table, column: Column, cells: int) -> Fault:
    """Fault of a column of text none of whose cells can be read."""
    return wrong_type(table, column, f"none in {cells:,} filled cells{_OTHER_WAYS.get(column.kind, '')}")


def lost_digits(table: Table, column: str, cells: int) -> Fault:
    """Fault of ids that went through a data frame or a spreadsheet as numbers and were rounded."""
    detail = f"has {cells:,} ids in `{column}` that are rounded numbers: their last digits are lost; export it as text"
    return Fault(table.name, "lost_digits", detail)


def instants_without_zone(table: Table, column: str, cells: int | None = None) -> Fault:
    """Fault of moments with a time zone where nobody says which day it is then at the bank."""
    given = "instants" if cells is None else f"{cells:,} instants"
    detail = f"has {given} with a time zone in `{column}`: their day depends on where the bank is; {_ZONE_HINT}"
    return Fault(table.name, "instant_without_zone", detail)


def empty_table(table: Table, rows: int) -> list[Fault]:
    """Fault of a required table without rows."""
    return [] if rows or table.optional else [Fault(table.name, "empty_table", "has no rows")]
