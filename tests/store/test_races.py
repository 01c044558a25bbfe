"""Several processes write at once: one secret, one arm, no row lost, one chain."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, check_chain
from segment.store.row_store import read_rows
from segment.store.stored_tables import OBJECTIONS, OUTCOMES
from segment.workspace import Workspace

START = """
import sys, time
from pathlib import Path
from segment.workspace import Workspace
workspace, gate, number = Workspace(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
{imports}
while not gate.exists():
    time.sleep(0.001)
{act}
"""
SECRETS = START.format(
    imports="from segment.files import read_secret",
    act="print(read_secret(workspace.subject_secret), read_secret(workspace.control_salt))",
)
ROWS = START.format(
    imports="""
import datetime as dt
import polars as pl
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.row_store import upsert_rows
from segment.store.stored_tables import OBJECTIONS, OUTCOMES
from segment.store.transactions import transaction
DAY = dt.date(2025, 3, 1)
""",
    act="""
for step in range(5):
    with transaction(workspace):
        row = (f"c{number}-{step}", "marketing", DAY, None)
        upsert_rows(workspace, OBJECTIONS, pl.DataFrame([row], schema=OBJECTIONS.schema, orient="row"))
        row = ("l", f"c{number}-{step}", DAY, "declined", DAY, True, None)
        upsert_rows(workspace, OUTCOMES, pl.DataFrame([row], schema=OUTCOMES.schema, orient="row"))
        append_record(workspace, RecordKind.OBJECTION_MADE, by="Ann", why="said so", content={"n": number, "s": step})
""",
)


def together(code: str, workspace: Path, gate: Path, count: int) -> list[str]:
    """Start some processes, let them go at the same moment, and return what each said."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(workspace), str(gate), str(number)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    gate.touch()
    said = []
    for run in runs:
        out, err = run.communicate(timeout=300)
        assert run.returncode == 0, err
        said.append(out.strip())
    return said


@pytest.mark.parametrize("again", range(3))
def test_first_users_of_a_workspace_have_one_secret(tmp_path: Path, again: int) -> None:
    said = together(SECRETS, tmp_path / "w", tmp_path / f"go-{again}", 6)
    assert len(set(said)) == 1
    assert len(said[0]) == 64 + 1 + 64


def test_no_row_and_no_record_is_lost(tmp_path: Path) -> None:
    together(ROWS, tmp_path / "w", tmp_path / "go", 6)
    workspace = Workspace(tmp_path / "w")
    assert read_rows(workspace, OBJECTIONS).height == 30
    assert read_rows(workspace, OUTCOMES).height == 30
    assert check_chain(workspace) == 30


def test_a_store_waits_for_whoever_began_it_at_the_same_moment(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    begun = sqlite3.connect(workspace.store, isolation_level=None, check_same_thread=False)
    begun.execute("BEGIN IMMEDIATE")  # SQLite turns away at once whoever would switch the file to its log now
    ended = Timer(0.5, begun.rollback)
    ended.start()
    append_record(workspace, RecordKind.GATE_ACCEPTED, by="Ann", why="because", content={})
    ended.join()
    begun.close()
    assert check_chain(workspace) == 1
