"""One long table: which of its parts must be read, and what is known of every part afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from segment.exceptions import SegmentError, SourceError
from segment.ledger.contents import Content
from segment.ledger.day_sums import DAY, SCHEMA
from segment.ledger.faults import Fault
from segment.ledger.increments.judged import judge_parts, known_on, place_of
from segment.ledger.increments.keys import Hashes, hashes_of, share
from segment.ledger.increments.long_table import PartedTable
from segment.ledger.increments.parents import EARLY, LATE, changed
from segment.ledger.increments.summary import PartSummary
from segment.ledger.parsing import ROW
from segment.ledger.parts import READ_ERRORS, TableInput
from segment.ledger.reading import Cells, count_cells, faults_of_cells, faults_of_schemas, name_broken_part, read_rows
from segment.ledger.rules import Known


class LongCheck:
    """A long table of which some parts were judged before.

    Call `read`, which finds table-level faults, then `judge`.

    Parameters
    ----------
    found : TableInput
        The table as its source holds it.
    contents : tuple of Content or None
        Of its files; None where the source is no folder, so that every part is read.
    remembered : mapping of str to PartSummary
        What was learned before, by place.
    as_of : datetime.date
        The day whose knowledge is asked for.

    Attributes
    ----------
    early, late : int
        After `judge`: clean rows dated before the life of what they name, and after it.
    """

    def __init__(
        self,
        found: TableInput,
        contents: tuple[Content, ...] | None,
        remembered: Mapping[str, PartSummary],
        as_of: dt.date,
    ) -> None:
        self.found, self.table, self.contents, self.as_of = found, found.table, contents, as_of
        self._parts = [found] if contents is None else [replace(found, parts=(part,)) for part in found.parts]
        self._summaries = _still_right(contents, remembered, as_of)
        self._typed: dict[int, pl.DataFrame] = {}
        self._kept: dict[int, pl.DataFrame] = {}
        self._judged = 0
        self.early = self.late = 0

    @property
    def summaries(self) -> list[PartSummary]:
        """What is known of each part, in the order of the parts."""
        return [self._summaries[number] for number in sorted(self._summaries)]

    @property
    def days(self) -> pl.Series:
        """Days that have a clean row."""
        return pl.concat([pl.Series(DAY, [], pl.Date), *(one.frames["days"][DAY] for one in self.summaries)])

    @property
    def parts_read(self) -> int:
        """How many parts' rows were judged now."""
        return self._judged

    def read(self) -> list[Fault]:
        """Read the parts that are new or changed, and look for what is wrong with the table as a whole."""
        faults = faults_of_schemas(self.found)
        if faults or not self.found.parts:
            return faults
        try:
            self._read(number for number in range(len(self._parts)) if number not in self._summaries)
        except READ_ERRORS:
            return [name_broken_part(self.found)]
        cells: dict[str, Cells] = {}
        counted = [count_cells(self.table, rows) for rows in self._typed.values()]
        for one in (*counted, *(summary.cells for summary in self.summaries)):
            cells = {name: cells.get(name, Cells(0, 0)) + found for name, found in one.items()}
        height = sum(len(rows) for rows in self._typed.values()) + sum(one.rows for one in self.summaries)
        return faults_of_cells(self.table, cells, height)

    def judge(self, known: Known, standing: pl.DataFrame) -> None:
        """Ask the rules of every row whose verdict may be new.

        Parameters
        ----------
        known : Known
            Ids of the tables that this one names.
        standing : polars.DataFrame
            The same as `standing_of` returns it.

        Raises
        ------
        SourceError
            Where a file is gone, or was written to since it was hashed.
        """
        self._doubt(self._of_changed_parents(standing))
        keys = self._doubt_those_that_share_keys()
        if self._typed:
            for number, kept, summary in judge_parts(
                self.table, self._parts, self._typed, keys, known, standing, self.as_of
            ):
                self._kept[number] = kept
                sha256 = "" if self.contents is None else self.contents[number].sha256
                self._summaries[number] = replace(summary, sha256=sha256)
                self._require_still(number)
            self._judged = len(self._typed)
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

    def _doubt(self, numbers: Iterable[int]) -> None:
        """Read parts again whose bytes are as before but whose verdicts may not be."""
        doubted = list(numbers)
        try:
            self._read(doubted)
        except READ_ERRORS:
            raise self._unreadable() from None
        for number in doubted:
            del self._summaries[number]

    def _listed(self) -> pl.DataFrame:
        frames = [
            summary.frames["seen"].with_columns(part=pl.lit(number, pl.Int64))
            for number, summary in self._summaries.items()
        ]
        return pl.concat(frames) if frames else pl.DataFrame()

    def _of_changed_parents(self, standing: pl.DataFrame) -> list[int]:
        listed = self._listed()
        if listed.is_empty():
            return []
        return changed(self.table, listed, standing).filter("stale")["part"].sort().to_list()

    def _count_outside(self, standing: pl.DataFrame) -> None:
        listed = self._listed()
        if not listed.is_empty():
            counted = changed(self.table, listed, standing)
            self.early, self.late = int(counted[EARLY].sum()), int(counted[LATE].sum())

    def _doubt_those_that_share_keys(self) -> dict[int, Hashes]:
        """Read parts until none that is left shares a key with one that is judged; return the keys of the latter."""
        keys: dict[int, Hashes] = {}
        while new := self._typed.keys() - keys.keys():
            for number in new:
                keys[number] = hashes_of(self.table, self._typed[number].filter(known_on(self.table, self.as_of)))
            read = {place_of(self._parts[number]) for number in new}
            self._doubt(
                [
                    number
                    for number, summary in sorted(self._summaries.items())
                    if read & set(summary.partners)
                    or any(share(keys[one], summary.frames["keys"]["key"].to_numpy()) for one in new)
                ]
            )
        return keys

    def _fetch(self, number: int) -> pl.DataFrame:
        if number in self._kept:
            return self._kept.pop(number)  # held once; who asks again has it read again
        try:
            rows = read_rows(self._parts[number])
        except READ_ERRORS:
            raise self._unreadable() from None
        self._require_still(number)
        bad = self._summaries[number].frames["bad"][ROW]
        good = rows.with_row_index(ROW).filter(~pl.col(ROW).is_in(bad.implode()) & known_on(self.table, self.as_of))
        return good.select(self.table.schema.names())

    def _unreadable(self) -> SegmentError:
        return SourceError.with_hint(
            f"The files of table `{self.table.name}` must be as readable as they were. One cannot be read now.",
            "check that the ledger's folder is still there and its disk sound, and run again",
        )

    def _require_still(self, number: int) -> None:
        if self.contents is not None:
            self.contents[number].require_still()


def _still_right(
    contents: tuple[Content, ...] | None, remembered: Mapping[str, PartSummary], as_of: dt.date
) -> dict[int, PartSummary]:
    """What was learned of parts whose bytes and partners are the same, and of which the day sees the same rows."""
    if contents is None:
        return {}
    same = {
        content.name
        for content in contents
        if content.name in remembered and remembered[content.name].sha256 == content.sha256
    }
    return {
        number: remembered[content.name]
        for number, content in enumerate(contents)
        if content.name in same
        and same.issuperset(remembered[content.name].partners)
        and remembered[content.name].holds_as_of(as_of)
    }
