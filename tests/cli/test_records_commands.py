"""Records are listed, verified against all that knows of them, and anchored for an archive outside."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.workspace import Workspace
from tests.conftest import Said

Segment = Callable[..., Said]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    (tmp_path / "key").write_text("0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("SEGMENT_CHAIN_KEY_FILE", str(tmp_path / "key"))
    place = Workspace(tmp_path / "workspace")
    for number in range(5):
        append_record(place, RecordKind.GATE_ACCEPTED, by="Ann", why=f"because {number}", content={"n": number})
    return place


def test_they_are_listed(workspace: Workspace, segment: Segment) -> None:
    said = segment("records", "--last", 2, workspace=workspace.root)
    assert said.code == 0
    assert "because 4" in said.out
    assert "because 2" not in said.out
    assert [row["number"] for row in json.loads(segment("records", "--json", workspace=workspace.root).out)] == [
        1, 2, 3, 4, 5,
    ]  # fmt: skip


def test_an_archived_anchor_names_what_was_cut_off_with_head_and_store(
    workspace: Workspace, tmp_path: Path, segment: Segment
) -> None:
    anchor = tmp_path / "anchor.json"
    assert segment("records", "--anchor", anchor, workspace=workspace.root).code == 0
    assert segment("records", "--verify", "--against", anchor, workspace=workspace.root).code == 0
    with closing(sqlite3.connect(workspace.store)) as opened, opened:
        opened.execute("delete from record where number > 3")
    workspace.chain_head.unlink()
    assert segment("records", "--verify", workspace=workspace.root).code == 0  # nothing left that knows
    cut = segment("records", "--verify", "--against", anchor, workspace=workspace.root)
    assert cut.code == 2
    assert "By anchor.json there were 5; now numbers 4 to 5 are missing." in cut.err


def test_a_manifest_of_a_released_file_is_an_anchor(workspace: Workspace, tmp_path: Path, segment: Segment) -> None:
    manifest = tmp_path / "list.csv.manifest.json"
    manifest.write_text(json.dumps({"record": 5, "record_sha256": "0" * 64}))
    other = segment("records", "--against", manifest, workspace=workspace.root)
    assert "Number 5 is not the one that list.csv.manifest.json knows." in other.err
    manifest.write_text(json.dumps({"rows": 5}))
    assert "An anchor is JSON with" in segment("records", "--against", manifest, workspace=workspace.root).err


def test_a_key_in_the_workspace_is_said_by_every_check(
    tmp_path: Path, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Workspace(tmp_path / "another")
    append_record(place, RecordKind.GATE_ACCEPTED, by="Ann", why="because", content={})
    for call in (("--verify",), ("--anchor", tmp_path / "a.json")):
        assert "this shows slips, not attackers" in segment("records", *call, workspace=place.root).out
    monkeypatch.setenv("SEGMENT_LANGUAGE", "zh")
    assert "不能发现攻击者" in segment("records", "--verify", workspace=place.root).out


def test_an_anchor_inside_the_workspace_is_refused(workspace: Workspace, segment: Segment) -> None:
    said = segment("records", "--anchor", workspace.root / "anchor.json", workspace=workspace.root)
    assert said.code == 2
    assert "must lie outside the workspace" in said.err
    assert not (workspace.root / "anchor.json").exists()
