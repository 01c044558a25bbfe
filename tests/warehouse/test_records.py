"""Records are appended, never changed, and show where somebody did."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segment.exceptions import PublishError
from segment.warehouse import Workspace
from segment.warehouse.records import NOTHING_BEFORE, append, check_chain, records


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def _three(workspace: Workspace) -> None:
    for number in range(3):
        append(workspace, "acceptance" if number else "approval", by="Ann", why="because", content={"number": number})


def test_each_record_holds_the_hash_of_the_one_before(workspace: Workspace) -> None:
    _three(workspace)
    first, second, third = records(workspace)
    assert first.sha256_before == NOTHING_BEFORE
    assert (second.sha256_before, third.sha256_before) == (first.sha256, second.sha256)
    assert check_chain(workspace) == 3


def test_records_are_found_by_kind_and_none_are_none(workspace: Workspace) -> None:
    assert records(workspace) == []
    _three(workspace)
    assert [record.content["number"] for record in records(workspace, "acceptance")] == [1, 2]


@pytest.mark.parametrize(
    "change", ["update record set why = 'other' where number = 2", "delete from record where number = 1"]
)
def test_a_record_that_was_altered_breaks_the_chain(workspace: Workspace, change: str) -> None:
    _three(workspace)
    with sqlite3.connect(workspace.records) as opened:
        opened.execute(change)
    opened.close()
    with pytest.raises(PublishError, match="must stand as they were written"):
        check_chain(workspace)


@pytest.mark.parametrize(("by", "why"), [("", "because"), ("Ann", " ")])
def test_nobody_and_no_reason_decide_nothing(workspace: Workspace, by: str, why: str) -> None:
    with pytest.raises(PublishError, match="who takes it and why"):
        append(workspace, "acceptance", by=by, why=why, content={})
    assert records(workspace) == []


def test_writers_at_the_same_time_leave_one_chain(workspace: Workspace) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: append(workspace, "approval", by="Ann", why="x", content={"n": n}), range(12)))
    assert check_chain(workspace) == 12


def test_only_its_owner_can_read_the_file(workspace: Workspace) -> None:
    _three(workspace)
    assert workspace.records.stat().st_mode & 0o777 == 0o600
