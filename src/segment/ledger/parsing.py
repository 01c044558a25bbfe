"""From cells as they came in to cells of the contract's types.

A cell that does not parse becomes null and is marked, so that it can be told from an empty one and its row quarantined.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from segment.ledger.schema import Column, Table

ROW = "__row"
_ISO_WITH_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"
_LOCAL_TIME = r"^(?:\d{4}-\d{2}-\d{2}[T ])?(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?$"
_TRUE, _FALSE = ("true", "t", "1"), ("false", "f", "0")


def marker(column: str) -> str:
    """Name of the Boolean column that says which cells of a column did not parse."""
    return f"__unreadable_{column}"


def parse_column(column: Column, dtype: pl.DataType, declared: bool) -> pl.Expr | None:
    """Expression that brings a column to its contract's type, with null where a cell does not parse."""
    cells = pl.col(column.name)
    if dtype == pl.Null:
        return cells.cast(column.dtype)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        cells, dtype = cells.cast(pl.String), pl.String()
    if dtype == pl.String and declared and column.kind in ("number", "integer"):
        return None
    parsed = _PARSERS[column.kind](cells, dtype)
    if parsed is None or not column.values:
        return parsed
    if column.as_enum:
        return parsed.cast(column.dtype, strict=False)
    return pl.when(parsed.is_in(column.values)).then(parsed)


def without_blanks(cells: pl.Expr) -> pl.Expr:
    """Text with cells that hold nothing but spaces as null."""
    return pl.when(cells.str.strip_chars() != "").then(cells)


def filled(column: str, dtype: pl.DataType) -> pl.Expr:
    """Whether a cell holds anything as it came in."""
    cells = pl.col(column)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        cells, dtype = cells.cast(pl.String), pl.String()
    return (without_blanks(cells) if dtype == pl.String else cells).is_not_null()


def as_text(table: Table, schema: pl.Schema) -> list[pl.Expr]:
    """Expressions of a table's columns as they came in, as text: what quarantine keeps."""
    return [
        pl.col(column.name).cast(pl.String, strict=False)
        if column.name in schema
        else pl.lit(None, pl.String).alias(column.name)
        for column in table.columns
    ]


def _parse_text(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.String:
        return without_blanks(cells)
    if dtype.is_integer() or (isinstance(dtype, pl.Decimal) and dtype.scale == 0):
        return cells.cast(pl.String)
    if dtype.is_float():  # an id column that met an empty cell on its way through a data frame
        return _whole(cells).cast(pl.String)
    return None


def _parse_date(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.Date:
        return cells
    if isinstance(dtype, pl.Datetime):
        return cells.dt.date()
    if dtype != pl.String:
        return None
    text = cells.str.strip_chars()
    iso = (text.str.len_bytes() == 10) | text.str.contains(_ISO_WITH_TIME)
    return pl.when(iso).then(text.str.head(10)).str.to_date("%Y-%m-%d", strict=False)


def _parse_time(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """A local time to the minute; an instant of a zone is none."""
    if dtype == pl.Time or (isinstance(dtype, pl.Datetime) and dtype.time_zone is None):
        return (cells if dtype == pl.Time else cells.dt.time()).cast(pl.Time)
    if dtype != pl.String:
        return None
    minute = cells.str.strip_chars().str.extract(_LOCAL_TIME)
    return minute.str.to_time("%H:%M", strict=False)


def _parse_number(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype.is_numeric():
        return cells.cast(pl.Float64)
    if dtype == pl.String:
        return cells.str.strip_chars().cast(pl.Float64, strict=False)
    return None


def _parse_integer(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype.is_integer():
        return cells.cast(pl.Int64, strict=False)
    numbers = _parse_number(cells, dtype)
    return None if numbers is None else _whole(numbers)


def _parse_boolean(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.Boolean:
        return cells
    if dtype.is_numeric():
        return pl.when(cells == 1).then(True).when(cells == 0).then(False)
    if dtype != pl.String:
        return None
    text = cells.str.strip_chars().str.to_lowercase()
    return pl.when(text.is_in(_TRUE)).then(True).when(text.is_in(_FALSE)).then(False)


def _whole(numbers: pl.Expr) -> pl.Expr:
    return pl.when(numbers.is_finite() & (numbers == numbers.floor())).then(numbers).cast(pl.Int64, strict=False)


_PARSERS: dict[str, Callable[[pl.Expr, pl.DataType], pl.Expr | None]] = {
    "text": _parse_text,
    "date": _parse_date,
    "month": _parse_date,
    "time": _parse_time,
    "number": _parse_number,
    "integer": _parse_integer,
    "boolean": _parse_boolean,
}
