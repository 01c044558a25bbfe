"""Whether an extract has anything to do: the same inputs as the last, and all that it wrote in its place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from segment.files import write_json
from segment.workspace import Workspace

_STAMPS_FILE = "extracted.json"


def is_fresh(workspace: Workspace, digest: str | None) -> bool:
    """Say whether the workspace's last extract had these inputs and nobody touched what it wrote."""
    try:
        last = json.loads((workspace.ledger_parts / _STAMPS_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    if digest is None or last.get("inputs") != digest:
        return False
    return all(_stamp(workspace.root / name) == stamp for name, stamp in last["written"].items())


def invalidate(workspace: Workspace) -> None:
    """Forget the last extract before the workspace changes: a run that is killed from here on leaves nothing whole."""
    (workspace.ledger_parts / _STAMPS_FILE).unlink(missing_ok=True)


def store(workspace: Workspace, digest: str | None, written: Iterable[Path]) -> None:
    """Store what an extract was made of and wrote, after all else was written."""
    if digest is None:
        return
    stamps = {path.relative_to(workspace.root).as_posix(): _stamp(path) for path in written}
    write_json({"inputs": digest, "written": stamps}, workspace.ledger_parts / _STAMPS_FILE)


def _stamp(path: Path) -> list[int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return [status.st_size, status.st_mtime_ns]
