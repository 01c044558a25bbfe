"""Ten attacks on the chain of records, by someone who may write to the store but has not its key; each is named."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from segment.exceptions import RecordError
from segment.store.chain import NOTHING_BEFORE, Anchor
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, chain_head, check_chain, empty_records, read_records
from segment.workspace import Workspace

Attack = Callable[[sqlite3.Connection], None]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    key = tmp_path / "outside" / "key"
    key.parent.mkdir()
    key.write_text("0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("SEGMENT_CHAIN_KEY_FILE", str(key))
    monkeypatch.setenv("SEGMENT_CHAIN_HEAD", str(tmp_path / "outside" / "head"))
    place = Workspace(tmp_path / "workspace")
    for number in range(12):
        append_record(place, RecordKind.GATE_ACCEPTED, by="Ann", why="because", content={"n": number})
    empty_records(place, [3], by="Ann", why="an erasure")
    assert check_chain(place) == 13
    return place


def plain_hashes(opened: sqlite3.Connection) -> None:
    """Everything hashed anew, as well as it goes without the key."""
    opened.execute("update record set by = 'Bea' where number = 5")
    opened.row_factory = sqlite3.Row
    before = NOTHING_BEFORE
    for row in opened.execute("select * from record order by number").fetchall():
        known = [row[name] for name in ("number", "written_at", "kind", "by", "content_mac")] + [before]
        sha256 = hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()
        opened.execute(
            "update record set sha256 = ?, sha256_before = ? where number = ?", (sha256, before, row["number"])
        )
        before = sha256


def forged_emptying(opened: sqlite3.Connection) -> None:
    """A record emptied by hand, another one that allows it, and then the author changed."""
    sha256 = opened.execute("select sha256 from record where number = 7").fetchone()[0]
    content = json.dumps({"emptied": [[7, sha256]]})
    opened.execute(
        "insert into record select 14, written_at, 'records_emptied', by, 'forged', ?, sha256, sha256, content_mac, mac"
        " from record where number = 13",
        (content,),
    )
    opened.execute("update record set content = '{}', why = 'emptied', by = 'Bea' where number = 7")


def swap(opened: sqlite3.Connection) -> None:
    for old, new in ((4, 99), (5, 4), (99, 5)):
        opened.execute("update record set number = ? where number = ?", (new, old))


def run(*statements: str) -> Attack:
    def attack(opened: sqlite3.Connection) -> None:
        for statement in statements:
            opened.execute(statement)

    return attack


@pytest.mark.parametrize(
    ("attack", "named"),
    [
        pytest.param(
            run("delete from record where number = 13"), "there were 13; now numbers 13 to 13", id="last cut off"
        ),
        pytest.param(
            run("delete from record where number > 8"), "there were 13; now numbers 9 to 13", id="five cut off"
        ),
        pytest.param(run("delete from record"), "now all of them are missing", id="all rows"),
        pytest.param(plain_hashes, "not signed with the chain's key", id="hashed anew"),
        pytest.param(forged_emptying, "Number 7 of 14 is not signed", id="forged emptying, then another author"),
        pytest.param(
            run("update record set by = 'Bea' where number = 3"), "Number 3 of 13", id="author of an emptied one"
        ),
        pytest.param(run("update record set content = '{}' where number = 9"), "What number 9", id="content changed"),
        pytest.param(run("delete from record where number = 6"), "Number 6 of 12 is missing", id="one taken out"),
        pytest.param(swap, "Number 4 of 13", id="two exchanged"),
        pytest.param(
            run("delete from record", "delete from facts where name = 'chain_key'"), "all of them", id="begun anew"
        ),
    ],
)
def test_an_attack_is_named(workspace: Workspace, attack: Attack, named: str) -> None:
    with closing(sqlite3.connect(workspace.store)) as opened, opened:
        attack(opened)
    with pytest.raises(RecordError, match=named):
        check_chain(workspace)


def test_a_store_that_is_gone_is_missed(workspace: Workspace) -> None:
    workspace.store.unlink()
    with pytest.raises(RecordError, match="there were 13; now all of them are missing"):
        check_chain(workspace)


def test_an_anchor_outside_tells_where_head_and_store_were_set_back_together(
    workspace: Workspace, tmp_path: Path
) -> None:
    store, head = workspace.store.read_bytes(), (tmp_path / "outside" / "head").read_bytes()
    append_record(workspace, RecordKind.GATE_ACCEPTED, by="Ann", why="because", content={"n": 99})
    anchor = Anchor.parse(chain_head(workspace).to_dict(), "the archive")
    workspace.store.write_bytes(store)
    (tmp_path / "outside" / "head").write_bytes(head)
    assert check_chain(workspace) == 13
    with pytest.raises(RecordError, match="By the archive there were 14; now numbers 14 to 14 are missing"):
        check_chain(workspace, [anchor])


def test_another_key_is_said_and_writes_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENT_CHAIN_KEY", "another key that is long enough")
    for act in (
        lambda: check_chain(workspace),
        lambda: append_record(workspace, RecordKind.GATE_ACCEPTED, by="Ann", why="because", content={}),
    ):
        with pytest.raises(RecordError, match="must be the one that it was made with"):
            act()
    monkeypatch.delenv("SEGMENT_CHAIN_KEY")
    assert len(read_records(workspace)) == 13


def test_a_key_inside_the_workspace_is_no_key_outside(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = workspace.root / "key"
    inside.write_text("0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("SEGMENT_CHAIN_KEY_FILE", str(inside))
    with pytest.raises(RecordError, match="must lie outside the workspace"):
        check_chain(workspace)
