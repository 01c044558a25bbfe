"""A ledger as its source holds it: its tables, the hashes of its files, and its check by increments."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from segment.files import repr_hash
from segment.jobs.build.hashes import code_hash
from segment.ledger import TABLES, TooManyBadRowsError, open_source, write_quarantine
from segment.ledger.check_report import CheckReport
from segment.ledger.contents import Content, contents_of, digest_of
from segment.ledger.faults import Fault
from segment.ledger.increments.increment_check import LONG, Increment, check_increment
from segment.ledger.increments.summary import LostFrameError
from segment.ledger.parts import Source, TableInput
from segment.ledger.quarantine import RULE
from segment.policy import Policy
from segment.store.tombstones import Erased
from segment.warehouse.frame_store import FrameStore


@dataclass(frozen=True)
class SourceLedger:
    """Tables of a ledger and the hashes of their files."""

    location: str  # What to call it, without user and password
    inputs: Mapping[str, TableInput]  # Every table as its source holds it
    contents: Mapping[str, tuple[Content, ...]]  # Of its files, or of slices of a database
    strays: tuple[Fault, ...]  # What lies beside them and is not read

    @classmethod
    def of(cls, source: Source) -> SourceLedger:
        """Find every table and hash its files."""
        inputs = {name: source.find(table) for name, table in TABLES.items()}
        return cls(
            source.description, inputs, {name: contents_of(table) for name, table in inputs.items()}, source.strays()
        )

    def digest(self, terms: Iterable[str]) -> str | None:
        """Hash the ledger and all else that an extract depends on; None where only reading tells."""
        faults = self.strays or any(table.faults for table in self.inputs.values())
        return None if faults else digest_of(self.contents, terms)

    def check(
        self, as_of: dt.date, policy: Policy, frame_store: FrameStore, quarantine: Path, erased: Erased
    ) -> Increment:
        """Check what is new, keep what was learned, and write the bad rows out."""
        try:
            try:
                ledger = self.checked(as_of, policy, frame_store)
            except LostFrameError:
                for table in LONG:
                    frame_store.remove_catalogue(table)
                ledger = self.checked(as_of, policy, frame_store)
        except TooManyBadRowsError as error:
            write_quarantine(_without(erased, error.quarantine), quarantine)
            raise
        write_quarantine(_without(erased, ledger.quarantine), quarantine)
        return ledger

    def checked(self, as_of: dt.date, policy: Policy, frame_store: FrameStore) -> Increment:
        """Check what is new and keep what was learned."""
        return check_increment(
            self.inputs,
            self.contents,
            tuple(policy.products),
            policy.ledger.tolerated_bad_row_share,
            as_of,
            frame_store,
            terms=repr_hash((code_hash(), policy.reading)),
            location=self.location,
            strays=self.strays,
        )


def check_report(location: str, policy: Policy) -> CheckReport:
    """Check a ledger and say what was found; memory holds a part of a long table at a time.

    Parameters
    ----------
    location : str
        A folder of tables or a database URL.
    policy : Policy
        Products, tolerated bad rows, and how the ledger is to be read.

    Returns
    -------
    CheckReport
        Counts, hashes, date ranges.

    Raises
    ------
    LedgerError
        Where the ledger cannot be used.
    """
    with (
        tempfile.TemporaryDirectory(prefix="segment-") as folder,
        open_source(location, reading=policy.reading) as source,
    ):
        try:
            report = SourceLedger.of(source).checked(dt.date.max, policy, FrameStore(Path(folder))).report
        except TooManyBadRowsError as error:
            error.report = replace(error.report, as_of=None)
            raise
    return replace(report, as_of=None)


def _without(erased: Erased, quarantine: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    if not len(erased):
        return dict(quarantine)
    # of parts that were judged before, the rows are there with empty cells
    named = pl.any_horizontal(pl.exclude(RULE).is_not_null())
    return {name: erased.leave_out(rows).filter(named) for name, rows in quarantine.items()}
