"""A file is whole or not there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from segment.warehouse import write_json, write_whole


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json({"a": 1}, path)

    def fail(beside: Path) -> None:
        beside.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(path, fail)
    assert path.read_text() == '{\n  "a": 1\n}\n'
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    write_json({}, tmp_path / "x.json")
    assert stat.S_IMODE((tmp_path / "x.json").stat().st_mode) == 0o600
