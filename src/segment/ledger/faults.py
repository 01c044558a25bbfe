"""What can be wrong with a table as a whole: rules that stop a run, all listed in one message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from segment.ledger.ledger_names import looks_alike
from segment.ledger.schema import Column, Table
from segment.messages import Message
from segment.sentences import Sentences

_SHOWN = 5
_ZONE_HINT = Message("faults.hint.zone")

TABLE_RULES: Mapping[str, Message] = {
    name: Message(f"faults.rule.{name}")
    for name in (
        "missing_table",
        "unreadable_file",
        "ambiguous_table",
        "mixed_formats",
        "duplicate_column",
        "unread_file",
        "unread_column",
        "missing_column",
        "wrong_type",
        "lost_digits",
        "instant_without_zone",
        "empty_table",
    )
}
"""What must hold."""

_EXPECTED = {
    "text": Message("faults.expected.text"),
    "date": Message("faults.expected.date"),
    "month": Message("faults.expected.date"),
    "number": Message("faults.expected.number"),
    "time": Message("faults.expected.time"),
    "integer": Message("faults.expected.integer"),
    "boolean": Message("faults.expected.boolean"),
}
_OTHER_WAYS = {
    **dict.fromkeys(("date", "month"), Message("faults.way.days")),
    "number": Message("faults.way.numbers"),
}


@dataclass(frozen=True, order=True)
class Fault:
    """A broken table-level rule."""

    table: str  # empty where it is of none
    rule: str  # a name of `TABLE_RULES`
    detail: Message  # what was seen: counts, columns, types

    @property
    def message(self) -> Message:
        """What is wrong, where, and by which rule."""
        told = {"detail": self.detail, "rule": self.rule}
        return (
            Message("faults.of_table", {"table": self.table, **told}) if self.table else Message("faults.of_none", told)
        )

    def __str__(self) -> str:
        """Say it in English."""
        return Sentences().of(self.message)


def missing_table(table: Table, present: bool) -> list[Fault]:
    """Fault of a required table that is not there."""
    return [] if present or table.optional else [Fault(table.name, "missing_table", Message("faults.missing_table"))]


def ambiguous_table(table: Table, ways: Sequence[str]) -> list[Fault]:
    """Fault of a table that is given more than once, as a file and as a folder, say."""
    if len(ways) < 2:
        return []
    return [
        Fault(
            table.name, "ambiguous_table", Message("faults.ambiguous_table", {"count": len(ways), "ways": sorted(ways)})
        )
    ]


def mixed_formats(table: Table, formats: Collection[str]) -> list[Fault]:
    """Fault of a table whose files are not all of one format."""
    named = set(formats) - {"part"}  # a file without an ending is of the others' format, or is told when it is opened
    if len(named) < 2:
        return []
    return [Fault(table.name, "mixed_formats", Message("faults.mixed_formats", {"formats": sorted(named)}))]


def unreadable_file(table: Table, what: str | Message, reason: Message) -> Fault:
    """Fault of a file, or of a table of a database, that cannot be read."""
    return Fault(table.name, "unreadable_file", Message("faults.cannot_be_read", {"what": what, "reason": reason}))


def unread_file(name: str, resembled: str | None) -> Fault:
    """Fault of a file, or of a table of a database, that is read for no table of the contract."""
    looks = Message("faults.looks_like", {"resembled": resembled}) if resembled else ""
    return Fault("", "unread_file", Message("faults.unread_file", {"name": name, "looks": looks}))


def unread_files(table: Table, names: Sequence[str]) -> Fault:
    """Fault of files in a table's folder that are not read."""
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    detail = Message("faults.unread_files", {"count": len(names), "shown": shown})
    return Fault(table.name, "unread_file", detail)


def unread_columns(table: Table, headers: Sequence[Collection[str]]) -> list[Fault]:
    """Faults of columns that look like optional ones which are not there: a protection may stand in them."""
    given = {column for header in headers for column in header}
    absent = [column.name for column in table.columns if column.optional and column.name not in given]
    strange = sorted(given - set(table.schema))
    return [
        Fault(table.name, "unread_column", Message("faults.unread_column", {"column": column, "name": name}))
        for column in strange
        if (name := looks_alike(column, absent))
    ]


def duplicate_columns(table: Table, header: Sequence[str]) -> list[Fault]:
    """Faults of columns of the contract that stand twice in one header."""
    counts = Counter(header)
    return [
        Fault(
            table.name,
            "duplicate_column",
            Message("faults.duplicate_column", {"column": column.name, "times": counts[column.name]}),
        )
        for column in table.columns
        if counts[column.name] > 1
    ]


def missing_stamp(table: Table, name: str) -> Fault:
    """Fault of a column that should say when rows were written, and is not there."""
    return Fault(table.name, "missing_column", Message("faults.missing_stamp", {"name": name}))


def missing_columns(table: Table, headers: Sequence[Collection[str]]) -> list[Fault]:
    """Faults of required columns that one or more of a table's files lack."""
    required = [column.name for column in table.columns if not column.optional]
    lacking = {name: sum(name not in header for header in headers) for name in required}
    if headers and all(count == len(headers) for count in lacking.values()):
        detail = Message("faults.no_columns", {"required": required, "table": table.name})
        return [Fault(table.name, "missing_column", detail)]
    return [
        Fault(
            table.name,
            "missing_column",
            Message("faults.missing_column", {"name": name, "where": _where(name, count, headers)}),
        )
        for name, count in lacking.items()
        if count
    ]


def _where(name: str, count: int, headers: Sequence[Collection[str]]) -> Message | str:
    if count < len(headers):
        return Message("faults.in_files", {"count": count, "files": len(headers)})
    if any(column.strip().lower() == name for header in headers for column in header):
        return Message("faults.other_letters")
    return ""


def wrong_type(table: Table, column: Column, actual: Message) -> Fault:
    """Fault of a column whose cells are of another type than the contract's."""
    return Fault(
        table.name,
        "wrong_type",
        Message("faults.wrong_type", {"expected": _EXPECTED[column.kind], "column": column.name, "actual": actual}),
    )


def unreadable_cells(table: Table, column: Column, cells: int) -> Fault:
    """Fault of a column of text none of whose cells can be read."""
    return wrong_type(
        table, column, Message("faults.none_filled", {"cells": cells, "way": _OTHER_WAYS.get(column.kind, "")})
    )


def lost_digits(table: Table, column: str, cells: int) -> Fault:
    """Fault of ids that went through a data frame or a spreadsheet as numbers and were rounded."""
    detail = Message("faults.lost_digits", {"cells": cells, "column": column})
    return Fault(table.name, "lost_digits", detail)


def instants_without_zone(table: Table, column: str, cells: int | None = None) -> Fault:
    """Fault of moments with a time zone where nobody says which day it is then at the bank."""
    given = Message("faults.instants") if cells is None else Message("faults.counted_instants", {"cells": cells})
    detail = Message("faults.instant_without_zone", {"given": given, "column": column, "zone_hint": _ZONE_HINT})
    return Fault(table.name, "instant_without_zone", detail)


def empty_table(table: Table, rows: int) -> list[Fault]:
    """Fault of a required table without rows."""
    return [] if rows or table.optional else [Fault(table.name, "empty_table", Message("faults.empty_table"))]
