"""From cells as they came in to cells of the contract's types.

A cell that does not parse becomes null and is marked, so that it can be told from an empty one and its row quarantined.
What is odd of a cell has a mark of its own: a word that stands for nothing, an instant that has no day, an id whose
last digits are lost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import polars as pl

from segment.ledger.day_parsing import UTC_ZONES, is_instant, parse_day
from segment.ledger.schema import Column, Table
from segment.ledger.vocabulary import FALSE_WORDS, NULL_IDS, NULL_WORDS, SPREADSHEET_ERRORS, TRUE_WORDS

ROW = "__row"
WORD_FOR_NULL, INSTANT, DIGITS_LOST = 1, 2, 3
"""What may be odd of a cell; 0: nothing."""
EXACT_IN_FLOAT: Final = 2**53
_EXACT_IN_FLOAT32 = 2**24
_LOCAL_TIME = r"^(?:\d{4}-\d{2}-\d{2}[T ])?(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?$"
_FLOAT_ID = r"^(-?\d+)\.0+$"
_OF_NUMBERS = [".", "E+", "e+", ","]
_SCIENTIFIC = r"^-?\d+(?:[.,]\d+)?[eE]\+\d+$|^-?\d+[.,]\d+[eE]\d+$"


def marker(column: str) -> str:
    """Name of the Boolean column that says which cells of a column did not parse."""
    return f"__unreadable_{column}"


def oddity(column: str) -> str:
    """Name of the column that says what is odd of the cells of a column."""
    return f"__odd_{column}"


def may_be_odd(column: Column) -> bool:
    """Whether cells of a column are looked at for what is odd."""
    return not column.values and (column.nullable or column.is_id or column.kind in ("date", "month"))


def parse_column(column: Column, dtype: pl.DataType, declared: bool, timezone: str | None = None) -> pl.Expr | None:
    """Expression that brings a column to its contract's type, with null where a cell does not parse."""
    # `timezone`: The bank's, in which an instant has its day.
    cells, dtype = _plain(column, dtype)
    if dtype == pl.Null:
        return cells.cast(column.dtype)
    if dtype == pl.String and declared and column.kind in ("number", "integer"):
        return None
    if dtype == pl.String:
        cells = without_blanks(cells)
        if words := _words_for_null(column):
            cells = pl.when(~cells.is_in(words)).then(cells)
    parsed = _parse(column, cells, dtype, timezone)
    if parsed is None or not column.values:
        return parsed
    if column.as_enum:
        return parsed.cast(column.dtype, strict=False)
    return pl.when(parsed.is_in(column.values)).then(parsed)


def find_oddities(column: Column, dtype: pl.DataType, timezone: str | None = None) -> pl.Expr:
    """Say what is odd of each cell of a column."""
    cells, dtype = _plain(column, dtype)
    odd = pl.lit(0, pl.UInt8)
    if column.is_id:
        odd = pl.when(_has_lost_digits(cells, dtype)).then(pl.lit(DIGITS_LOST, pl.UInt8)).otherwise(odd)
    if column.kind in ("date", "month") and timezone is None:
        odd = pl.when(is_instant(cells, dtype)).then(pl.lit(INSTANT, pl.UInt8)).otherwise(odd)
    if dtype == pl.String and (words := _words_for_null(column)):
        odd = pl.when(without_blanks(cells).is_in(words)).then(pl.lit(WORD_FOR_NULL, pl.UInt8)).otherwise(odd)
    return odd.fill_null(0)


def names_no_place(column: Column, dtype: pl.DataType) -> bool:
    """Whether a column holds instants whose days nobody knows: a zone that says nothing of where the bank is."""
    return column.kind in ("date", "month") and isinstance(dtype, pl.Datetime) and dtype.time_zone in UTC_ZONES


def without_blanks(cells: pl.Expr) -> pl.Expr:
    """Text without the blanks around it, and null where nothing else stands."""
    bare = cells.str.strip_chars()
    return pl.when(bare != "").then(bare)


def filled(column: Column, dtype: pl.DataType) -> pl.Expr:
    """Whether a cell holds anything as it came in; a word that stands for nothing is nothing."""
    cells, dtype = _plain(column, dtype)
    if dtype == pl.String:
        bare, words = without_blanks(cells), _words_for_null(column)
        return bare.is_not_null() & ~bare.is_in(words).fill_null(False) if words else bare.is_not_null()
    return cells.is_not_null()


