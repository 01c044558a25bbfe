"""A file is whole or not there, and its owner's alone."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from segment.files import (
    file_hash,
    json_hash,
    read_only_uri,
    read_secret,
    repr_hash,
    write_json,
    write_parquet,
    write_text,
    write_whole,
)


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


def test_a_reader_sees_the_file_before_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    write_text("before", path)
    seen = []

    def slowly(beside: Path) -> None:
        for part in ("be", "hind"):
            with beside.open("a") as file:
                file.write(part)
            seen.append(path.read_text())

    write_whole(path, slowly)
    assert (seen, path.read_text()) == (["before", "before"], "behind")


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    write_json({}, tmp_path / "x.json")
    assert stat.S_IMODE((tmp_path / "x.json").stat().st_mode) == 0o600
    write_text("page", tmp_path / "new" / "deeper" / "y.txt")
    assert stat.S_IMODE((tmp_path / "new" / "deeper" / "y.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    (tmp_path / "y.txt").write_text("page")
    (tmp_path / "y.txt").chmod(0o644)
    write_text("page", tmp_path / "y.txt")
    assert stat.S_IMODE((tmp_path / "y.txt").stat().st_mode) == 0o600


def test_equal_bytes_leave_the_time_of_change(tmp_path: Path) -> None:
    path, frame = tmp_path / "new" / "frame.parquet", pl.DataFrame({"a": [1, 2]})
    write_parquet(frame, path)
    os.utime(path, ns=(10**18, 10**18))
    write_parquet(frame, path)
    assert path.stat().st_mtime_ns == 10**18
    write_parquet(frame.reverse(), path)
    assert path.stat().st_mtime_ns > 10**18


def test_row_groups_are_as_long_as_asked(tmp_path: Path) -> None:
    write_parquet(pl.DataFrame({"a": range(10)}), tmp_path / "a.parquet", row_group_size=4)
    assert pl.read_parquet(tmp_path / "a.parquet")["a"].to_list() == list(range(10))


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"segment")
    assert file_hash(path) == hashlib.sha256(b"segment").hexdigest()


def test_values_are_known_whatever_the_order_of_their_keys() -> None:
    assert json_hash({"a": "é", "b": 2}) == json_hash({"b": 2, "a": "é"}) != json_hash({"a": "é", "b": 3})
    assert repr_hash([1, "a"]) == hashlib.sha256(b"[1, 'a']").hexdigest()


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    secret = read_secret(tmp_path / "secret")
    assert len(secret) == 64
    assert read_secret(tmp_path / "secret") == secret
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_database_is_read_without_anything_being_made_beside_it(tmp_path: Path) -> None:
    database = tmp_path / "a%20 b?#.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.commit()
        assert _read(database) == [(1,)]  # while somebody writes: what was committed
    assert _read(database) == [(1,)]
    assert [path.name for path in tmp_path.iterdir()] == [database.name]
    with closing(sqlite3.connect(read_only_uri(database), uri=True)) as connection, pytest.raises(sqlite3.Error):
        connection.execute("INSERT INTO t VALUES (2)")


def _read(database: Path) -> list[tuple[int]]:
    with closing(sqlite3.connect(read_only_uri(database), uri=True)) as connection:
        return connection.execute("SELECT a FROM t").fetchall()
