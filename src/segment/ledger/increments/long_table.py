"""A long table whose rows are fetched by span of days, and what a span holds without fetching it."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import polars as pl

from segment.dates import month_end
from segment.ledger.day_sums import DAY, ROWS, day_sums, digest, with_hashes
from segment.ledger.parts import MOST_ROWS
from segment.ledger.schema import PLACE, Table

Made: TypeAlias = Callable[[pl.DataFrame], pl.DataFrame]
_MONTH = "__month"
_SCATTERED = 4
"""Times the rows of a span that the parts which hold them may hold: over that, they are laid out by month once."""


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
    def rows(
        self, first: dt.date, last: dt.date, where: pl.Expr | None = None, made: Made | None = None
    ) -> pl.DataFrame:
        """The rows of a span of days; `where`: Those that are wanted; `made`: What becomes of them part by part."""


class WholeTable(LongTable):
    """A long table that is in memory."""

    def __init__(self, rows: pl.DataFrame, dated_by: str) -> None:
        self._rows, self._dated_by = rows, dated_by
        dated = rows.filter(pl.col(dated_by).is_not_null())
        super().__init__(day_sums(with_hashes(dated, rows.columns), dated_by))

    def rows(
        self, first: dt.date, last: dt.date, where: pl.Expr | None = None, made: Made | None = None
    ) -> pl.DataFrame:
        """The rows of a span of days; `where`: Those of them that are wanted."""
        rows = self._rows.filter(_chosen(self._dated_by, first, last, where))
        return rows if made is None else made(rows)


class PartedTable(LongTable):
    """A long table in parts, each fetched when a span of days needs it."""

    def __init__(self, table: Table, days: Mapping[int, pl.DataFrame], fetch: Callable[[int], pl.DataFrame]) -> None:
        self._table, self._fetch = table, fetch
        dated = {number: frame for number, frame in days.items() if frame.height}
        super().__init__(pl.concat(dated.values() or days.values()))
        self._spans = {number: (frame[DAY][0], frame[DAY][-1]) for number, frame in dated.items()}
        self._heights = {number: int(frame[ROWS].sum()) for number, frame in dated.items()}
        self._open: dict[int, pl.DataFrame] = {}
        self._made: Made | None = None

    def rows(
        self, first: dt.date, last: dt.date, where: pl.Expr | None = None, made: Made | None = None
    ) -> pl.DataFrame:
        """The rows of a span of days, in an order that does not depend on the parts."""
        # Spans are asked for in ascending order: a part that ends before one is let go. What is held is what was made.
        if made != self._made:
            self._open, self._made = {}, made
        table, chosen = self._table, _chosen(str(self._table.dated_by), first, last, where)
        wanted = self._holding(first, last)
        needed = int(self._days.filter(pl.col(DAY).is_between(first, last))[ROWS].sum())
        if sum(self._heights[number] for number in wanted) > MOST_ROWS + _SCATTERED * needed:
            self._lay_out_by_month()
            wanted = self._holding(first, last)
        self._open = {number: rows for number, rows in self._open.items() if number in wanted}
        for number in wanted:
            if number not in self._open:
                self._open[number] = self._fetch(number) if made is None else made(table.placed(self._fetch(number)))
        spans = [self._open[number].filter(chosen) for number in wanted]
        if made is None:
            return table.in_one_order(pl.concat([pl.DataFrame(schema=table.schema), *spans]))
        return pl.concat([made(table.placed(pl.DataFrame(schema=table.schema))), *spans]).sort(PLACE).drop(PLACE)

    def _holding(self, first: dt.date, last: dt.date) -> list[int]:
        return [number for number, (start, end) in self._spans.items() if start <= last and end >= first]

    def _lay_out_by_month(self) -> None:
        """Write the rows of parts in any order out by month, so that nobody holds all parts for each of the months."""
        self._open.clear()
        root = Path(tempfile.mkdtemp(prefix="segment-"))
        weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)  # gone with the table, or with the process
        month = pl.col(str(self._table.dated_by)).dt.truncate("1mo")
        heights: dict[dt.date, int] = {}
        for number in self._spans:
            dated = self._fetch(number).with_columns(month.alias(_MONTH))
            for (first,), rows in dated.partition_by(_MONTH, as_dict=True, include_key=False).items():
                rows.write_parquet(root / f"{first}-{number}.parquet", compression="lz4")
                heights[first] = heights.get(first, 0) + len(rows)
        months = sorted(heights)
        self._spans = {number: (first, month_end(first)) for number, first in enumerate(months)}
        self._heights = {number: heights[first] for number, first in enumerate(months)}
        self._fetch = lambda number: pl.concat(
            [pl.read_parquet(file, glob=False) for file in sorted(root.glob(f"{months[number]}-*.parquet"))]
        )


def _chosen(dated_by: str, first: dt.date, last: dt.date, where: pl.Expr | None) -> pl.Expr:
    within = pl.col(dated_by).is_between(first, last)
    return within if where is None else within & where
