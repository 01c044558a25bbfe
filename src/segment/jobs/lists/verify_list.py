"""Whether a released file may still be used."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.dates import days_to_check
from segment.exceptions import ListError
from segment.files import file_hash
from segment.input_files import read_input_text, require_input_file
from segment.jobs.lists.suppressions import ContactSources, find_suppressions
from segment.messages import Message
from segment.pages.message_result import MessageResult, counted
from segment.policy import Policy
from segment.store.chain import key_is_outside
from segment.store.record_kinds import RecordKind
from segment.store.records import check_chain, read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import RELEASED
from segment.warehouse.controlled_export import manifest_of
from segment.warehouse.workspace_clock import TRIAL_MARK, workspace_clock
from segment.workspace import Workspace

_SIGNED = ("list_id", "file", "rows", "sha256", "expires_on", "policy_hash", "withdrawn")


@dataclass(frozen=True)
class ListVerification(MessageResult):
    """What is known of a file on a day."""

    file: str  # file, list_id, expires_on, by, released_at: As the manifest says.
    list_id: str
    expires_on: str
    by: str
    released_at: str
    # rows, record, records: Customers in the file, number of its record, and records of the chain that hold.
    rows: int
    record: int
    records: int
    same_file: bool  # same_file, same_manifest: Whether the file and the manifest are those of the record.
    same_manifest: bool
    expired: bool  # Whether the list's last day has gone by
    suppressed: dict[str, int]  # Customers of the file who must not be contacted any more, by code
    over: int = 0  # Customers of the file whose own last day has gone by, since what set the contact off is over
    erased: int = 0  # Customers of the file whose data were erased since: the file itself must go
    key_outside: bool = True  # Whether whoever may write to the records lacks their key
    trial: bool = False  # Whether it is of a workspace to try things on: nobody of it may be contacted

    @property
    def usable(self) -> bool:
        """Whether it may be used as it is."""
        intact = self.same_file and self.same_manifest
        return intact and not (self.expired or self.suppressed or self.erased or self.trial)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "usable": self.usable}

    def messages(self) -> Iterator[Message | str]:
        """Say what was found, the answer last."""
        figures = dict(vars(self))
        yield Message("results.list.rows", figures)
        yield Message("results.list.released", figures)
        changed = "file_changed" if not self.same_file else "intact" if self.same_manifest else "manifest_changed"
        yield Message(f"results.list.{changed}")
        yield Message("results.list.expired" if self.expired else "results.list.good_until", figures)
        if self.over and not self.expired:
            yield Message("results.list.over", {"customers": self.over})
        if self.suppressed:
            figures |= {"rows": sum(self.suppressed.values()), "codes": counted(self.suppressed)}
        yield Message("results.list.suppressed" if self.suppressed else "results.list.suppressed_none", figures)
        if self.erased:
            yield Message("results.list.erased", {"customers": self.erased})
        if self.trial:
            yield TRIAL_MARK
        if not self.key_outside:
            yield Message("results.chain.key_inside")
        yield Message("results.list.usable" if self.usable else "results.list.not_usable")


def verify_list(file: Path, workspace: Workspace, policy: Policy, on: dt.date | None = None) -> ListVerification:
    """Hold a released file to its record, its expiry, and the contact rules of a day.

    Parameters
    ----------
    file : Path
        A released file; its manifest lies beside it.
    workspace : Workspace
        Holds the records and the sources of suppressions.
    policy : Policy
        The rules.
    on : datetime.date, optional
        The day on which it shall be used; today by default. What keeps it from being used today counts in any case.

    Returns
    -------
    ListVerification

    Raises
    ------
    ListError
        Where file or manifest is missing, no record tells of it, the chain of records is broken, or a source of
        suppressions is missing or stale.

    References
    ----------
    DOMAIN.md 3.2: checked again at contact time.
    """
    clock = workspace_clock(workspace)
    days = days_to_check(on or clock.today, clock.today)
    manifest = _read_manifest(file)
    chain = check_chain(workspace)
    releases = read_records(workspace, RecordKind.LIST_RELEASED)
    record = next((release for release in releases if release.number == manifest.get("record")), None)
    if record is None or record.sha256 != manifest.get("record_sha256"):
        raise ListError.of("errors.no_release_record")
    content, sha256 = record.content, record.content["sha256"]
    same_manifest = all(manifest.get(name) == content[name] for name in _SIGNED) and manifest.get("by") == record.by
    expires_on = dt.date.fromisoformat(content["expires_on"])
    rows = read_rows(workspace, RELEASED, "sha256", [sha256])
    # asked of the days themselves: what starts later is asked again then
    sources = ContactSources.read(workspace)
    people = [find_suppressions(sources, policy, [day], day).codes_of(rows) for day in days]
    codes = pl.concat(people).unique("customer_id", keep="first", maintain_order=True)
    # an erasure says which files it could not reach before it takes anything
    begun = [row.content for row in read_records(workspace, RecordKind.ERASURE_BEGUN)]
    erased = {erasure["subject"] for erasure in begun if sha256 in {left["sha256"] for left in erasure["released"]}}
    _require_known(rows, erased)
    return ListVerification(
        file=content["file"],
        list_id=content["list_id"],
        expires_on=content["expires_on"],
        by=record.by,
        released_at=record.written_at,
        rows=content["rows"],
        record=record.number,
        records=chain,
        same_file=file_hash(file) == sha256,
        same_manifest=same_manifest,
        expired=days[-1] > expires_on,
        suppressed=dict(codes.group_by("code", maintain_order=True).len().sort("code").iter_rows()),
        over=rows.filter(pl.col("expires_on") < days[-1]).height,
        erased=len(erased),
        key_outside=key_is_outside(workspace),
        trial=clock.is_trial or "trial" in content,
    )


def _read_manifest(file: Path) -> Mapping[str, object]:
    beside = manifest_of(file)
    for path, what in ((file, Message("errors.what.file")), (beside, Message("errors.what.its_manifest"))):
        if not path.exists():
            raise ListError.of("errors.no_file_beside", what=what, name=path.name)
    require_input_file(file, Message("errors.what.released"), ListError)
    try:
        manifest = json.loads(read_input_text(beside, Message("errors.what.manifest"), ListError))
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict):
        raise ListError.of("errors.bad_manifest", name=beside.name)
    return manifest


def _require_known(rows: pl.DataFrame, erased: set[str]) -> None:
    if rows.is_empty() and not erased:
        raise ListError.of("errors.customers_unknown")
