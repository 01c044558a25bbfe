"""A person's rows in the workspace's files: taken out, and everybody else's measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from segment.files import files_below, repr_hash, write_parquet
from segment.jobs.rights.search_workspace import LEAST_DISTINCTIVE, NAMING
from segment.store.tombstones import ACCOUNT, Erased
from segment.warehouse.household_sums import HOUSEHOLD, sums_without
from segment.warehouse.version_history import data_files, files_by_version


@dataclass(frozen=True)
class Person:
    """Whose rows are meant, in every shape that files have."""

    customer_id: str  # Who
    subject: str  # Keyed hash, which stands for the id
    erased: Erased  # Tombstones, which know the accounts that the person alone holds

    def without(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Drop the person's rows; where another's row bears the id, as a household's name does, put another there."""
        if "customer_id" in frame.columns:
            named = pl.col("customer_id").cast(pl.String).str.strip_chars()
            if HOUSEHOLD in frame.columns:
                frame = frame.with_columns(sums_without(frame, self.customer_id))
            frame = frame.filter(named.ne_missing(self.customer_id))
        if ACCOUNT in frame.columns:
            frame = self.erased.leave_out(frame)
        texts = [name for name, dtype in frame.schema.items() if dtype == pl.String and self._is_of_persons(name)]
        naming = [name for name in texts if self.customer_id in set(frame[name].drop_nulls().unique())]
        return frame.with_columns(pl.col(name).replace(self.customer_id, self.subject[:16]) for name in naming)

    def others(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Everybody else's rows: without the person's, and without decisions that have lost the person's name."""
        rest = self.without(frame)
        return rest.filter(pl.col("customer_id") != self.subject) if "customer_id" in rest.columns else rest

    def _is_of_persons(self, column: str) -> bool:
        return column in NAMING or len(self.customer_id) >= LEAST_DISTINCTIVE


@dataclass(frozen=True)
class Measured:
    """What the workspace's tables hold, the person apart."""

    own: dict[str, int]  # The person's rows, by file
    others: dict[str, str]  # Hash of all other rows, by file
    versions: dict[str, str]  # Hash of all other rows of each version of the published tiers


def _files(root: Path, apart: tuple[Path, ...]) -> list[Path]:
    """List the Parquet files of rows, those of some folders apart."""
    tables = (path for path in files_below(root) if path.suffix == ".parquet")
    return [path for path in tables if not any(path.is_relative_to(part) for part in apart)]


def measure(
    person: Person, root: Path, tiers: Path, apart: tuple[Path, ...], stored: Mapping[str, pl.DataFrame]
) -> Measured:
    """Count the person's rows and hash all others, in files and in the store's tables.

    `apart`: Folders whose files are not measured one by one.
    """
    own: dict[str, int] = {}
    others: dict[str, str] = {}
    files = ((path.relative_to(root).as_posix(), pl.read_parquet(path, glob=False)) for path in _files(root, apart))
    for place, frame in (*files, *stored.items()):
        rest = person.others(frame)
        own[place], others[place] = frame.height - rest.height, hash_of(rest)
    of_file: dict[str, str] = {}
    for path in data_files(tiers):
        frame = pl.read_parquet(path, hive_partitioning=False, glob=False)
        rest = person.without(frame)
        place = path.relative_to(tiers).as_posix()
        of_file[place] = hash_of(rest)
        own["tiers"] = own.get("tiers", 0) + frame.height - rest.height
    versions = {
        str(version): repr_hash(sorted(of_file[place] for place in places))
        for version, places in files_by_version(tiers).items()
    }
    return Measured(own, others, versions)


def hash_of(frame: pl.DataFrame) -> str:
    """Hash a frame's columns and rows, whatever the order of the rows."""
    sums = [int(np.add.reduce(frame.hash_rows(seed).to_numpy(), dtype=np.uint64)) for seed in (1, 2)]
    return repr_hash((list(frame.schema.items()), frame.height, sums))


def take_out(person: Person, root: Path, apart: tuple[Path, ...]) -> None:
    """Write every Parquet file anew that holds the person."""
    for path in _files(root, apart):
        frame = pl.read_parquet(path, glob=False)
        rest = person.without(frame)
        if not rest.equals(frame):
            _write(rest, path)


def clear_parts(person: Person, ledger_parts: Path) -> None:
    """Forget what was learned of the ledger's parts, where rows that were set aside name the person."""
    frames = [pl.read_parquet(path, glob=False) for path in ledger_parts.rglob("*.parquet")]
    if all(person.without(frame).equals(frame) for frame in frames):
        return
    # catalogues first: frames that none names are left-overs
    for pattern in ("*.json", "frames/*"):
        for path in ledger_parts.glob(pattern):
            path.unlink(missing_ok=True)


def _write(frame: pl.DataFrame, path: Path) -> None:
    """As it was written: months in groups of rows that a bucket of customers is read by."""
    metadata = pq.ParquetFile(path).metadata
    group = max(metadata.row_group(0).num_rows, 1) if metadata.num_row_groups else None
    write_parquet(frame, path, row_group_size=group)
