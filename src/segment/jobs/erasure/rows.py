"""A person's rows in the workspace's files: taken out, and everybody else's measured."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from segment.jobs.erasure.search import LEAST_DISTINCTIVE, NAMING
from segment.warehouse import Workspace, write_whole
from segment.warehouse.history import data_files, files_by_version
from segment.warehouse.tombstones import ACCOUNT, Erased, subject_key


@dataclass(frozen=True)
class Person:
    """Whose rows are meant, in every shape that files have.

    Parameters
    ----------
    customer_id : str
        Who.
    subject : str
        Keyed hash, which stands for the id.
    erased : Erased
        Tombstones, which know the accounts that the person alone holds.
    """

    customer_id: str
    subject: str
    erased: Erased

    @classmethod
    def of(cls, workspace: Workspace, customer_id: str) -> Person:
        """Look the person up among the tombstones."""
        return cls(customer_id, subject_key(workspace, customer_id), Erased.of(workspace))

    def without(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Drop the person's rows; where another's row bears the id, as a household's name does, put another there.

        Parameters
        ----------
        frame : polars.DataFrame
            Of any columns.

        Returns
        -------
        polars.DataFrame
        """
        if "customer_id" in frame.columns:
            named = pl.col("customer_id").cast(pl.String).str.strip_chars()
            frame = frame.filter(named.ne_missing(self.customer_id))
        if ACCOUNT in frame.columns:
            frame = self.erased.leave_out(frame)
        texts = [name for name, dtype in frame.schema.items() if dtype == pl.String and self._is_of_persons(name)]
        held = [name for name in texts if self.customer_id in set(frame[name].drop_nulls().unique())]
        return frame.with_columns(pl.col(name).replace(self.customer_id, self.subject[:16]) for name in held)

    def others(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Everybody else's rows: without the person's, and without decisions that have lost the person's name."""
        rest = self.without(frame)
        return rest.filter(pl.col("customer_id") != self.subject) if "customer_id" in rest.columns else rest

    def _is_of_persons(self, column: str) -> bool:
        return column in NAMING or len(self.customer_id) >= LEAST_DISTINCTIVE


@dataclass(frozen=True)
class Measured:
    """What the workspace's tables hold, the person apart.

    Attributes
    ----------
    own : dict of str to int
        The person's rows, by file.
    others : dict of str to str
        Hash of all other rows, by file.
    versions : dict of str to str
        Hash of all other rows of each version of the published tiers.
    """

    own: dict[str, int]
    others: dict[str, str]
    versions: dict[str, str]


def files_of(workspace: Workspace) -> Iterator[Path]:
    """List the Parquet files of rows, those of the published tiers and of the ledger's parts apart.

    Parameters
    ----------
    workspace : Workspace
        All of it, left-overs of killed runs included.

    Yields
    ------
    Path
    """
    apart = (workspace.tiers, workspace.ledger_parts)
    for path in sorted(workspace.root.rglob("*.parquet")):
        if not any(path.is_relative_to(folder) for folder in apart):
            yield path


def measure(workspace: Workspace, person: Person) -> Measured:
    """Count the person's rows and hash all others.

    Parameters
    ----------
    workspace : Workspace
        Whose tables.
    person : Person
        Who is apart.

    Returns
    -------
    Measured
    """
    own: dict[str, int] = {}
    others: dict[str, str] = {}
    for path in files_of(workspace):
        if path.is_relative_to(workspace.reconciliations):
            continue  # sums, which move to a line of their own
        frame = pl.read_parquet(path)
        rest = person.others(frame)
        place = path.relative_to(workspace.root).as_posix()
        own[place], others[place] = frame.height - rest.height, hash_of(rest)
    of_file: dict[str, str] = {}
    for path in data_files(workspace.tiers):
        frame = pl.read_parquet(path, hive_partitioning=False)
        rest = person.without(frame)
        place = path.relative_to(workspace.tiers).as_posix()
        of_file[place] = hash_of(rest)
        own["tiers"] = own.get("tiers", 0) + frame.height - rest.height
    versions = {
        str(version): hashlib.sha256(repr(sorted(of_file[place] for place in places)).encode()).hexdigest()
        for version, places in files_by_version(workspace.tiers).items()
    }
    return Measured(own, others, versions)


def hash_of(frame: pl.DataFrame) -> str:
    """Hash a frame's columns and rows, whatever the order of the rows.

    Parameters
    ----------
    frame : polars.DataFrame
        To hash.

    Returns
    -------
    str
        Hex digits.
    """
    sums = [int(np.add.reduce(frame.hash_rows(seed).to_numpy(), dtype=np.uint64)) for seed in (1, 2)]
    return hashlib.sha256(repr((list(frame.schema.items()), frame.height, sums)).encode()).hexdigest()


def take_out(workspace: Workspace, person: Person) -> int:
    """Write every Parquet file anew that holds the person.

    Parameters
    ----------
    workspace : Workspace
        Whose files.
    person : Person
        Who goes.

    Returns
    -------
    int
        Rows taken out.
    """
    gone = 0
    for path in files_of(workspace):
        frame = pl.read_parquet(path)
        rest = person.without(frame)
        if rest.equals(frame):
            continue
        gone += frame.height - rest.height
        _write(rest, path)
    return gone


def clear_parts(workspace: Workspace, person: Person) -> bool:
    """Forget what was learned of the ledger's parts, where rows that were set aside name the person.

    Parameters
    ----------
    workspace : Workspace
        Keeps it; the next extract reads all parts again.
    person : Person
        Who goes.

    Returns
    -------
    bool
        Whether there was something to forget.
    """
    frames = [pl.read_parquet(path) for path in workspace.ledger_parts.rglob("*.parquet")]
    if all(person.without(frame).equals(frame) for frame in frames):
        return False
    # catalogues first: frames that none names are left-overs
    for pattern in ("*.json", "frames/*"):
        for path in workspace.ledger_parts.glob(pattern):
            path.unlink(missing_ok=True)
    return True


def _write(frame: pl.DataFrame, path: Path) -> None:
    """As it was written: months in groups of rows that a bucket of customers is read by."""
    known = pq.ParquetFile(path).metadata
    group = max(known.row_group(0).num_rows, 1) if known.num_row_groups else None
    write_whole(
        path,
        lambda beside: frame.write_parquet(beside, compression="zstd", statistics=True, row_group_size=group),
    )
