"""One run at a time in a workspace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segment.exceptions import BusyError
from segment.warehouse import workspace_lock
from segment.warehouse.lock import ABANDONED_HOURS

HOLD = """
import sys, time
from pathlib import Path
from segment.warehouse import workspace_lock
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


def test_a_lock_of_another_machine_is_respected_until_it_must_have_been_left_behind(tmp_path: Path) -> None:
    write_holder(tmp_path, host="elsewhere", since=time.time() - (ABANDONED_HOURS - 1) * 3_600)
    with pytest.raises(BusyError, match="on elsewhere"), workspace_lock(tmp_path, "train"):
        pass
    write_holder(tmp_path, host="elsewhere", since=time.time() - (ABANDONED_HOURS + 1) * 3_600)
    with workspace_lock(tmp_path, "train"):
        pass


def test_the_lock_is_given_back_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boom"), workspace_lock(tmp_path, "train"):
        raise ValueError("boom")
    assert not (tmp_path / "lock.json").exists()
    with workspace_lock(tmp_path, "refresh"):
        pass
