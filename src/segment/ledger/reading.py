"""One frame per table, of the contract's columns and types, with a mark on every cell that did not parse."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, dataclass, field, replace

import polars as pl

from segment.exceptions import LedgerError
from segment.input_files import InputLimits, fields_fault
from segment.ledger.clean_cells import as_they_are
from segment.ledger.contents import require_there
from segment.ledger.day_sums import digest_of_sums, sums_of, with_hashes
from segment.ledger.faults import (
    Fault,
    empty_table,
    instants_without_zone,
    lost_digits,
    missing_columns,
    missing_table,
    unread_columns,
    unreadable_cells,
    unreadable_file,
    wrong_type,
)
from segment.ledger.parsing import (
    DIGITS_LOST,
    INSTANT,
    ROW,
    WORD_FOR_NULL,
    as_text,
    filled,
    find_oddities,
    marker,
    may_be_odd,
    names_no_place,
    oddity,
    parse_column,
)
from segment.ledger.parts import READ_ERRORS, Part, TableInput
from segment.ledger.schema import Column, Table
from segment.messages import Message


@dataclass(frozen=True)
class Cells:
    """How many cells of a column hold what they should."""

    filled: int  # those with a value of the column's type
    unreadable: int  # those that are filled but did not parse
    words_for_null: int = 0  # those that are empty because they hold `NULL`, `N/A` or the like
    instants: int = 0  # unreadable ones that name a moment with a zone, where nobody says where the bank is
    digits_lost: int = 0  # unreadable ones that are ids which were rounded

    def __add__(self, other: Cells) -> Cells:
        """Count the cells of two parts."""
        return Cells(*(own + its for own, its in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class TableReading:
    """A table as read."""

    rows: pl.DataFrame  # the contract's columns, a mark per column, and the row's number
    faults: tuple[Fault, ...] = ()  # table-level faults; `rows` is empty where there are any
    cells: dict[str, Cells] = field(default_factory=dict)  # by column


def read(source: TableInput) -> TableReading:
    """Read a table and look for table-level faults."""
    table = source.table
    faults = faults_of_schemas(source)
    if faults or not source.parts:
        return TableReading(_empty(table), tuple(faults))
    try:
        rows = read_rows(source).with_row_index(ROW)
    except READ_ERRORS:
        return TableReading(_empty(table), (name_broken_part(source),))
    cells = count_cells(table, rows)
    faults = faults_of_cells(table, cells, rows.height)
    return TableReading(_empty(table) if faults else rows, tuple(faults), cells)


def faults_of_schemas(source: TableInput) -> list[Fault]:
    """Look for what is wrong with a table before its rows are read."""
    table = source.table
    if not source.parts:
        return [*source.faults, *missing_table(table, source.present)]
    headers = [part.schema for part in source.parts]
    named = [*missing_columns(table, headers), *unread_columns(table, headers)]
    return [*source.faults, *named, *_undue_types(source)]


def read_rows(source: TableInput) -> pl.DataFrame:
    """Read a table's rows, faults or not."""
    rows = pl.concat([_read_part(source.table, part) for part in source.parts])
    if fault := fields_fault(rows, InputLimits()):
        raise LedgerError.with_faults([unreadable_file(source.table, Message("faults.it"), fault).message])
    return rows


def read_days(source: TableInput) -> pl.Series:
    """Read on which days a table's rows are dated, and no other column; null where a cell is no day."""
    column = source.table.column(str(source.table.dated_by))
    days = [pl.Series(column.name, [], column.dtype)]
    for part in source.parts:
        if column.name in part.schema:
            given = part.collect(part.rows.select(column.name))
            parsed, _ = _typed_column(column, part)
            clean = as_they_are(column, given[column.name])
            days.append(given.select(parsed.alias(column.name)).to_series() if clean is None else clean)
    return pl.concat(days)


def count_cells(table: Table, rows: pl.DataFrame) -> dict[str, Cells]:
    """Count the cells of each column that has no vocabulary of its own."""
    counted = [column.name for column in table.columns if not column.values]
    odd = [column.name for column in table.columns if may_be_odd(column)]
    kinds = (WORD_FOR_NULL, INSTANT, DIGITS_LOST)
    counts = rows.select(
        *(pl.col(marker(name)).sum().alias(f"bad {name}") for name in counted),
        *(pl.col(name).count().alias(f"good {name}") for name in counted),
        *((pl.col(oddity(name)) == kind).sum().alias(f"{kind} {name}") for name in odd for kind in kinds),
    ).row(0, named=True)
    return {
        name: Cells(counts[f"good {name}"], counts[f"bad {name}"], *(counts.get(f"{kind} {name}", 0) for kind in kinds))
        for name in counted
    }


def faults_of_cells(table: Table, cells: dict[str, Cells], height: int) -> list[Fault]:
    """Look for columns whose filled cells are all unreadable, which is another type and not some bad rows."""
    return [
        *(lost_digits(table, name, counts.digits_lost) for name, counts in cells.items() if counts.digits_lost),
        *(instants_without_zone(table, name, counts.instants) for name, counts in cells.items() if counts.instants),
        *(
            unreadable_cells(table, table.column(name), counts.unreadable)
            for name, counts in cells.items()
            if counts.unreadable > counts.digits_lost + counts.instants and not counts.filled
        ),
        *empty_table(table, height),
    ]


