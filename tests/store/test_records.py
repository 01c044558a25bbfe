"""Records are appended, never changed, and show where somebody did."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from segment.exceptions import DecisionError, RecordError
from segment.store.record_kinds import RecordKind
from segment.store.records import NOTHING_BEFORE, append_record, check_chain, newest_records, read_records
from segment.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def _three(workspace: Workspace) -> None:
    for number in range(3):
        append_record(
            workspace,
            RecordKind.GATE_ACCEPTED if number else RecordKind.PROMOTION_APPROVED,
            by="Ann",
            why="because",
            content={"number": number},
        )


def test_each_record_holds_the_hash_of_the_one_before(workspace: Workspace) -> None:
    _three(workspace)
    first, second, third = read_records(workspace)
    assert first.sha256_before == NOTHING_BEFORE
    assert (second.sha256_before, third.sha256_before) == (first.sha256, second.sha256)
    assert check_chain(workspace) == 3


def test_records_are_found_by_kind_and_none_are_none(workspace: Workspace) -> None:
    assert read_records(workspace) == []
    _three(workspace)
    assert [record.content["number"] for record in read_records(workspace, RecordKind.GATE_ACCEPTED)] == [1, 2]


@pytest.mark.parametrize(
    "change", ["update record set why = 'other' where number = 2", "delete from record where number = 1"]
)
def test_a_record_that_was_altered_breaks_the_chain(workspace: Workspace, change: str) -> None:
    _three(workspace)
    with sqlite3.connect(workspace.store) as opened:
        opened.execute(change)
    opened.close()
    with pytest.raises(RecordError, match="must stand as they were written"):
        check_chain(workspace)


@pytest.mark.parametrize(("by", "why"), [("", "because"), ("Ann", " ")])
def test_nobody_and_no_reason_decide_nothing(workspace: Workspace, by: str, why: str) -> None:
    with pytest.raises(DecisionError, match="who takes it and why"):
        append_record(workspace, RecordKind.GATE_ACCEPTED, by=by, why=why, content={})
    assert read_records(workspace) == []


def test_writers_at_the_same_time_leave_one_chain(workspace: Workspace) -> None:
    with ThreadPoolExecutor(4) as pool:
        kind = RecordKind.PROMOTION_APPROVED
        list(pool.map(lambda n: append_record(workspace, kind, by="Ann", why="x", content={"n": n}), range(12)))
    assert check_chain(workspace) == 12


def test_only_its_owner_can_read_the_file(workspace: Workspace) -> None:
    _three(workspace)
    assert workspace.store.stat().st_mode & 0o777 == 0o600


def test_a_database_of_an_earlier_release_reads_and_its_chain_holds(workspace: Workspace) -> None:
    """Written by SQLite alone, as an earlier release left it: kinds as plain text, hashes of it."""
    with closing(sqlite3.connect(workspace.root / "records.db")) as opened, opened:
        opened.execute(
            "create table record (number integer not null primary key, written_at varchar not null,"
            " kind varchar not null, by varchar not null, why varchar not null, content varchar not null,"
            " sha256_before varchar not null, sha256 varchar not null)"
        )
        before = NOTHING_BEFORE
        for number, kind in enumerate(("approval", "policy replay", "tier_override"), start=1):
            row = [number, "2025-01-31T08:00:00+00:00", kind, "Ann", "because", '{"number": 1}', before]
            before = hashlib.sha256(json.dumps(row, ensure_ascii=False).encode()).hexdigest()
            opened.execute("insert into record values (?, ?, ?, ?, ?, ?, ?, ?)", (*row, before))
    kinds = [record.kind for record in read_records(workspace)]
    assert kinds == [RecordKind.PROMOTION_APPROVED, RecordKind.POLICY_REPLAYED, RecordKind.TIER_OVERRIDDEN]
    assert [record.content for record in read_records(workspace, RecordKind.TIER_OVERRIDDEN)] == [{"number": 1}]
    assert check_chain(workspace) == 3


def test_a_record_of_an_unknown_kind_stops_with_one_error(workspace: Workspace) -> None:
    _three(workspace)
    with closing(sqlite3.connect(workspace.store)) as opened, opened:
        opened.execute("update record set kind = 'horoscope' where number = 2")
    with pytest.raises(RecordError, match=r"that this version knows. Got `horoscope`.\nHint: "):
        read_records(workspace)
    with pytest.raises(RecordError, match="Number 2 of 3 is not signed"):
        check_chain(workspace)


def test_the_first_record_has_number_one() -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        first = append_record(workspace, RecordKind.GATE_ACCEPTED, by="Ann", why="a shift", content={"gate": "psi"})
    assert (first.number, first.content) == (1, {"gate": "psi"})


def test_the_newest_records_are_found_by_kind_and_subject(workspace: Workspace) -> None:
    seen, made = RecordKind.CUSTOMER_OPENED, RecordKind.OBJECTION_MADE
    for kind, subject in [(seen, "a"), (seen, "b%"), (made, "a"), (seen, "a")]:
        append_record(workspace, kind, by="Ann", why="why", content={"subject": subject, "said": '"subject": "c"'})
    assert [record.number for record in newest_records(workspace, 3)] == [4, 3, 2]
    assert [record.number for record in newest_records(workspace, 9, seen)] == [4, 2, 1]
    assert [record.number for record in newest_records(workspace, 9, seen, "a")] == [4, 1]
    assert [record.number for record in newest_records(workspace, 9, subject="b%")] == [2]
    assert newest_records(workspace, 9, subject="b") == newest_records(workspace, 9, subject="c") == []
    assert [record.number for record in read_records(workspace, made, seen)] == [1, 2, 3, 4]
