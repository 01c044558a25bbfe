"""One long table: which of its parts must be read, and the summary of every part afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import polars as pl

from segment.exceptions import SegmentError, SourceError
from segment.ledger.contents import Content
from segment.ledger.day_sums import DAY, SCHEMA
from segment.ledger.faults import Fault
from segment.ledger.increments.keys import Hashes, hashes_of, share
from segment.ledger.increments.long_table import PartedTable
from segment.ledger.increments.parents import EARLY, LATE, PARENT, changed, span_of
from segment.ledger.increments.part_check import check_parts, place_of
from segment.ledger.increments.summary import PartSummary
from segment.ledger.parsing import ROW
from segment.ledger.parts import READ_ERRORS, TableInput
from segment.ledger.reading import Cells, count_cells, faults_of_cells, faults_of_schemas, name_broken_part, read_rows
from segment.ledger.rules import RuleContext


class LongCheck:
    """A long table of which some parts were checked before."""

    # Call `read`, which finds table-level faults, then `check_rows`.

    def __init__(
        self,
        source: TableInput,
        contents: tuple[Content, ...] | None,
        stored: Mapping[str, PartSummary],
        as_of: dt.date,
    ) -> None:
        self.source, self.table, self.contents, self.as_of = source, source.table, contents, as_of
        self._parts = [source] if contents is None else [replace(source, parts=(part,)) for part in source.parts]
        self._summaries = _still_valid(contents, stored, as_of)
        self._typed: dict[int, pl.DataFrame] = {}
        self._clean: dict[int, pl.DataFrame] = {}
        self.parts_read = 0
        self.cells: dict[str, Cells] = {}
        self.early = self.late = 0

    @property
    def summaries(self) -> list[PartSummary]:
        """Of each part, in the order of the parts."""
        return [self._summaries[number] for number in sorted(self._summaries)]

    @property
    def days(self) -> pl.Series:
        """Days that have a clean row."""
        return pl.concat([pl.Series(DAY, [], pl.Date), *(summary.frames["days"][DAY] for summary in self.summaries)])

    @property
    def parents(self) -> pl.Series:
        """Hashes of the parents that clean rows name."""
        seen = [summary.frames["seen"].drop_nulls("first_on")[PARENT] for summary in self.summaries]
        return pl.concat([pl.Series(PARENT, [], pl.UInt64), *seen]).unique()

    @property
    def last_on(self) -> dt.date | None:
        """Date of the last row of all that was read now or before, bad and later rows included."""
        now = [span_of(rows, str(self.table.dated_by))[1] for rows in self._typed.values()]
        return max((day for day in (*now, *(part.last_on for part in self.summaries)) if day is not None), default=None)

    def read(self) -> list[Fault]:
        """Read the parts that are new or changed, and look for what is wrong with the table as a whole."""
        faults = faults_of_schemas(self.source)
        if faults or not self.source.parts:
            return faults
        try:
            self._read(number for number in range(len(self._parts)) if number not in self._summaries)
        except READ_ERRORS:
            return [name_broken_part(self.source)]
        counted = [count_cells(self.table, rows) for rows in self._typed.values()]
        for counts in (*counted, *(summary.cells for summary in self.summaries)):
            self.cells = {name: self.cells.get(name, Cells(0, 0)) + source for name, source in counts.items()}
        height = sum(len(rows) for rows in self._typed.values()) + sum(summary.rows for summary in self.summaries)
        return faults_of_cells(self.table, self.cells, height)

    def check_rows(self, context: RuleContext, standing: pl.DataFrame) -> None:
        """Ask the rules of every row whose verdict may be new."""
        self._reread(self._naming_changed_parents(standing))
        keys = self._reread_sharing_keys()
        if self._typed:
            for number, clean, summary in check_parts(
                self.table, self._parts, self._typed, keys, context, standing, self.as_of
            ):
                self._clean[number] = clean
                sha256 = "" if self.contents is None else self.contents[number].sha256
                self._summaries[number] = replace(summary, sha256=sha256)
                self._require_still(number)
            self.parts_read = len(self._typed)
            self._typed.clear()
        self._count_outside(standing)

    def long_table(self) -> PartedTable:
        """The clean rows; those of parts that were not read are fetched when they are asked for."""
        days = {number: summary.frames["days"] for number, summary in self._summaries.items()}
        days = days or {0: pl.DataFrame(schema=SCHEMA)}
        return PartedTable(self.table, days, self._fetch)

    def _read(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._typed[number] = read_rows(self._parts[number])

    def _reread(self, numbers: Collection[int]) -> None:
        """Read parts again whose bytes are as before but whose verdicts may not be."""
        try:
            self._read(numbers)
        except READ_ERRORS:
            raise self._unreadable() from None
        for number in numbers:
            del self._summaries[number]

    def _parents(self, standing: pl.DataFrame) -> pl.DataFrame | None:
        """What `changed` says of the parts that have a summary; None where no row names a parent."""
        frames = [
            summary.frames["seen"].with_columns(part=pl.lit(number, pl.Int64))
            for number, summary in self._summaries.items()
        ]
        seen = pl.concat(frames) if frames else pl.DataFrame()
        return None if seen.is_empty() else changed(self.table, seen, standing)

    def _naming_changed_parents(self, standing: pl.DataFrame) -> list[int]:
        parents = self._parents(standing)
        return [] if parents is None else parents.filter("stale")["part"].sort().to_list()

    def _count_outside(self, standing: pl.DataFrame) -> None:
        parents = self._parents(standing)
        if parents is not None:
            self.early, self.late = int(parents[EARLY].sum()), int(parents[LATE].sum())

    def _reread_sharing_keys(self) -> dict[int, Hashes]:
        """Read parts until none that is left shares a key with one to be checked; return the keys of the latter."""
        keys: dict[int, Hashes] = {}
        while new := self._typed.keys() - keys.keys():
            for number in new:
                keys[number] = hashes_of(self.table, self._typed[number].filter(self.table.visible_on(self.as_of)))
            read = {place_of(self._parts[number]) for number in new}
            self._reread(
                [
                    number
                    for number, summary in sorted(self._summaries.items())
                    if read & set(summary.partners)
                    or any(share(keys[other], summary.frames["keys"]["key"].to_numpy()) for other in new)
                ]
            )
        return keys

    def _fetch(self, number: int) -> pl.DataFrame:
        if number in self._clean:
            return self._clean.pop(number)  # in memory once; who asks again has it read again
        try:
            rows = read_rows(self._parts[number])
        except READ_ERRORS:
            raise self._unreadable() from None
        self._require_still(number)
        bad = self._summaries[number].frames["bad"][ROW]
        good = rows.with_row_index(ROW).filter(~pl.col(ROW).is_in(bad.implode()) & self.table.visible_on(self.as_of))
        return good.select(self.table.schema.names())

    def _unreadable(self) -> SegmentError:
        return SourceError.with_hint(
            f"The files of table `{self.table.name}` must be as readable as they were. One cannot be read now.",
            "check that the ledger's folder is still there and its disk sound, and run again",
        )

    def _require_still(self, number: int) -> None:
        if self.contents is not None:
            self.contents[number].require_still()


def _still_valid(
    contents: tuple[Content, ...] | None, stored: Mapping[str, PartSummary], as_of: dt.date
) -> dict[int, PartSummary]:
    """Summaries of parts whose bytes and partners are the same, and of which the day sees the same rows."""
    if contents is None:
        return {}
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
