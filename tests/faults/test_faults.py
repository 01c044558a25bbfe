"""A full disk, a source that goes away, servers that do not answer: the last tiers stay and the next run gets there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from segment.exceptions import SegmentError, SourceError
from segment.jobs.publish.refresh import refresh
from segment.ledger.folder import FolderSource
from segment.ledger.parts import TableInput
from segment.ledger.schema import Table
from segment.tracking.outbox import deliver
from segment.tracking.registry import Tracking
from segment.warehouse.tiers_table import published_runs, read_tiers
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL, Bank, Said
from tests.copied import copy_workspace

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def small_disk(bank: Bank, tmp_path: Path) -> Iterator[Path]:
    """A disk that holds the workspace and little more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(one.stat().st_size for one in bank.workspace.root.rglob("*") if one.is_file())
    room = size // 1024 + 8_000
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={room}k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        copy_workspace(bank.workspace.root, disk / "workspace")
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)  # a database may still be open


@pytest.mark.slow
def test_a_full_disk_is_told_in_one_message_and_leaves_the_last_tiers(
    bank: Bank, small_disk: Path, segment: Callable[..., Said]
) -> None:
    workspace = Workspace(small_disk / "workspace")
    before = read_tiers(workspace.tiers, AS_OF)
    shutil.rmtree(workspace.customer_months)  # all months anew
    filler = small_disk / "filler"
    free = os.statvfs(small_disk)
    filler.write_bytes(b"0" * max(free.f_bavail * free.f_frsize - 600_000, 0))

    said = segment("refresh", bank.ledger, "--as-of", AS_OF, "--policy", RETAIL, workspace=workspace.root)
    assert said.code == 2, said.err
    assert "The disk must have room" in said.err
    assert "Traceback" not in said.err
    assert_frame_equal(read_tiers(workspace.tiers, AS_OF), before)

    filler.unlink()
    again = segment("refresh", bank.ledger, "--as-of", AS_OF, "--policy", RETAIL, workspace=workspace.root)
    assert again.code == 0, again.err
    assert_frame_equal(read_tiers(workspace.tiers, AS_OF), before)


def test_a_source_that_goes_away_in_the_midst_leaves_the_last_tiers(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = tmp_path / "ledger"
    shutil.copytree(bank.ledger, ledger, copy_function=os.link)
    before = read_tiers(bank.workspace.tiers, AS_OF)
    shutil.rmtree(bank.workspace.ledger_parts)
    find = FolderSource.find

    def find_and_lose(source: FolderSource, table: Table) -> TableInput:
        found = find(source, table)
        if table.name == "transactions":
            shutil.rmtree(ledger)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(FolderSource, "find", find_and_lose)
        with pytest.raises(SegmentError) as lost:
            refresh(str(ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    assert isinstance(lost.value, SourceError) or "must" in str(lost.value)
    assert_frame_equal(read_tiers(bank.workspace.tiers, AS_OF), before)
    done = refresh(str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    assert done.run_id == before["run_id"][0]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_tiers_are_published_while_the_tracking_server_is_away_and_logged_when_it_is_back(bank: Bank) -> None:
    policy = bank.policy.model_copy(update={"version": "next"})
    away = Tracking(bank.workspace.root, NOBODY)
    done = refresh(None, AS_OF, bank.workspace, policy, away)
    assert published_runs(bank.workspace.tiers)[AS_OF] == done.run_id
    assert done.waiting == 1
    assert "1 run(s) wait until the tracking server takes them" in str(done)
    assert refresh(None, AS_OF, bank.workspace, policy, away).waiting == 1

    there = bank.tracking()
    assert refresh(None, AS_OF, bank.workspace, policy, there).waiting == 0
    assert deliver(bank.workspace, there) == []
    assert there._is_logged(done.run_id)


def test_the_command_line_needs_no_server_of_schedules(
    bank: Bank, segment: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", NOBODY)
    said = segment("refresh", bank.ledger, "--as-of", AS_OF, "--policy", RETAIL, workspace=bank.workspace.root)
    assert said.code == 0, said.err