def read_as_text(source: TableInput, numbers: pl.Series) -> pl.DataFrame:
    """Read chosen rows again, their cells as they came in."""
    if len(source.parts) == 1:  # only the chosen rows are made text
        part = source.parts[0]
        given = part.collect(part.rows.select(name for name in source.table.schema if name in part.schema))
        return given[numbers].select(numbers.alias(ROW), *as_text(source.table, part.schema))
    chosen = pl.col(ROW).is_in(numbers.implode())
    parts = [part.rows.select(as_text(source.table, part.schema)) for part in source.parts]
    return source.parts[0].collect(pl.concat(parts).with_row_index(ROW).filter(chosen))


def hash_contents(table: Table, rows: pl.DataFrame) -> str:
    """SHA-256 of a table's contents, whatever its format, its files and the order of its rows."""
    hashed = with_hashes(rows, table.schema.names())
    return digest_of_sums(rows.height, sums_of(hashed))


def _empty(table: Table) -> pl.DataFrame:
    marks = {marker(name): pl.Boolean() for name in table.schema}
    odd = {oddity(column.name): pl.UInt8() for column in table.columns if may_be_odd(column)}
    return pl.DataFrame(schema={ROW: pl.get_index_type(), **table.schema, **marks, **odd})


def _read_part(table: Table, part: Part) -> pl.DataFrame:
    """A part's cells in the contract's types; only columns with cells that need it are looked at closely."""
    given = part.collect(part.rows.select(name for name in table.schema if name in part.schema))
    clean = {
        name: parsed for name in given.columns if (parsed := as_they_are(table.column(name), given[name])) is not None
    }
    return _typed(table, replace(part, rows=given.with_columns(**clean).lazy()), clean).collect()


def _typed(table: Table, part: Part, clean: Collection[str] = ()) -> pl.LazyFrame:
    """A part's cells in the contract's types, where one is filled but did not parse, and what is odd of it."""
    parsed, given, odd = [], [], []
    for column in table.columns:
        if column.name in clean:
            cells, is_filled, oddities = pl.col(column.name), pl.lit(False), pl.lit(0, pl.UInt8)
        else:
            cells, is_filled = _typed_column(column, part)
            oddities = _odd_cells(column, part)
        parsed.append(cells.alias(column.name))
        given.append(is_filled.alias(marker(column.name)))
        if may_be_odd(column):
            odd.append(oddities.alias(oddity(column.name)))
    marks = [pl.col(marker(name)) & pl.col(name).is_null() for name in table.schema if name not in clean]
    return part.rows.select(*parsed, *given, *odd).with_columns(marks)  # each cell is parsed once


def _typed_column(column: Column, part: Part) -> tuple[pl.Expr, pl.Expr]:
    """The cells, and which are filled."""
    dtype = part.schema.get(column.name)
    parsed = None if dtype is None else parse_column(column, dtype, part.declared, part.timezone)
    if dtype is None or parsed is None:  # left out, or of another type but without a value
        return pl.lit(None, column.dtype), pl.lit(False)
    return parsed, filled(column, dtype)


def _odd_cells(column: Column, part: Part) -> pl.Expr:
    dtype = part.schema.get(column.name)
    return pl.lit(0, pl.UInt8) if dtype is None else find_oddities(column, dtype, part.timezone)


def _undue_types(source: TableInput) -> list[Fault]:
    """Columns of a type in which no cell can be right, and which hold cells."""
    faults = {
        instants_without_zone(source.table, column.name)
        if names_no_place(column, part.schema[column.name])
        else wrong_type(source.table, column, _call_type(part.schema[column.name]))
        for column in source.table.columns
        for part in source.parts
        if column.name in part.schema
        and parse_column(column, part.schema[column.name], part.declared, part.timezone) is None
        and _holds_values(part, column.name)
    }
    return sorted(faults)


def _holds_values(part: Part, column: str) -> bool:
    try:
        holds = pl.col(column).is_not_null().any()
        return any(chunk.rows.select(holds).collect().item() for chunk in part.chunks())
    except READ_ERRORS:
        return False  # told by the reading of the whole file


def _call_type(dtype: pl.DataType) -> Message:
    if dtype == pl.String:
        return Message("faults.expected.text")
    return Message("faults.of_type", {"type": dtype.base_type().__name__})


def name_broken_part(source: TableInput) -> Fault:
    """Find the part of a table that cannot be read, and say why."""
    for part in source.parts:
        try:
            for chunk in part.chunks():
                _read_part(source.table, chunk)
        except READ_ERRORS as error:
            require_there(part)
            return unreadable_file(source.table, f"`{part.name}`", _reason(error))
    return unreadable_file(source.table, Message("faults.its_files"), Message("faults.do_not_fit"))


def _reason(error: BaseException) -> Message:
    text = str(error).lower()  # never shown: it may hold cells
    if "utf-8" in text or "utf8" in text:
        return Message("faults.not_utf8_csv")
    if "more fields" in text:
        return Message("faults.more_fields")
    return Message("faults.damaged")
