"""One run at a time in a workspace."""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from segment.exceptions import BusyError, SegmentError

HELD_BY, GUARD = "lock.json", "lock"
ABANDONED_HOURS = 24
"""A lock of another machine counts as left behind after this; the longest flow is ended long before."""


@contextmanager
def workspace_lock(root: Path, job: str) -> Iterator[None]:
    """Hold the workspace for one job.

    The operating system lets go of the lock of a run that was killed. Beside it lies who holds it and since when, for
    the message that another run gets, and for file systems that do not share locks between machines.

    Parameters
    ----------
    root : Path
        The workspace.
    job : str
        What holds it, for the message that another run gets.

    Raises
    ------
    BusyError
        Where a living run holds the workspace; says which job, whose, since when, and on which machine.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, workspace_lock(Path(folder), "refresh"):
    ...     (Path(folder) / "lock.json").exists()
    True
    """
    root.mkdir(parents=True, exist_ok=True)
    guard, holder = FileLock(root / GUARD), root / HELD_BY
    try:
        guard.acquire(timeout=0)
    except Timeout:
        raise _busy(_read(holder)) from None
    try:
        _require_not_elsewhere(_read(holder))
        owner = {"user": getpass.getuser(), "pid": os.getpid(), "host": socket.gethostname()}
        holder.write_text(json.dumps({"job": job, "since": time.time(), **owner}))
        try:
            yield
        finally:
            holder.unlink(missing_ok=True)
    finally:
        guard.release()


def _require_not_elsewhere(holder: dict[str, Any]) -> None:
    """Respect what another machine wrote, whose lock this one may not see, until it must have been left behind."""
    elsewhere = holder.get("host", socket.gethostname()) != socket.gethostname()
    if elsewhere and _hours(holder) < ABANDONED_HOURS:
        raise _busy(holder)


def _busy(holder: dict[str, Any]) -> SegmentError:
    return BusyError.with_hint(
        f"The workspace must be free. `{holder.get('job', 'a run')}` of {holder.get('user', 'somebody')} on "
        f"{holder.get('host', 'some machine')} has held it for {60 * _hours(holder):.0f} minutes.",
        f"wait for it; if that machine is gone, delete {HELD_BY} in the workspace, or wait {ABANDONED_HOURS} hours",
    )


def _hours(holder: dict[str, Any]) -> float:
    return (time.time() - float(holder.get("since", time.time()))) / 3_600


def _read(holder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(holder.read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}  # nobody, or one who was killed between creating and writing it
