"""One run at a time in a workspace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from segment.exceptions import BusyError
from segment.lock import ALIVE_SECONDS, workspace_lock

HOLD = """
import sys, time
from pathlib import Path
from segment.lock import workspace_lock
with workspace_lock(Path(sys.argv[1]), "refresh"):
    print("held", flush=True)
    time.sleep(600)
"""


def write_holder(root: Path, **changes: object) -> None:
    holder = {"job": "refresh", "user": "ann", "pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
    (root / "lock.json").write_text(json.dumps({**holder, **changes}))


def test_a_second_run_is_told_whose_run_holds_the_workspace_and_for_how_long(tmp_path: Path) -> None:
    with workspace_lock(tmp_path, "refresh"):
        write_holder(tmp_path, since=time.time() - 600)
        with (
            pytest.raises(BusyError, match=r"`refresh` of ann on .* for 10 minutes"),
            workspace_lock(tmp_path, "train"),
        ):
            pass


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(BusyError), workspace_lock(tmp_path, "train"):
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert (tmp_path / "lock.json").exists()
    with workspace_lock(tmp_path, "train"):
        assert json.loads((tmp_path / "lock.json").read_text())["job"] == "train"


def test_a_half_written_holder_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "lock.json").write_text("")
    with workspace_lock(tmp_path, "train"):
        pass


def test_a_run_that_was_killed_under_another_host_name_is_followed_at_once(tmp_path: Path) -> None:
    in_container = "import socket\nsocket.gethostname = lambda: 'pod-1'\n" + HOLD
    process = subprocess.Popen([sys.executable, "-c", in_container, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(BusyError, match="on pod-1"), workspace_lock(tmp_path, "train"):
        pass
    process.kill()
    process.wait()
    process.stdout.close()
    assert json.loads((tmp_path / "lock.json").read_text())["host"] == "pod-1"
    with workspace_lock(tmp_path, "train"):
        pass


def test_a_lock_of_another_machine_is_respected_while_it_gives_signs_of_life(tmp_path: Path) -> None:
    write_holder(tmp_path, host="elsewhere", locks="another kernel:7")
    with pytest.raises(BusyError, match="on elsewhere"), workspace_lock(tmp_path, "train"):
        pass
    last = time.time() - ALIVE_SECONDS - 1
    os.utime(tmp_path / "lock.json", (last, last))
    with workspace_lock(tmp_path, "train"):
        pass


def test_a_run_says_that_it_lives_until_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segment.lock.BEAT_SECONDS", 0.01)
    holder = tmp_path / "lock.json"
    with workspace_lock(tmp_path, "train"):
        for _ in range(3):
            os.utime(holder, (0, 0))
            for _ in range(1_000):
                if holder.stat().st_mtime > 0:
                    break
                time.sleep(0.01)
            assert holder.stat().st_mtime > 0
    assert not [thread for thread in threading.enumerate() if thread.name == "workspace lock"]


def test_the_lock_is_given_back_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boom"), workspace_lock(tmp_path, "train"):
        raise ValueError("boom")
    assert not (tmp_path / "lock.json").exists()
    with workspace_lock(tmp_path, "refresh"):
        pass


def test_who_holds_the_lock_lies_beside_it() -> None:
    with tempfile.TemporaryDirectory() as folder, workspace_lock(Path(folder), "refresh"):
        assert (Path(folder) / "lock.json").exists()
