"""A long table whose rows are fetched by span of days, and what a span holds without fetching it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Protocol

import polars as pl

from segment.ledger.day_sums import DAY, day_sums, digest, with_hashes
from segment.ledger.ordering import in_order
from segment.ledger.schema import Table


class LongTable(Protocol):
    """Rows that are dated, asked for by span of days."""

    @property
    def first_on(self) -> dt.date | None:
        """The first day that has a row."""
        ...

    def digest(self, first: dt.date, last: dt.date) -> str:
        """Hash what a span of days holds."""
        ...

    def rows(self, first: dt.date, last: dt.date) -> pl.DataFrame:
        """The rows of a span of days."""
        ...


class WholeTable:
    """A long table that is in memory.

    Parameters
    ----------
    rows : polars.DataFrame
        All of it.
    dated_by : str
        Its column of days.

    Examples
    --------
    >>> table = WholeTable(pl.DataFrame({"on": [dt.date(2025, 6, 1), dt.date(2025, 7, 1)]}), "on")
    >>> table.first_on, table.rows(dt.date(2025, 6, 1), dt.date(2025, 6, 30)).height
    (datetime.date(2025, 6, 1), 1)
    """

    def __init__(self, rows: pl.DataFrame, dated_by: str) -> None:
        self._rows, self._dated_by = rows, dated_by
        dated = rows.filter(pl.col(dated_by).is_not_null())
        self._days = day_sums(with_hashes(dated, rows.columns), dated_by)

    @property
    def first_on(self) -> dt.date | None:
        """The first day that has a row."""
        return _first(self._days)

    def digest(self, first: dt.date, last: dt.date) -> str:
        """Hash what a span of days holds."""
        return digest(self._days, first, last)

    def rows(self, first: dt.date, last: dt.date) -> pl.DataFrame:
        """The rows of a span of days."""
        return self._rows.filter(pl.col(self._dated_by).is_between(first, last))


class PartedTable:
    """A long table in parts, each fetched when a span of days needs it.

    Parameters
    ----------
    table : Table
        What the contract says.
    days : mapping of int to polars.DataFrame
        Day sums by number of the part.
    fetch : callable
        From a part's number to its clean rows.
    """

    def __init__(self, table: Table, days: Mapping[int, pl.DataFrame], fetch: Callable[[int], pl.DataFrame]) -> None:
        self._table, self._fetch = table, fetch
        held = {number: frame for number, frame in days.items() if frame.height}
        self._spans = {number: (frame[DAY][0], frame[DAY][-1]) for number, frame in held.items()}
        self._days = pl.concat([*held.values(), *([] if held else days.values())])
        self._open: dict[int, pl.DataFrame] = {}
        self.fetched: set[int] = set()

    @property
    def first_on(self) -> dt.date | None:
        """The first day that has a row."""
        return _first(self._days)

    def digest(self, first: dt.date, last: dt.date) -> str:
        """Hash what a span of days holds."""
        return digest(self._days, first, last)

    def rows(self, first: dt.date, last: dt.date) -> pl.DataFrame:
        """The rows of a span of days, in an order that does not depend on the parts.

        Spans are asked for in ascending order: a part that ends before one is let go.
        """
        dated_by = str(self._table.dated_by)
        wanted = [number for number, (start, end) in self._spans.items() if start <= last and end >= first]
        self._open = {number: rows for number, rows in self._open.items() if number in wanted}
        for number in wanted:
            if number not in self._open:
                self._open[number] = in_order(self._table, self._fetch(number))
                self.fetched.add(number)
        found = [self._open[number].filter(pl.col(dated_by).is_between(first, last)) for number in wanted]
        if len(found) == 1:
            return found[0]
        return in_order(self._table, pl.concat([pl.DataFrame(schema=self._table.schema), *found]))


def _first(days: pl.DataFrame) -> dt.date | None:
    first = days[DAY].min()
    return first if isinstance(first, dt.date) else None
