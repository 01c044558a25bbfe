"""One run at a time in a workspace."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segment.exceptions import BusyError
from segment.warehouse import workspace_lock


def write_lock(root: Path, **changes: object) -> None:
    holder = {"job": "refresh", "pid": os.getpid(), "host": socket.gethostname(), "since": time.time() - 600, **changes}
    (root / "lock.json").write_text(json.dumps(holder))


def gone_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    return process.pid


def test_a_second_run_is_told_who_holds_the_workspace_and_for_how_long(tmp_path: Path) -> None:
    write_lock(tmp_path)
    with pytest.raises(BusyError, match=r"`refresh` on .* for 10 minutes"), workspace_lock(tmp_path, "train"):
        pass


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    write_lock(tmp_path, pid=gone_process())
    with workspace_lock(tmp_path, "train"):
        assert json.loads((tmp_path / "lock.json").read_text())["job"] == "train"


def test_a_half_written_lock_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "lock.json").write_text("")
    with workspace_lock(tmp_path, "train"):
        pass


def test_a_lock_of_another_machine_is_respected(tmp_path: Path) -> None:
    write_lock(tmp_path, host="elsewhere", pid=gone_process())
    with pytest.raises(BusyError, match="elsewhere"), workspace_lock(tmp_path, "train"):
        pass


def test_the_lock_is_given_back_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boom"), workspace_lock(tmp_path, "train"):
        raise ValueError("boom")
    with workspace_lock(tmp_path, "refresh"):
        pass
