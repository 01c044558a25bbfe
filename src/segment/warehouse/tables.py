"""The workspace's folders, and files that are whole or not there."""

from __future__ import annotations

import datetime as dt
import filecmp
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Workspace:
    """Where each kind of result lies.

    Parameters
    ----------
    root : Path
        The folder; made when something is first written.
    """

    root: Path

    @property
    def customer_months(self) -> Path:
        """One Parquet file per month."""
        return self.root / "customer_months"

    @property
    def snapshots(self) -> Path:
        """One Parquet file per moment."""
        return self.root / "snapshots"

    @property
    def reference(self) -> Path:
        """Small ledger tables that lists need: contact rules, outcomes, suppression sources, customers."""
        return self.root / "reference"

    @property
    def quarantine(self) -> Path:
        """Rows that broke a rule, one file per table."""
        return self.root / "quarantine"

    @property
    def tiers(self) -> Path:
        """The published tiers, a Delta table."""
        return self.root / "tiers"

    @property
    def ledger_parts(self) -> Path:
        """What earlier extracts learned of the ledger's parts, so that a part is read once."""
        return self.root / "ledger_parts"

    @property
    def reconciliations(self) -> Path:
        """Customers' sums of each month held against the ledger, one Parquet file per month."""
        return self.root / "reconciliations"

    @property
    def lists(self) -> Path:
        """Analytics copies of upgrade lists; these hold the control arm."""
        return self.root / "lists"

    @property
    def control(self) -> Path:
        """Draws of control arms."""
        return self.root / "control.parquet"

    @property
    def trial(self) -> Path:
        """Who was ever enrolled in a trial of service."""
        return self.root / "trial.parquet"

    @property
    def kept(self) -> Path:
        """Rows that people hand in: outcomes, objections, reviews."""
        return self.root / "kept"

    @property
    def protected(self) -> Path:
        """What a fairness audit alone may read: age, sex and region of customers."""
        return self.root / "protected"

    @property
    def audits(self) -> Path:
        """Fairness audits, one JSON file per moment; counts, and no customer."""
        return self.root / "audits"

    @property
    def runs(self) -> Path:
        """One report per run."""
        return self.root / "runs"

    @property
    def records(self) -> Path:
        """Decisions of people: acceptances, approvals, overrides, rollbacks."""
        return self.root / "records.db"

    @property
    def tombstones(self) -> Path:
        """Keyed hashes of those who were erased and must not come back."""
        return self.root / "erased.json"

    @property
    def subject_secret(self) -> Path:
        """What ids are hashed with; whoever loses it no longer knows who was erased."""
        return self.root / "subject_secret"

    @property
    def kept_from(self) -> Path:
        """Before which month nothing is built again, because it was kept for long enough."""
        return self.root / "kept_from.json"

    @property
    def held(self) -> Path:
        """Rows of customers whose data a law asks to keep longer than everybody else's."""
        return self.root / "held"

    @property
    def erasures(self) -> Path:
        """Certificates of erasures; they name nobody."""
        return self.root / "erasures"

    def snapshot(self, as_of: dt.date) -> Path:
        """File of one snapshot.

        Parameters
        ----------
        as_of : datetime.date
            A month's last day.

        Returns
        -------
        Path
        """
        return self.snapshots / f"{as_of.isoformat()}.parquet"


def months_from(workspace: Workspace) -> dt.date | None:
    """Say from which month on customer months are kept.

    Parameters
    ----------
    workspace : Workspace
        Whose.

    Returns
    -------
    datetime.date or None
        First day of the month; None where none was ever let go.
    """
    try:
        content = json.loads(workspace.kept_from.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return dt.date.fromisoformat(content["months_from"])


def write_whole(path: Path, write: Callable[[Path], object], mode: int = 0o600) -> None:
    """Write a file beside its place and rename it, so that a reader sees all of it or the one before.

    A file that holds the same bytes already is left as it is, its time of change included.

    Parameters
    ----------
    path : Path
        Where the file shall be; its folder is made.
    write : callable
        Writes to the path it is given.
    mode : int
        Permissions of the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    beside = Path(name)
    try:
        write(beside)
        if path.is_file() and filecmp.cmp(beside, path, shallow=False):
            return
        beside.chmod(mode)
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as one whole Parquet file.

    Parameters
    ----------
    frame : polars.DataFrame
        What to write.
    path : Path
        Where.
    """
    write_whole(path, lambda beside: frame.write_parquet(beside, compression="zstd", statistics=True))


def write_json(content: Any, path: Path) -> None:
    """Write JSON as one whole file, keys sorted.

    Parameters
    ----------
    content : object
        Dates become ISO text.
    path : Path
        Where.
    """
    text = json.dumps(content, indent=2, sort_keys=True, default=str, ensure_ascii=False)
    write_whole(path, lambda beside: beside.write_text(text + "\n", encoding="utf-8"))
