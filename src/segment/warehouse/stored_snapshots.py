"""Snapshots as the workspace holds them, and what they are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.exceptions import HistoryError
from segment.warehouse.reference_tables import managers_by_branch, read_reference, with_circumstances
from segment.workspace import Workspace


@dataclass(frozen=True)
class CustomerSnapshot:
    """The customers of a date."""

    rows: pl.DataFrame  # With `deceased` and `household_id`
    managers: dict[str, int]  # Relationship managers by branch


@dataclass(frozen=True)
class SnapshotSource:
    """A reader of customer months, which are more than memory holds: snapshots take them bucket by bucket."""

    tables: Mapping[str, pl.DataFrame]  # Small tables of the ledger
    customer_months: Path
    snapshots: Path | None  # Folder that receives the newest; None where nothing may be written

    @classmethod
    def read(cls, workspace: Workspace) -> SnapshotSource:
        """Read the small tables of a workspace."""
        snapshots = workspace.snapshots if workspace.writable else None
        return cls(read_reference(workspace), workspace.customer_months, snapshots)


def snapshot_dates(folder: Path) -> list[dt.date]:
    """Dates of the stored snapshots."""
    return [dt.date.fromisoformat(path.stem) for path in folder.glob("[0-9]*.parquet")]


def read_snapshot(workspace: Workspace, as_of: dt.date) -> CustomerSnapshot:
    """Read the snapshot of a date, and what the small tables add to it."""
    tables = read_reference(workspace)
    rows = with_circumstances(pl.read_parquet(workspace.snapshot(as_of), glob=False), tables, as_of)
    return CustomerSnapshot(rows, managers_by_branch(tables["relationship_managers"]))


def read_newest_snapshot(workspace: Workspace) -> CustomerSnapshot:
    """Read the newest snapshot."""
    dates = snapshot_dates(workspace.snapshots)
    if not dates:
        raise HistoryError.of("errors.none_extracted")
    return read_snapshot(workspace, max(dates))
