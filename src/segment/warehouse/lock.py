"""One run at a time in a workspace."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segment.exceptions import BusyError

FILE_NAME = "lock.json"


@contextmanager
def workspace_lock(root: Path, job: str) -> Iterator[None]:
    """Hold the workspace for one job.

    A lock whose process on this machine is gone is taken over: a killed run must not stop the next one.

    Parameters
    ----------
    root : Path
        The workspace.
    job : str
        What holds it, for the message that another run gets.

    Raises
    ------
    BusyError
        Where a living run holds the workspace; says which job, since when, and on which machine.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, workspace_lock(Path(folder), "refresh"):
    ...     (Path(folder) / "lock.json").exists()
    True
    """
    root.mkdir(parents=True, exist_ok=True)
    path = root / FILE_NAME
    _acquire(path, job)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _acquire(path: Path, job: str) -> None:
    mine = json.dumps({"job": job, "pid": os.getpid(), "host": socket.gethostname(), "since": time.time()})
    for _ in range(2):
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            _take_over_or_refuse(path)
            continue
        with os.fdopen(handle, "w") as file:
            file.write(mine)
        return
    raise BusyError.with_hint("The workspace must be free. Another run took it just now.", "try again when it is done")


def _take_over_or_refuse(path: Path) -> None:
    try:
        holder = json.loads(path.read_text())
    except FileNotFoundError:
        return
    except json.JSONDecodeError:
        holder = {}  # its writer was killed between creating and writing it
    here = holder.get("host", socket.gethostname()) == socket.gethostname()
    if here and not _alive(holder.get("pid")):
        path.unlink(missing_ok=True)
        return
    minutes = (time.time() - holder.get("since", time.time())) / 60
    raise BusyError.with_hint(
        f"The workspace must be free. `{holder.get('job')}` on {holder.get('host')} "
        f"has held it for {minutes:.0f} minutes.",
        f"wait for it; if that machine is gone, delete {FILE_NAME} in the workspace",
    )


def _alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
