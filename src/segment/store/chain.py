"""The key that the chain of records is made with, and the head that says how long the chain is."""

# Source: RFC 2104 (HMAC). Whoever holds the store but not the key cannot write a record that fits; the head, which
# lies elsewhere, tells of records that were cut off the end.

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from segment.exceptions import RecordError
from segment.files import read_secret, write_json
from segment.lock import one_at_a_time
from segment.messages import Message
from segment.settings import read_settings
from segment.workspace import Workspace

NOTHING_BEFORE = "0" * 64
EMPTIED, KEY_FACT = "emptied", "chain_key"

Origin = Literal["environment", "file", "workspace"]


@dataclass(frozen=True)
class ChainKey:
    """The key, and where it comes from."""

    secret: bytes
    origin: Origin  # `workspace`: beside the records, so the chain then shows slips and no attacker

    @classmethod
    def of(cls, workspace: Workspace) -> ChainKey:
        """Find it: in the environment, in a file outside the workspace, or inside, made where there is none."""
        # where nothing may be written and none was made, a workspace of an earlier release is read without
        settings = read_settings()
        if settings.chain_key is not None:
            return cls(settings.chain_key.get_secret_value().encode(), "environment")
        if settings.chain_key_file is not None:
            return cls(_read_outside(settings.chain_key_file, workspace), "file")
        if not workspace.chain_key.exists() and not (workspace.writable and os.access(workspace.root, os.W_OK)):
            return cls(b"", "workspace")
        return cls(read_secret(workspace.chain_key).encode(), "workspace")

    @property
    def fingerprint(self) -> str:
        """What the key is known by."""
        return self._mac("fingerprint")[:16]

    def content_mac(self, row: Mapping[str, Any]) -> str:
        """Sign what can be emptied; keyed, so that nobody can try out what an emptied record held."""
        return self._mac("content", *(row[name] for name in ("number", "why", "content")))

    def mac(self, row: Mapping[str, Any], before: str) -> str:
        """Sign a record with the one before it; what stays of an emptied record is signed on its own."""
        stays = ("number", "written_at", "kind", "by", "content_mac", "sha256_before", "sha256")
        return self._mac("record", *(row[name] for name in stays), before)

    def seal(self, number: int, sha256: str) -> str:
        """Sign a head."""
        return self._mac("head", number, sha256)

    def _mac(self, *parts: object) -> str:
        return hmac.new(self.secret, json.dumps(parts, ensure_ascii=False).encode(), hashlib.sha256).hexdigest()


def key_is_outside(workspace: Workspace) -> bool:
    """Say whether whoever may write to the workspace lacks the key; if not, the chain shows slips and no attacker."""
    return ChainKey.of(workspace).origin != "workspace"


def sha256_of_row(row: Mapping[str, Any]) -> str:
    """Hash by which a record is known elsewhere: in manifests, publications, anchors."""
    known = [row[name] for name in ("number", "written_at", "kind", "by", "content_mac", "sha256_before")]
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Anchor:
    """How long the chain was, and which record was the last, as something outside the store knows it."""

    number: int
    sha256: str  # Of that record
    source: Message | str  # Who knows it, in an error's words

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"records": self.number, "sha256": self.sha256}

    @classmethod
    def parse(cls, content: object, source: str) -> Anchor:
        """Read what `to_dict` gave."""
        if isinstance(content, dict) and isinstance(content.get("records"), int):
            return cls(content["records"], str(content.get("sha256")), source)
        raise RecordError.of("errors.bad_anchor", source=source)


def head_file(workspace: Workspace) -> Path:
    """Where the head lies: beside a key that is outside, else in the workspace."""
    settings = read_settings()
    if settings.chain_head is not None:
        return settings.chain_head
    return workspace.chain_head


def write_head(workspace: Workspace, key: ChainKey, anchor: Anchor) -> None:
    """Write the head after a commit; of two at once the longer chain's stays."""
    path = head_file(workspace)
    with one_at_a_time(path.with_name(f"{path.name}.lock"), Message("errors.one.head")):
        known = read_head(workspace, key)
        if known is None or known.number < anchor.number:
            sealed = {**anchor.to_dict(), "seal": key.seal(anchor.number, anchor.sha256)}
            write_json(sealed, path)


def read_head(workspace: Workspace, key: ChainKey) -> Anchor | None:
    """Read the head; one that was not written with the key stops."""
    path = head_file(workspace)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        content = None
    head = Anchor.parse(content, f"the records' head ({path.name})")
    if not hmac.compare_digest(str(content.get("seal")), key.seal(head.number, head.sha256)):
        raise RecordError.of("errors.head_not_sealed", name=path.name)
    return head


def _read_outside(path: Path, workspace: Workspace) -> bytes:
    if path.resolve().is_relative_to(workspace.root.resolve()):
        raise RecordError.of("errors.chain_key_inside")
    try:
        secret = path.read_bytes().strip()
    except OSError as fault:
        raise RecordError.of("errors.chain_key_unreadable", name=type(fault).__name__) from None
    if len(secret) < 16:
        raise RecordError.of("errors.chain_key_short", bytes=len(secret))
    return secret
