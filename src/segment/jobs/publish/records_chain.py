"""The chain of records: what it holds, whether it stands as it was written, and its anchor for an archive outside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segment.dates import utc_now
from segment.exceptions import RecordError
from segment.files import write_json
from segment.input_files import read_input_text
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.store.chain import Anchor, key_is_outside
from segment.store.records import chain_head, check_chain
from segment.warehouse.tiers_table import publication_anchors
from segment.workspace import Workspace


@dataclass(frozen=True)
class ChainVerification(MessageResult):
    """What holding the chain to all that knows of it found."""

    records: int
    publications: int  # publications, files: Anchors that it was held to, beside its own head
    files: int
    key_outside: bool  # Whether whoever may write to the workspace lacks the key

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def messages(self) -> Iterator[Message]:
        """Say what holds, and how much that says."""
        yield Message("results.chain.holds", vars(self))
        yield from key_messages(outside=self.key_outside)


@dataclass(frozen=True)
class AnchorWritten(MessageResult):
    """An anchor for an archive."""

    file: str
    records: int
    sha256: str
    written_at: str
    key_outside: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def messages(self) -> Iterator[Message]:
        """Say where it lies and what to do with it."""
        yield Message("results.chain.anchor", vars(self))
        yield from key_messages(outside=self.key_outside)


def key_messages(*, outside: bool) -> list[Message]:
    """Say that a chain whose key lies beside it shows slips and no attacker."""
    return [] if outside else [Message("results.chain.key_inside")]


def verify_records(workspace: Workspace, files: Sequence[Path] = ()) -> ChainVerification:
    """Hold the chain to its signatures, its head, every publication, and files that know of it.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    files : sequence of Path
        Anchors that were archived, and manifests of released files.

    Returns
    -------
    ChainVerification

    Raises
    ------
    RecordError
        Where a record was changed, taken out or cut off; its message says which. Also where a file is no anchor.
    """
    published = publication_anchors(workspace.tiers)
    records = check_chain(workspace, [*published, *map(_read_anchor, files)])
    return ChainVerification(records, len(published), len(files), key_is_outside(workspace))


def write_anchor(workspace: Workspace, path: Path) -> AnchorWritten:
    """Write how long the chain is and which record is its last, to be kept where nobody of the bank can change it.

    Parameters
    ----------
    workspace : Workspace
        Whose. The chain must hold first.
    path : Path
        A JSON file outside the workspace.

    Returns
    -------
    AnchorWritten

    Raises
    ------
    RecordError
        Where the chain does not hold, or the file would lie in the workspace.
    """
    if path.resolve().is_relative_to(workspace.root.resolve()):
        raise RecordError.of("errors.anchor_inside")
    verify_records(workspace)
    head, now = chain_head(workspace), utc_now()
    write_json({**head.to_dict(), "written_at": now}, path)
    return AnchorWritten(path.name, head.number, head.sha256, now, key_is_outside(workspace))


def _read_anchor(file: Path) -> Anchor:
    try:
        content = json.loads(read_input_text(file, Message("errors.what.anchor")))
    except ValueError:
        content = None
    if isinstance(content, dict) and "record_sha256" in content:  # a manifest names its own record
        content = {"records": content.get("record"), "sha256": content["record_sha256"]}
    return Anchor.parse(content, file.name)
