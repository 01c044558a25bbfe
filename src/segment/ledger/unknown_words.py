"""Words in columns of codes that nobody knows: which, how often, and the known word that each is most like."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from segment.ledger.contract import TABLES
from segment.ledger.ledger_names import core
from segment.ledger.schema import Column, Table

_SHOWN = 10
"""Words of a column that are named, the most frequent first."""
_MOST_CODES = 50
"""A column with more words than this holds no codes, and its words may be of persons."""
_LIKENESS = 0.6
_LIKE_A_CODE = re.compile(r"^(?!.*\d{6})[^\s@]{1,24}$")


@dataclass(frozen=True)
class UnknownWord:
    """A word that keeps rows out."""

    table: str
    column: str
    word: str | None  # None: all the others of the column, which are too many or may name somebody
    rows: int
    nearest: str | None = None  # the known word that it is most like

    def __str__(self) -> str:
        """Say it in a line."""
        named = "other words" if self.word is None else f"`{self.word}`"
        like = f" (nearest known: `{self.nearest}`)" if self.nearest else ""
        return f"`{self.column}` {named}: {self.rows:,}{like}"


def find_unknown_words(quarantine: Mapping[str, pl.DataFrame], products: Collection[str]) -> tuple[UnknownWord, ...]:
    """List the words for which rows were set aside; `products`: Those that the policy names."""
    return tuple(
        word
        for table in TABLES.values()
        if table.name in quarantine
        for column, known in code_columns(table, products)
        for word in _of_column(table, column, known, quarantine[table.name])
    )


def code_columns(table: Table, products: Collection[str]) -> Iterator[tuple[Column, Collection[str]]]:
    """The columns of a table that hold codes, with the words that are known."""
    for column in table.columns:
        if column.values or column.name == "product":
            yield column, column.values or products


def _of_column(table: Table, column: Column, known: Collection[str], bad: pl.DataFrame) -> Iterator[UnknownWord]:
    given = column.name if f"{column.name}_as_given" not in bad.columns else f"{column.name}_as_given"
    # a row is set aside by the first rule that it breaks, and other codes of it may be unknown as well
    words = bad.filter(pl.col("rule").str.starts_with("unknown_"))[given].drop_nulls().str.strip_chars()
    words = words.filter(~words.is_in([*known, ""]))
    counts = [
        (str(word), int(rows))
        for word, rows in words.value_counts().sort("count", given, descending=[True, False]).iter_rows()
    ]
    ids = {word for other in table.columns if other.is_id for word in bad[other.name]}  # cells that slipped aside
    shown = [(word, rows) for word, rows in counts if word not in ids] if len(counts) <= _MOST_CODES else []
    named = [
        UnknownWord(table.name, column.name, word, rows, near)
        for word, rows in shown
        if (near := _nearest(word, known)) or (rows > 1 and _is_short(word)) or _LIKE_A_CODE.match(word)
    ][:_SHOWN]
    yield from named
    if others := sum(rows for _, rows in counts) - sum(word.rows for word in named):
        yield UnknownWord(table.name, column.name, None, others)


def _is_short(word: str) -> bool:
    return len(word) <= 40 and not re.search(r"\d{6}|@", word)


def _nearest(word: str, known: Collection[str]) -> str | None:
    plain = {core(name): name for name in known}
    close = difflib.get_close_matches(core(word), plain, n=1, cutoff=_LIKENESS) if core(word) else []
    return plain[close[0]] if close else None
