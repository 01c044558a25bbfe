"""A ledger as it was found: its tables, the hashes of its files, and its check by increments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from segment.jobs.hashes import code_hash
from segment.ledger import TABLES, TooManyBadRowsError, write_quarantine
from segment.ledger.contents import Content, contents_of, digest_of
from segment.ledger.increments import LONG, Increment, LostFrameError, check_increment
from segment.ledger.parts import Source, TableInput
from segment.ledger.quarantine import RULE
from segment.policy import Policy
from segment.warehouse import Workspace
from segment.warehouse.shelf import Shelf
from segment.warehouse.tombstones import Erased


@dataclass(frozen=True)
class Found:
    """Tables of a ledger and the hashes of their files.

    Parameters
    ----------
    location : str
        What to call it, without user and password.
    inputs : mapping of str to TableInput
        Every table as its source holds it.
    contents : mapping of str to tuple of Content or None
        Of its files; None in a database.
    """

    location: str
    inputs: Mapping[str, TableInput]
    contents: Mapping[str, tuple[Content, ...] | None]

    @classmethod
    def of(cls, source: Source) -> Found:
        """Find every table and hash its files."""
        inputs = {name: source.find(table) for name, table in TABLES.items()}
        return cls(source.description, inputs, {name: contents_of(found) for name, found in inputs.items()})

    def digest(self, terms: Iterable[str]) -> str | None:
        """Hash the ledger and all else that an extract depends on; None where only reading tells."""
        faults = any(found.faults for found in self.inputs.values())
        return None if faults else digest_of(self.contents, terms)

    def check(self, as_of: dt.date, workspace: Workspace, policy: Policy) -> Increment:
        """Check what is new, keep what was learned, and write the bad rows out.

        Parameters
        ----------
        as_of : datetime.date
            Rows dated after this day are left out.
        workspace : Workspace
            Keeps what was learned of parts; gets the quarantine.
        policy : Policy
            Names the products and the tolerated share.

        Returns
        -------
        Increment

        Raises
        ------
        LedgerError
            Where the ledger cannot be used; bad rows are in quarantine then too.
        """
        erased = Erased.of(workspace)
        shelf = Shelf(workspace.ledger_parts, erased.blank)
        try:
            try:
                ledger = self._check(as_of, shelf, policy)
            except LostFrameError:
                for table in LONG:
                    shelf.clear(table)
                ledger = self._check(as_of, shelf, policy)
        except TooManyBadRowsError as error:
            write_quarantine(_without(erased, error.quarantine), workspace.quarantine)
            raise
        write_quarantine(_without(erased, ledger.quarantine), workspace.quarantine)
        return ledger

    def _check(self, as_of: dt.date, shelf: Shelf, policy: Policy) -> Increment:
        return check_increment(
            self.inputs,
            self.contents,
            tuple(policy.products),
            policy.ledger.tolerated_bad_row_share,
            as_of,
            shelf,
            terms=code_hash(),
            location=self.location,
        )


def _without(erased: Erased, quarantine: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    if not len(erased):
        return dict(quarantine)
    # of parts that were judged before, the rows are there with empty cells
    told = pl.any_horizontal(pl.exclude(RULE).is_not_null())
    return {name: erased.leave_out(rows).filter(told) for name, rows in quarantine.items()}
