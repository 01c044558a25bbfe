"""Whether a released file may still be used."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.erasure.run import BEGUN
from segment.jobs.leaving import file_hash, manifest_of
from segment.jobs.release import RELEASED, rows_of
from segment.jobs.who_not import who_not
from segment.policy import Policy
from segment.warehouse import Workspace
from segment.warehouse.records import check_chain, records

_SIGNED = ("list_id", "file", "rows", "sha256", "expires_on", "policy_hash", "withdrawn")


@dataclass(frozen=True)
class Verified:
    """What is known of a file on a day.

    Attributes
    ----------
    file, list_id, expires_on, by, released_at : str
        As the manifest says.
    rows, record, records : int
        Customers in the file, number of its record, and records of the chain that hold.
    same_file, same_manifest : bool
        Whether the file and the manifest are those of the record.
    expired : bool
        Whether the list's last day has gone by.
    suppressed : dict of str to int
        Customers of the file who must not be contacted any more, by code.
    erased : int
        Customers of the file whose data were erased since: the file itself must go.
    """

    file: str
    list_id: str
    expires_on: str
    by: str
    released_at: str
    rows: int
    record: int
    records: int
    same_file: bool
    same_manifest: bool
    expired: bool
    suppressed: dict[str, int]
    erased: int = 0

    @property
    def usable(self) -> bool:
        """Whether it may be used as it is."""
        return self.same_file and self.same_manifest and not self.expired and not self.suppressed and not self.erased

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "usable": self.usable}

    def __str__(self) -> str:
        """Say what was found, the answer last."""
        codes = ", ".join(f"{code} {count}" for code, count in self.suppressed.items())
        intact = self.same_file and self.same_manifest
        what = "file" if not self.same_file else "manifest"
        lines = [
            f"List {self.list_id}, {self.rows:,} rows, record {self.record}.",
            f"Released by {self.by} at {self.released_at}.",
            "Intact: as it was released." if intact else f"Changed: the {what} is not the one of the record.",
            f"{'Expired' if self.expired else 'Good until'}: {self.expires_on}.",
            f"Suppressed by now: {sum(self.suppressed.values()):,} rows{f' ({codes})' if codes else ''}.",
            *([f"Erased since: {self.erased:,} customers. Delete the file."] if self.erased else []),
            "It may be used." if self.usable else "It must not be used: make and release a new list.",
        ]
        return "\n".join(lines)


def verify_list(file: Path, workspace: Workspace, policy: Policy, on: dt.date) -> Verified:
    """Hold a released file to its record, its expiry, and the contact rules of a day.

    Parameters
    ----------
    file : Path
        A released file; its manifest lies beside it.
    workspace : Workspace
        Holds the records and the sources of suppressions.
    policy : Policy
        The rules.
    on : datetime.date
        The day on which it shall be used.

    Returns
    -------
    Verified

    Raises
    ------
    PublishError
        Where file or manifest is missing, no record tells of it, the chain of records is broken, or a source of
        suppressions is missing or stale.

    References
    ----------
    DOMAIN.md 3.2: again at contact time.
    """
    manifest = _read_manifest(file)
    held = check_chain(workspace)
    found = [one for one in records(workspace, RELEASED) if one.number == manifest.get("record")]
    if not found or found[0].sha256 != manifest.get("record_sha256"):
        raise PublishError.with_hint(
            "A released file must have its record in this workspace. None tells of this one.", "give the --workspace"
        )
    record = found[0]
    content = record.content
    same_manifest = all(manifest.get(name) == content[name] for name in _SIGNED) and manifest.get("by") == record.by
    expires_on = dt.date.fromisoformat(content["expires_on"])
    return Verified(
        file=content["file"],
        list_id=content["list_id"],
        expires_on=content["expires_on"],
        by=record.by,
        released_at=record.written_at,
        rows=content["rows"],
        record=record.number,
        records=held,
        same_file=file_hash(file) == content["sha256"],
        same_manifest=same_manifest,
        expired=on > expires_on,
        suppressed=_suppressed_by_now(workspace, policy, content["sha256"], on),
        erased=_erased_since(workspace, content["sha256"]),
    )


def _erased_since(workspace: Workspace, sha256: str) -> int:
    """Persons of the file who were erased; an erasure says which files it could not reach before it takes anything."""
    return len(
        {
            one.content["subject"]
            for one in records(workspace, BEGUN)
            if any(file["sha256"] == sha256 for file in one.content["released"])
        }
    )


def _read_manifest(file: Path) -> dict[str, Any]:
    beside = manifest_of(file)
    for path, what in ((file, "The file"), (beside, "Its manifest")):
        if not path.is_file():
            raise PublishError.with_hint(
                f"{what} must be there: {path.name}. It is not.", "keep a file and its manifest side by side"
            )
    try:
        read = json.loads(beside.read_text(encoding="utf-8"))
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise PublishError.with_hint(f"A manifest must be a JSON object. {beside.name} is none.", "release it again")
    return read


def _suppressed_by_now(workspace: Workspace, policy: Policy, sha256: str, on: dt.date) -> dict[str, int]:
    copy = rows_of(workspace, sha256)
    if not copy.is_file():
        raise PublishError.with_hint(
            "The workspace must hold who stands in the file, to ask again whom it may reach. It does not.",
            "release it again",
        )
    # asked of the day itself: what starts later is asked again then
    codes = who_not(workspace, policy, on, on).codes_of(pl.read_parquet(copy))
    return dict(codes.group_by("code").len().sort("code").iter_rows())