def as_text(table: Table, schema: pl.Schema) -> list[pl.Expr]:
    """Expressions of a table's columns as they came in, as text: what quarantine keeps."""
    return [
        pl.col(column.name).cast(pl.String, strict=False)
        if column.name in schema
        else pl.lit(None, pl.String).alias(column.name)
        for column in table.columns
    ]


def _plain(column: Column, dtype: pl.DataType) -> tuple[pl.Expr, pl.DataType]:
    """A column's cells; words of a list of their own as text."""
    cells = pl.col(column.name)
    if column.kind == "text" and dtype.is_float():  # where no number stands in a data frame, none is meant
        cells = cells.fill_nan(None)
    return (cells.cast(pl.String), pl.String()) if isinstance(dtype, pl.Categorical | pl.Enum) else (cells, dtype)


def _parse(column: Column, cells: pl.Expr, dtype: pl.DataType, timezone: str | None) -> pl.Expr | None:
    if column.kind in ("date", "month"):
        return parse_day(cells, dtype, timezone)
    if column.is_id:
        return _parse_id(cells, dtype)
    return _PARSERS[column.kind](cells, dtype)


def _words_for_null(column: Column) -> list[str]:
    if column.values:
        return []
    return _in_any_letters(NULL_WORDS if column.nullable else NULL_IDS if column.is_id else ())


@cache
def _in_any_letters(words: tuple[str, ...]) -> list[str]:
    """Words as programs write them, in small or large letters: to compare is faster than to rewrite every cell."""
    return sorted({made for word in words for made in (word, word.upper(), word.capitalize(), word.title())})


def _parse_text(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.String:
        return pl.when(~cells.is_in(_in_any_letters(SPREADSHEET_ERRORS))).then(cells)
    if dtype.is_integer() or (isinstance(dtype, pl.Decimal) and dtype.scale == 0):
        return cells.cast(pl.String)
    if dtype.is_float():  # an id column that met an empty cell on its way through a data frame
        return _whole(cells).cast(pl.String)
    return None


def _parse_id(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """An id that went through a column of floats is the same id without the zero behind the point."""
    text = _parse_text(cells, dtype)
    if text is None:
        return None
    if dtype == pl.String:
        return text.map_batches(_exact_ids, pl.String, is_elementwise=True)
    return pl.when(~_has_lost_digits(cells, dtype)).then(text)


def _exact_ids(text: pl.Series) -> pl.Series:
    """Ids in text without the zero behind the point; null where digits are lost."""
    # almost no column of ids holds a point or an exponent, and looking for one is ten times as fast as looking closely
    if not text.str.contains_any(_OF_NUMBERS).any():
        return text
    whole = pl.coalesce(pl.col("id").str.extract(_FLOAT_ID), pl.col("id"))
    return (
        pl.DataFrame({"id": text}).select(pl.when(~_is_rounded(pl.col("id"))).then(whole).alias(text.name)).to_series()
    )


def _rounded_ids(text: pl.Series) -> pl.Series:
    if not text.str.contains_any(_OF_NUMBERS).any():
        return pl.repeat(False, len(text), dtype=pl.Boolean, eager=True).alias(text.name)
    return pl.DataFrame({"id": text}).select(_is_rounded(without_blanks(pl.col("id"))).alias(text.name)).to_series()


def _is_rounded(text: pl.Expr) -> pl.Expr:
    whole = text.str.extract(_FLOAT_ID).cast(pl.Float64, strict=False)
    return (whole.abs() >= EXACT_IN_FLOAT).fill_null(False) | text.str.contains(_SCIENTIFIC).fill_null(False)


def _has_lost_digits(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether an id is a number that was rounded: of floats, the digits from some length on are made up."""
    if dtype.is_float():
        most = _EXACT_IN_FLOAT32 if dtype == pl.Float32 else EXACT_IN_FLOAT
        return (cells.is_finite() & (cells.abs() >= most)).fill_null(False)
    if dtype != pl.String:
        return pl.lit(False)
    return cells.map_batches(_rounded_ids, pl.Boolean, is_elementwise=True)


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
    text = without_blanks(cells).str.to_lowercase()
    return pl.when(text.is_in(TRUE_WORDS)).then(True).when(text.is_in(FALSE_WORDS)).then(False)


def _whole(numbers: pl.Expr) -> pl.Expr:
    return pl.when(numbers.is_finite() & (numbers == numbers.floor())).then(numbers).cast(pl.Int64, strict=False)


_PARSERS: dict[str, Callable[[pl.Expr, pl.DataType], pl.Expr | None]] = {
    "text": _parse_text,
    "time": _parse_time,
    "number": _parse_number,
    "integer": _parse_integer,
    "boolean": _parse_boolean,
}
