"""A long table whose rows are fetched by span of days, and what a span holds without fetching it."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import polars as pl

from segment.ledger.day_sums import DAY, day_sums, digest, with_hashes
from segment.ledger.schema import Table


class LongTable(ABC):
    """Rows that are dated, asked for by span of days."""

    def __init__(self, days: pl.DataFrame) -> None:
        self._days = days  # as `day_sums` makes them

    @property
    def first_on(self) -> dt.date | None:
        """The first day that has a row."""
        first = self._days[DAY].min()
        return first if isinstance(first, dt.date) else None

    def digest(self, first: dt.date, last: dt.date) -> str:
        """Hash what a span of days holds."""
        return digest(self._days, first, last)

    @abstractmethod
    def rows(self, first: dt.date, last: dt.date) -> pl.DataFrame:
        """The rows of a span of days."""


class WholeTable(LongTable):
    """A long table that is in memory."""

    def __init__(self, rows: pl.DataFrame, dated_by: str) -> None:
        self._rows, self._dated_by = rows, dated_by
        dated = rows.filter(pl.col(dated_by).is_not_null())
        super().__init__(day_sums(with_hashes(dated, rows.columns), dated_by))

    def rows(self, first: dt.date, last: dt.date) -> pl.DataFrame:
        """The rows of a span of days."""
        return self._rows.filter(pl.col(self._dated_by).is_between(first, last))


class PartedTable(LongTable):
    """A long table in parts, each fetched when a span of days needs it."""

    def __init__(self, table: Table, days: Mapping[int, pl.DataFrame], fetch: Callable[[int], pl.DataFrame]) -> None:
        self._table, self._fetch = table, fetch
        dated = {number: frame for number, frame in days.items() if frame.height}
        super().__init__(pl.concat(dated.values() or days.values()))
        self._spans = {number: (frame[DAY][0], frame[DAY][-1]) for number, frame in dated.items()}
        self._open: dict[int, pl.DataFrame] = {}
        self.fetched: set[int] = set()

    def rows(self, first: dt.date, last: dt.date) -> pl.DataFrame:
        """The rows of a span of days, in an order that does not depend on the parts."""
        # Spans are asked for in ascending order: a part that ends before one is let go.
        dated_by = str(self._table.dated_by)
        wanted = [number for number, (start, end) in self._spans.items() if start <= last and end >= first]
        self._open = {number: rows for number, rows in self._open.items() if number in wanted}
        for number in wanted:
            if number not in self._open:
                self._open[number] = self._table.in_order(self._fetch(number))
                self.fetched.add(number)
        spans = [self._open[number].filter(pl.col(dated_by).is_between(first, last)) for number in wanted]
        if len(spans) == 1:
            return spans[0]
        return self._table.in_order(pl.concat([pl.DataFrame(schema=self._table.schema), *spans]))
