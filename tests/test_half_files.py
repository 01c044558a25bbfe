"""What a killed run left half written goes with the next run, and what another writes just now stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from segment.files import read_secret, sweep_half_files, write_text
from segment.lock import workspace_lock
from segment.settings import open_for_writing

KILLED = """
import os, signal, sys
from pathlib import Path
from segment.files import write_whole
def write(half):
    half.write_text("half of a customer")
    os.kill(os.getpid(), signal.SIGKILL)
write_whole(Path(sys.argv[1]) / "reference" / "customers.parquet", write)
"""


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_the_half_file_of_a_killed_write_goes_at_the_next_opening(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert run.returncode == -9
    (left,) = files(tmp_path)
    assert left.startswith("reference/.half-")
    open_for_writing(tmp_path)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    [
        "reference/.customers-ab12cd_8.parquet",
        "runs/.extract-2025-12-31-k3j4h5g6.json",
        ".subject_secret-0123456789abcdef",
        "tiers/_delta_log/_commit_2f1c.json.tmp",
        "tiers/_delta_log/00000000000000000007.json#1",
    ],
)
def test_left_overs_of_earlier_releases_and_of_delta_go_before_a_job_begins(tmp_path: Path, name: str) -> None:
    write_text("c1", tmp_path / name)
    with workspace_lock(tmp_path, "test"):
        assert files(tmp_path) == ["lock", "lock.json"]


@pytest.mark.parametrize("name", [".0123456789abcdef.json", "notes-ab12cd_8.txt", ".gitignore", "lists/a.json"])
def test_other_files_stay(tmp_path: Path, name: str) -> None:
    write_text("mine", tmp_path / name)
    assert sweep_half_files(tmp_path, alone=True) == 0
    assert files(tmp_path) == [name]


def test_a_file_that_somebody_writes_just_now_stays(tmp_path: Path) -> None:
    code = KILLED.replace("os.kill(os.getpid(), signal.SIGKILL)", 'print("writes", flush=True); sys.stdin.read()')
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writes\n"
        assert sweep_half_files(tmp_path) == 0
        writer.communicate("")
    assert files(tmp_path) == ["reference/customers.parquet"]


def test_a_secret_is_whole_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    assert len(read_secret(tmp_path / "secret")) == 64
    assert files(tmp_path) == ["secret"]
