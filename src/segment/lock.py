"""One run at a time in a workspace."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from segment.exceptions import BusyError, SegmentError
from segment.files import file_mode, make_folder, sweep_half_files, write_json
from segment.login import login_name
from segment.messages import Message
from segment.private import keep_private

HELD_BY, GUARD = "lock.json", "lock"
WAIT_SECONDS = 30
RESTORE, RESTORING, READY = "restore", ".restore", "ready"
BEAT_SECONDS, ALIVE_SECONDS = 10, 90
"""How often a run says that it lives, and for how long one of another machine is believed after it last said so."""

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@contextmanager
def workspace_lock(root: Path, job: str) -> Iterator[None]:
    """Hold the workspace for one job."""
    # The operating system lets go of the lock of a run that was killed, and its lock is what counts. Beside it lies who
    # holds it and since when: for the message that another run gets, and for file systems that share no locks between
    # machines. Those are told by where the lock was taken: a holder under another kernel, or on another mount, is
    # respected for as long as it gives signs of life.
    make_folder(root)
    guard, holder = FileLock(root / GUARD, mode=file_mode(root)), root / HELD_BY
    try:
        guard.acquire(timeout=0)
    except Timeout:
        raise _busy(_read(holder), Message("errors.hint.wait")) from None
    try:
        _require_not_elsewhere(holder)
        _require_whole(root, job)
        owner = {"user": login_name(), "pid": os.getpid(), "host": socket.gethostname(), "locks": _locks(root)}
        write_json({"job": job, "since": time.time(), **owner}, holder)
        try:
            with _heartbeat(holder):
                sweep_half_files(root, alone=True)
                yield
        finally:
            holder.unlink(missing_ok=True)
            keep_private(root)
    finally:
        guard.release()


@contextmanager
def one_at_a_time(path: Path, what: Message, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold a lock file while rows change, and wait for whoever holds it; `what` is changed, in the error's words."""
    make_folder(path.parent)
    lock = FileLock(path, timeout=wait_seconds, mode=file_mode(path.parent))
    try:
        lock.acquire()
    except Timeout:
        raise BusyError.of("errors.one_at_a_time", what=what, wait_seconds=wait_seconds) from None
    try:
        yield
    finally:
        lock.release()


def _require_not_elsewhere(holder: Path) -> None:
    """Respect a run whose locks this machine does not see, for as long as it says that it lives."""
    last = _read(holder)
    if not last or last.get("locks") == _locks(holder.parent):
        return
    guard = holder.with_name(GUARD)
    guard.touch()  # both times are of the file system's clock, whatever the machines' clocks say
    if guard.stat().st_mtime - holder.stat().st_mtime < ALIVE_SECONDS:
        raise _busy(last, Message("errors.hint.wait_alive", {"alive_seconds": ALIVE_SECONDS}))


def _require_whole(root: Path, job: str) -> None:
    """Let nothing work on what a restore that was cut off has left half done; one that had changed nothing is swept."""
    area = root / RESTORING
    if not (area / READY).exists():
        shutil.rmtree(area, ignore_errors=True)
    elif job != RESTORE:
        raise BusyError.of("errors.restore_cut_off")


def _locks(root: Path) -> str:
    """Name the kernel and the mount on which locks are seen by everybody who takes them there."""
    try:
        kernel = _BOOT.read_text(encoding="ascii").strip()
    except OSError:  # no Linux
        kernel = socket.gethostname()
    return f"{kernel}:{root.stat().st_dev}"


@contextmanager
def _heartbeat(holder: Path) -> Iterator[None]:
    """Say every few seconds that the run lives, by the holder's time of change."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            with contextlib.suppress(OSError):  # the file was deleted by hand, or the disk is away: the job will tell
                os.utime(holder)

    thread = threading.Thread(target=beat, daemon=True, name="workspace lock")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _busy(holder: dict[str, Any], hint: Message) -> SegmentError:
    return BusyError.of(
        "errors.workspace_busy",
        job=holder.get("job", Message("errors.a_run")),
        user=holder.get("user", Message("errors.somebody")),
        host=holder.get("host", Message("errors.some_machine")),
        minutes=60 * _hours(holder),
        hint=hint,
    )


def _hours(holder: dict[str, Any]) -> float:
    return (time.time() - float(holder.get("since", time.time()))) / 3_600


def _read(holder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(holder.read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}  # nobody, or one who was killed between creating and writing it
