"""One long table: which of its parts must be read, and the summary of every part afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

import polars as pl

from segment.exceptions import SegmentError, SourceError
from segment.ledger.contents import Content
from segment.ledger.day_sums import DAY, SCHEMA
from segment.ledger.faults import Fault
from segment.ledger.increments.keys import partners, repeated, share
from segment.ledger.increments.long_table import PartedTable
from segment.ledger.increments.parents import EARLY, LATE, PARENT, changed
from segment.ledger.increments.part_check import NONE_BROKEN, PartFacts, check_part, facts_of, judge_keys, place_of
from segment.ledger.increments.summary import DAYS, PartSummary, SummaryStore
from segment.ledger.parsing import ROW
from segment.ledger.parts import MOST_ROWS, READ_ERRORS, TableInput
from segment.ledger.reading import Cells, faults_of_cells, faults_of_schemas, name_broken_part, read_days, read_rows
from segment.ledger.rules import RuleContext

_TOGETHER = 16
"""Parts whose parents are put together at a time."""


class LongCheck:
    """A long table of which some parts were checked before."""

    # Call `begin`, which says when the last row is dated, then `check_rows`; or `read`, which finds table-level faults
    # and nothing else. A part is a file, or a chunk of a long one. Memory holds one part at a time; `MOST_ROWS` rows
    # stay in it from one step to the next. A part is read once, and again where it shares a key with another.

    def __init__(
        self,
        source: TableInput,
        contents: tuple[Content, ...],
        stored: Mapping[str, PartSummary],
        as_of: dt.date,
        store: SummaryStore,
    ) -> None:
        self.source, self.table, self.as_of, self._store = source, source.table, as_of, store
        self.contents = tuple(chunk for content in contents for chunk in _chunks(content))
        self._parts = [replace(source, parts=(content.part,)) for content in self.contents]
        self._summaries = _still_valid(self.contents, stored, as_of)
        self._facts: dict[int, PartFacts] = {}
        self._held: dict[int, pl.DataFrame] = {}
        self._checked: dict[int, PartSummary] = {}  # what the rules found, but for those of keys
        self._terms: tuple[RuleContext, pl.DataFrame] | None = None  # by which rows are judged, once they are known
        self._outside: dict[int, dict[str, int]] = {}  # of those parts, the rows outside their parents' lives
        self._last_days: list[dt.date] = []
        self.parts_read = 0
        self.cells: dict[str, Cells] = {}
        self.early = self.late = 0

    @property
    def summaries(self) -> list[PartSummary]:
        """Of each part, in the order of the parts."""
        return [self._summaries[number] for number in sorted(self._summaries)]

    @property
    def _known(self) -> list[PartFacts | PartSummary]:
        """Parts that were read now, and those that were read before."""
        return [*self._facts.values(), *self.summaries]

    @property
    def days(self) -> pl.Series:
        """Days that have a clean row."""
        return pl.concat([pl.Series(DAY, [], pl.Date), *(summary.frames[DAYS][DAY] for summary in self.summaries)])

    @property
    def parents(self) -> pl.Series:
        """Hashes of the parents that clean rows name."""
        named = pl.Series(PARENT, [], pl.UInt64)
        each = (summary.frames["seen"].drop_nulls("first_on")[PARENT] for summary in self.summaries)
        while some := list(islice(each, _TOGETHER)):
            named = pl.concat([named, *some]).unique()
        return named

    @property
    def last_on(self) -> dt.date | None:
        """Date of the last row of all that was read now or before, bad and later rows included."""
        known = [summary.last_on for summary in self.summaries if summary.last_on is not None]
        return max((*known, *self._last_days), default=None)

    def begin(self) -> list[Fault]:
        """Look for what is wrong with a table before its rows are read, and when those of new parts are dated."""
        faults = faults_of_schemas(self.source)
        if faults or not self.source.parts:
            return faults
        try:
            lasts = [read_days(self._parts[number]).max() for number in self._new_parts()]
        except READ_ERRORS:
            return [name_broken_part(self.source)]
        self._last_days = [last for last in lasts if isinstance(last, dt.date)]
        return []

    def read(self) -> list[Fault]:
        """Read the parts that are new or changed, and look for what is wrong with the table as a whole."""
        faults = faults_of_schemas(self.source)
        if faults or not self.source.parts:
            return faults
        try:
            self._read(self._new_parts())
        except READ_ERRORS:
            return [name_broken_part(self.source)]
        for part in self._known:
            self.cells = {name: self.cells.get(name, Cells(0, 0)) + source for name, source in part.cells.items()}
        return faults_of_cells(self.table, self.cells, sum(part.rows for part in self._known))

    def check_rows(self, context: RuleContext, standing: pl.DataFrame) -> list[Fault]:
        """Ask the rules of every row whose verdict may be new; where the table as a whole is wrong, say so and stop."""
        self._terms = context, standing
        faults = self.read()
        if faults:
            return faults
        self._read_again(self._naming_changed_parents(standing))
        self._read_again_sharing_keys()
        keys = {number: facts.keys for number, facts in self._facts.items()}
        shared = repeated(keys)
        sharing, broken = partners(keys, shared), {}
        if len(shared):
            concerned = sorted(number for number in keys if share(shared, keys[number]))
            parts = ((number, self._rows(number)) for number in concerned)
            broken = judge_keys(self.table, parts, shared, context)
        del keys
        self.parts_read = len(self._facts)
        for number in sorted(self._facts):
            facts, wrong = self._facts.pop(number), broken.get(number, NONE_BROKEN)
            if number not in self._checked or len(wrong):
                self._checked[number] = self._check_part(
                    number, self._parts[number], self._rows(number), facts, wrong, context, standing
                )
            summary = self._checked[number]
            others = tuple(place_of(self._parts[other]) for other in sharing.get(number, ()))
            self._summaries[number] = replace(summary, sha256=self.contents[number].sha256, partners=others)
            self.contents[number].require_still()
        self._count_outside(standing)
        return []

    def long_table(self) -> PartedTable:
        """The clean rows; those of parts that are not in memory are fetched when they are asked for."""
        days = {number: summary.frames[DAYS] for number, summary in self._summaries.items()}
        days = days or {0: pl.DataFrame(schema=SCHEMA)}
        return PartedTable(self.table, days, self._fetch)

    def _new_parts(self) -> list[int]:
        return [number for number in range(len(self._parts)) if number not in self._summaries]

    def _read(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            source = self._parts[number].in_memory()
            rows = read_rows(source).with_row_index(ROW)
            facts = self._facts[number] = facts_of(self.table, rows, self.as_of)
            if sum(map(len, self._held.values())) + len(rows) <= MOST_ROWS:
                self._held[number] = rows
            # of a part that looks wrong as a whole no row is judged before all parts were looked at
            if self._terms and not faults_of_cells(self.table, facts.cells, facts.rows):
                self._checked[number] = self._check_part(number, source, rows, facts, NONE_BROKEN, *self._terms)

    def _check_part(
        self,
        number: int,
        source: TableInput,
        rows: pl.DataFrame,
        facts: PartFacts,
        broken: pl.DataFrame,
        context: RuleContext,
        standing: pl.DataFrame,
    ) -> PartSummary:
        """Ask the rules of a part's rows; `source`: Where they came from; `broken`: Rows that break a rule of keys."""
        clean, summary = check_part(source, rows, facts, broken, context, standing, self.as_of)
        if number in self._held:
            self._held[number] = clean
        self._outside[number] = summary.frames["seen"].select(pl.col(EARLY, LATE).sum()).row(0, named=True)
        summary.frames.store_in(self._store)
        return summary

    def _rows(self, number: int) -> pl.DataFrame:
        """The rows of a part that was read already."""
        if number in self._held and number not in self._checked:
            return self._held[number]
        try:
            return read_rows(self._parts[number]).with_row_index(ROW)
        except READ_ERRORS:
            raise self._unreadable() from None

    def _read_again(self, numbers: Collection[int]) -> None:
        """Read parts again whose bytes are as before but whose verdicts may not be."""
        try:
            self._read(numbers)
        except READ_ERRORS:
            raise self._unreadable() from None
        for number in numbers:
            del self._summaries[number]

    def _parents(self, standing: pl.DataFrame) -> Iterator[dict[str, int]]:
        """What `changed` says of each part that has a summary of before."""
        for number, summary in sorted(self._summaries.items()):
            if number in self._checked:
                continue
            listed = summary.frames["seen"].with_columns(part=pl.lit(number, pl.Int64))
            yield from changed(self.table, listed, standing).iter_rows(named=True)

    def _naming_changed_parents(self, standing: pl.DataFrame) -> list[int]:
        return [parents["part"] for parents in self._parents(standing) if parents["stale"]]

    def _count_outside(self, standing: pl.DataFrame) -> None:
        for parents in (*self._parents(standing), *self._outside.values()):
            self.early += parents[EARLY]
            self.late += parents[LATE]

    def _read_again_sharing_keys(self) -> None:
        """Read parts until none that is left shares a key with one to be checked."""
        seen: set[int] = set()
        while new := self._facts.keys() - seen:
            seen |= new
            read = {place_of(self._parts[number]) for number in new}
            self._read_again(
                [
                    number
                    for number, summary in sorted(self._summaries.items())
                    if read & set(summary.partners) or self._shares(new, summary)
                ]
            )

    def _shares(self, numbers: Iterable[int], summary: PartSummary) -> bool:
        theirs = summary.frames["keys"]["key"].to_numpy()
        return any(share(self._facts[number].keys, theirs) for number in numbers)

    def _fetch(self, number: int) -> pl.DataFrame:
        if number in self._held:
            return self._held.pop(number)  # in memory once; who asks again has it read again
        rows = self._rows(number)
        self.contents[number].require_still()
        bad = self._summaries[number].frames["bad"][ROW]
        good = rows.filter(~pl.col(ROW).is_in(bad.implode()) & self.table.visible_on(self.as_of))
        return good.select(self.table.schema.names())

    def _unreadable(self) -> SegmentError:
        return SourceError.of("errors.table_unreadable_now", table=self.table.name)


def _chunks(content: Content) -> Iterator[Content]:
    return (replace(content, part=part) for part in content.part.chunks())


def _still_valid(
    contents: tuple[Content, ...], stored: Mapping[str, PartSummary], as_of: dt.date
) -> dict[int, PartSummary]:
    """Summaries of parts whose bytes and partners are the same, and of which the day sees the same rows."""
    same = {
        content.name for content in contents if content.name in stored and stored[content.name].sha256 == content.sha256
    }
    return {
        number: stored[content.name]
        for number, content in enumerate(contents)
        if content.name in same
        and same.issuperset(stored[content.name].partners)
        and stored[content.name].holds_as_of(as_of)
    }
