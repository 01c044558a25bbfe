"""Snapshots as the workspace holds them, and what they are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import polars as pl

from segment.exceptions import HistoryError
from segment.warehouse.reference_tables import managers_by_branch, read_reference, with_circumstances
from segment.workspace import Workspace

ROWS_A_PART = 50_000


@dataclass(frozen=True)
class StoredPart:
    """Some thousand customers of a stored snapshot."""

    path: Path
    start: int
    rows: int

    def read(self) -> pl.DataFrame:
        """Read them, as they are stored."""
        return self.of(pl.scan_parquet(self.path, glob=False))

    def of(self, stored: pl.LazyFrame) -> pl.DataFrame:
        """Take them from the snapshot."""
        return stored.slice(self.start, self.rows).collect()


@dataclass(frozen=True)
class CustomerSnapshot:
    """The customers of a date, who may be more than memory holds."""

    path: Path
    circumstances: Callable[[pl.DataFrame], pl.DataFrame]  # Adds `deceased` and `household_id`
    managers: dict[str, int]  # Relationship managers by branch

    @cached_property
    def stored(self) -> pl.LazyFrame:
        """Customers as they are stored, without circumstances."""
        return pl.scan_parquet(self.path, glob=False)

    @property
    def height(self) -> int:
        """Number of customers."""
        return int(self.stored.select(pl.len()).collect().item())

    @property
    def rows(self) -> pl.DataFrame:
        """All customers, with all that is known of them."""
        return self.circumstances(self.stored.collect())

    def parts(self) -> Iterator[pl.DataFrame]:
        """Customers, some thousand at a time."""
        for part in self.stored_parts():
            yield self.circumstances(part.of(self.stored))

    def stored_parts(self) -> list[StoredPart]:
        """Name the parts, for other machines too."""
        starts = range(0, max(1, self.height), ROWS_A_PART)
        return [StoredPart(self.path.resolve(), start, ROWS_A_PART) for start in starts]


@dataclass(frozen=True)
class SnapshotSource:
    """A reader of customer months, which are more than memory holds: snapshots take them bucket by bucket."""

    tables: Mapping[str, pl.DataFrame]  # Small tables of the ledger
    customer_months: Path

    @classmethod
    def read(cls, workspace: Workspace) -> SnapshotSource:
        """Read the small tables of a workspace."""
        return cls(read_reference(workspace), workspace.customer_months)


def snapshot_dates(folder: Path) -> list[dt.date]:
    """Dates of the stored snapshots."""
    return [dt.date.fromisoformat(path.stem) for path in folder.glob("[0-9]*.parquet")]


def read_snapshot(workspace: Workspace, as_of: dt.date) -> CustomerSnapshot:
    """Read the snapshot of a date, and what the small tables add to it."""
    tables = read_reference(workspace)
    added = partial(with_circumstances, tables=tables, as_of=as_of)
    return CustomerSnapshot(workspace.snapshot(as_of), added, managers_by_branch(tables["relationship_managers"]))


def read_newest_snapshot(workspace: Workspace) -> CustomerSnapshot:
    """Read the newest snapshot."""
    dates = snapshot_dates(workspace.snapshots)
    if not dates:
        raise HistoryError.of("errors.none_extracted")
    return read_snapshot(workspace, max(dates))
