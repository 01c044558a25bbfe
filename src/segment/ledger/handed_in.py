"""Small tables that people hand in, such as outcomes and notices: read as the files of a ledger are."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import polars as pl

from segment.exceptions import LedgerError, SegmentError
from segment.input_files import LIMITS_HINT, InputLimits, read_input_bytes
from segment.ledger.faults import Fault, lost_digits, unread_columns
from segment.ledger.part_files import open_part
from segment.ledger.parts import READ_ERRORS, Part, TableInput
from segment.ledger.reading import count_cells, faults_of_schemas, name_broken_part, read_rows
from segment.ledger.schema import Table
from segment.messages import Message


@dataclass(frozen=True)
class HandedIn:
    """A table as somebody handed it in."""

    given: pl.DataFrame  # Every column of the file, cells as text
    rows: pl.DataFrame  # The table's columns, typed, with a mark per column of the cells that could not be read


def read_handed_in(path: Path, table: Table, what: Message, error: type[SegmentError], hint: Message) -> HandedIn:
    """Read a file: CSV, packed or not, Parquet or XLSX; `what` names it in the one message about it."""
    limits = InputLimits()
    content = io.BytesIO(read_input_bytes(path, what, error))
    opened = open_part(table, path.name, content, limits, limits.most_file_bytes)
    if not isinstance(opened, Part):
        _refuse(opened, what, error)
    part = _flags_as_text(table, opened)
    missing = [column.name for column in table.columns if not column.optional and column.name not in part.schema]
    if missing:
        needed = [column.name for column in table.columns if not column.optional]
        raise error.of("errors.columns_missing", what=what, needed=needed, missing=missing, hint=hint)
    source = TableInput(table, (part,))
    faults = [*unread_columns(table, [part.schema]), *faults_of_schemas(source)]
    if faults:
        _refuse(list(dict.fromkeys(faults)), what, error)
    try:
        rows = read_rows(source)
        given = part.collect(part.rows.select(pl.all().cast(pl.String, strict=False)))
    except READ_ERRORS:
        _refuse([name_broken_part(source)], what, error)
    except LedgerError as fault:
        raise error(*fault.args) from None
    counts = count_cells(table, rows)
    if lost := [lost_digits(table, name, cells.digits_lost) for name, cells in counts.items() if cells.digits_lost]:
        _refuse(lost, what, error)
    return HandedIn(given, rows)


def _flags_as_text(table: Table, part: Part) -> Part:
    """Give columns of text whose cells came as true and false in words."""
    flags = [
        column.name for column in table.columns if column.kind == "text" and part.schema.get(column.name) == pl.Boolean
    ]
    schema = pl.Schema({**part.schema, **dict.fromkeys(flags, pl.String())})
    return part.changed(lambda rows: rows.with_columns(pl.col(flags).cast(pl.String)), schema)


def _refuse(faults: list[Fault], what: Message, error: type[SegmentError]) -> NoReturn:
    listed = [fault.detail for fault in faults]
    raise error.of("errors.no_table", what=what, listed=listed, limits_hint=LIMITS_HINT)
