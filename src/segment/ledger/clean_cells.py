"""Columns whose cells all stand as the contract has them: seen at a glance, so that only others need a close look."""

from __future__ import annotations

import polars as pl

from segment.ledger.schema import Column
from segment.ledger.vocabulary import NULL_WORDS

_PLAIN = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
"""Bytes of an id that is nothing but an id: no blank around it, no point, sign or mark of a number or of an error."""
_LONGEST_WORD = max(len(word) for word in NULL_WORDS if not word.encode().translate(None, _PLAIN))
_DAY_BYTES = 10


def as_they_are(column: Column, cells: pl.Series) -> pl.Series | None:
    """A column's cells in its type, where a close look would leave each as it is; None where one needs the look."""
    if cells.dtype == pl.String:
        return _text_as_it_is(column, cells)
    return cells if cells.dtype == column.dtype and column.kind != "text" else None


def _text_as_it_is(column: Column, cells: pl.Series) -> pl.Series | None:
    if column.values:
        words = _whole(cells, cells.cast(pl.Enum(column.values), strict=False))
        return words if words is None or column.as_enum else cells
    if column.is_id:
        return cells if _is_plain(cells) else None
    if column.kind == "number":
        numbers = _whole(cells, cells.cast(pl.Float64, strict=False))
        return None if numbers is None or numbers.is_nan().any() else numbers  # `nan` is a word for nothing
    if column.kind in ("date", "month"):
        return _days(cells)
    return None


def _whole(cells: pl.Series, parsed: pl.Series) -> pl.Series | None:
    """What was made of some cells, if something was made of each that is filled."""
    return parsed if parsed.null_count() == cells.null_count() else None


def _days(cells: pl.Series) -> pl.Series | None:
    """Days in text, each looked at once: a table that grows by the month holds few."""
    lengths = cells.str.len_bytes()
    if lengths.min() != _DAY_BYTES or lengths.max() != _DAY_BYTES:
        return None
    days = cells.unique()
    written = days.str.to_date("%Y-%m-%d", strict=False)
    if _whole(days, written) is None or not written.dt.to_string("%Y-%m-%d").equals(days):
        return None
    return cells.replace_strict(days, written, return_dtype=pl.Date)


def _is_plain(cells: pl.Series) -> bool:
    shortest = cells.str.len_bytes().min()
    if not isinstance(shortest, int) or shortest <= _LONGEST_WORD and _holds_words(cells):
        return False
    data = cells.drop_nulls().to_arrow().buffers()[2]
    return not data.to_pybytes().translate(None, _PLAIN)


def _holds_words(cells: pl.Series) -> bool:
    """Whether an empty text, or one that may be a word for nothing in whatever letters, is among some cells."""
    short = cells.filter(cells.str.len_bytes() <= _LONGEST_WORD).unique()
    return bool(short.str.to_lowercase().is_in(["", *(word.lower() for word in NULL_WORDS)]).any())
