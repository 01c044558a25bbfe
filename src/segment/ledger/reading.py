"""One frame per table, of the contract's columns and types, with a mark on every cell that did not parse."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

from segment.ledger.faults import Fault, empty_table, missing_columns, missing_table, unreadable_file, wrong_type
from segment.ledger.parsing import ROW, as_text, filled, marker, parse_column
from segment.ledger.parts import READ_ERRORS, Part, TableInput
from segment.ledger.schema import Column, Table


@dataclass(frozen=True)
class Reading:
    """A table as read.

    Parameters
    ----------
    rows : polars.DataFrame
        The contract's columns, a mark per column, and the row's number.
    faults : tuple of Fault
        Table-level faults; `rows` is empty where there are any.
    """

    rows: pl.DataFrame
    faults: tuple[Fault, ...] = ()


def read(found: TableInput) -> Reading:
    """Read a table and look for table-level faults.

    Parameters
    ----------
    found : TableInput
        The table as its source holds it.

    Returns
    -------
    Reading
        Every fault at once, not the first.
    """
    table = found.table
    if not found.parts:
        return Reading(_empty(table), (*found.faults, *missing_table(table, found.present)))
    faults = [*found.faults, *missing_columns(table, [part.schema for part in found.parts])]
    faults += _undue_types(found)
    if faults:
        return Reading(_empty(table), tuple(faults))
    try:
        rows = _collect(found.parts, [_typed(table, part) for part in found.parts])
    except READ_ERRORS:
        return Reading(_empty(table), (_name_broken_part(found),))
    faults = _columns_without_sense(table, rows) + empty_table(table, rows.height)
    return Reading(_empty(table) if faults else rows, tuple(faults))


def read_as_text(found: TableInput, numbers: pl.Series) -> pl.DataFrame:
    """Read chosen rows again, their cells as they came in.

    Parameters
    ----------
    found : TableInput
        The table as its source holds it.
    numbers : polars.Series
        Numbers of the rows, ascending.

    Returns
    -------
    polars.DataFrame
        The contract's columns as text, and the row's number.
    """
    parts = [part.rows.select(as_text(found.table, part.schema)) for part in found.parts]
    lines = pl.concat(parts).with_row_index(ROW)
    return found.parts[0].collect(lines.filter(pl.col(ROW).is_in(numbers.implode())))


def hash_contents(table: Table, rows: pl.DataFrame) -> str:
    """SHA-256 of a table's contents, whatever its format, its files and the order of its rows.

    Parameters
    ----------
    table : Table
        What the contract says.
    rows : polars.DataFrame
        At least the contract's columns, typed.

    Returns
    -------
    str
        Hex digits. The hash of a row is Polars' own: compare digests made with one version of it.
    """
    hashes = rows.select(table.schema.names()).hash_rows(seed=0).sort()
    return hashlib.sha256(hashes.to_numpy().astype("<u8").tobytes()).hexdigest()


def _empty(table: Table) -> pl.DataFrame:
    marks = {marker(name): pl.Boolean() for name in table.schema}
    return pl.DataFrame(schema={ROW: pl.get_index_type(), **table.schema, **marks})


def _collect(parts: tuple[Part, ...], queries: list[pl.LazyFrame]) -> pl.DataFrame:
    return parts[0].collect(pl.concat(queries).with_row_index(ROW))


def _typed(table: Table, part: Part) -> pl.LazyFrame:
    columns = [_typed_column(column, part) for column in table.columns]
    cells = [cell.alias(column.name) for column, (cell, _) in zip(table.columns, columns, strict=True)]
    marks = [mark.alias(marker(column.name)) for column, (_, mark) in zip(table.columns, columns, strict=True)]
    return part.rows.select(*cells, *marks)


def _typed_column(column: Column, part: Part) -> tuple[pl.Expr, pl.Expr]:
    """The cells, and where one is filled but did not parse."""
    dtype = part.schema.get(column.name)
    parsed = None if dtype is None else parse_column(column, dtype, part.declared)
    if dtype is None or parsed is None:  # left out, or of another type but without a value
        return pl.lit(None, column.dtype), pl.lit(False)
    return parsed, filled(column.name, dtype) & parsed.is_null()


def _undue_types(found: TableInput) -> list[Fault]:
    """Columns of a type in which no cell can be right, and which hold cells."""
    faults = {
        wrong_type(found.table, column, _call_type(part.schema[column.name]))
        for column in found.table.columns
        for part in found.parts
        if column.name in part.schema
        and parse_column(column, part.schema[column.name], part.declared) is None
        and _holds_values(part, column.name)
    }
    return sorted(faults)


def _holds_values(part: Part, column: str) -> bool:
    try:
        return bool(part.rows.select(pl.col(column).is_not_null().any()).collect().item())
    except READ_ERRORS:
        return False  # told by the reading of the whole file


def _call_type(dtype: pl.DataType) -> str:
    return "text" if dtype == pl.String else f"type {dtype.base_type().__name__}"


def _columns_without_sense(table: Table, rows: pl.DataFrame) -> list[Fault]:
    """Columns whose filled cells are all unreadable: another type, not some bad rows."""
    checked = [column for column in table.columns if not column.values]
    counts = rows.select(
        *(pl.col(marker(column.name)).sum().alias(f"bad {column.name}") for column in checked),
        *(pl.col(column.name).count().alias(f"good {column.name}") for column in checked),
    ).row(0, named=True)
    return [
        wrong_type(table, column, f"none in {counts[f'bad {column.name}']:,} filled cells")
        for column in checked
        if counts[f"bad {column.name}"] and not counts[f"good {column.name}"]
    ]


def _name_broken_part(found: TableInput) -> Fault:
    for part in found.parts:
        try:
            part.collect(_typed(found.table, part))
        except READ_ERRORS as error:
            return unreadable_file(found.table, f"`{part.name}`", _reason(error))
    return unreadable_file(found.table, "its files", "do not fit together")


def _reason(error: BaseException) -> str:
    text = str(error).lower()  # never shown: it may hold cells
    if "utf-8" in text or "utf8" in text:
        return "is not UTF-8 text; save it as CSV in UTF-8"
    if "more fields" in text:
        return "has rows with more fields than its first row; put text with a comma in quotes"
    return "is damaged, or not regular"
