"""Whether an extract has anything to do: the same inputs as the last, and all that it wrote in its place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from segment.warehouse import Workspace, write_json

_FILE = "extracted.json"


def is_done(workspace: Workspace, digest: str | None) -> bool:
    """Say whether the workspace's last extract had these inputs and nobody touched what it wrote.

    Parameters
    ----------
    workspace : Workspace
        Where it was built.
    digest : str or None
        Of all that the extract depends on; None where only reading the rows tells.

    Returns
    -------
    bool
    """
    try:
        last = json.loads((workspace.ledger_parts / _FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    if digest is None or last.get("inputs") != digest:
        return False
    return all(_stamp(workspace.root / name) == stamp for name, stamp in last["written"].items())


def forget(workspace: Workspace) -> None:
    """Say that the workspace is being changed: a run that is killed from here on left nothing that is known whole.

    Parameters
    ----------
    workspace : Workspace
        Where an extract begins to write.
    """
    (workspace.ledger_parts / _FILE).unlink(missing_ok=True)


def remember(workspace: Workspace, digest: str | None, written: Iterable[Path]) -> None:
    """Keep what an extract was made of, after all else was written.

    Parameters
    ----------
    workspace : Workspace
        Where it was built.
    digest : str or None
        Of all that it depends on; nothing is kept for None.
    written : iterable of Path
        The files that it answers for.
    """
    if digest is None:
        return
    stamps: dict[str, Any] = {path.relative_to(workspace.root).as_posix(): _stamp(path) for path in written}
    write_json({"inputs": digest, "written": stamps}, workspace.ledger_parts / _FILE)


def _stamp(path: Path) -> list[int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return [found.st_size, found.st_mtime_ns]
