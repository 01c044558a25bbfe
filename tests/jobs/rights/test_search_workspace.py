"""The search finds an id wherever a file can hold one, and no id that only begins like it."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
from pathlib import Path

import polars as pl
import pytest

from segment.jobs.rights.search_workspace import search
from tests.warehouse.test_tiers_table import JUNE

WHO = "CUSTOMER-7"


def in_parquet(folder: Path, who: str) -> None:
    rows = pl.DataFrame({"b": [["other"], ["x", who]]})
    rows.write_parquet(folder / "a.parquet", compression="zstd", statistics=False)


def in_a_struct(folder: Path, who: str) -> None:
    pl.DataFrame({"s": [{"inner": who}]}).write_parquet(folder / "a.parquet", statistics=False)


def in_words(folder: Path, who: str) -> None:
    pl.DataFrame({"why": [f"asked by {who}."]}).write_parquet(folder / "a.parquet", statistics=False)


def in_json(folder: Path, who: str) -> None:
    (folder / "a.json").write_text(f'{{"who": "{who}"}}')


def packed(folder: Path, who: str) -> None:
    with zipfile.ZipFile(folder / "a.skops", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("schema.json", f'["{who}"]' * 9)


def zipped(folder: Path, who: str) -> None:
    (folder / "a.gz").write_bytes(gzip.compress(f"{who} ".encode() * 9))


def in_a_table(folder: Path, who: str) -> None:
    with sqlite3.connect(folder / "a.db") as connection:
        connection.execute("CREATE TABLE t (a TEXT)")
        connection.execute("INSERT INTO t VALUES (?)", (f"about {who}",))


def in_a_drawer(folder: Path, who: str) -> None:
    rows = io.BytesIO()
    pl.DataFrame({"customer_id": ["other"] * 9 + [who]}).write_parquet(rows, compression="lz4", statistics=False)
    with sqlite3.connect(folder / "a.db") as connection:
        connection.execute("CREATE TABLE t (a BLOB)")
        connection.execute("INSERT INTO t VALUES (?)", (rows.getvalue(),))


def in_a_freed_page(folder: Path, who: str) -> None:
    with sqlite3.connect(folder / "a.db") as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE t (a TEXT)")
        connection.execute("INSERT INTO t VALUES (?)", (f"about {who}",))
        connection.execute("DELETE FROM t")


def in_wide_characters(folder: Path, who: str) -> None:
    (folder / "a.txt").write_bytes(f"x {who}".encode("utf-16-le"))


HIDING = (
    in_parquet,
    in_a_struct,
    in_words,
    in_json,
    packed,
    zipped,
    in_a_table,
    in_a_drawer,
    in_a_freed_page,
    in_wide_characters,
)


@pytest.mark.parametrize("hide", HIDING)
def test_an_id_is_found_wherever_it_hides(hide: object, tmp_path: Path) -> None:
    hide(tmp_path, WHO)  # type: ignore[operator]
    found = search(tmp_path, WHO)
    assert (found.files, len(found.found), found.raw) == (1, 1, True)


@pytest.mark.parametrize("hide", HIDING)
def test_an_id_that_begins_or_ends_like_it_is_another(hide: object, tmp_path: Path) -> None:
    hide(tmp_path, f"{WHO}1")  # type: ignore[operator]
    assert search(tmp_path, WHO).found == ()
    assert len(search(tmp_path, f"{WHO}1").found) == 1


def test_a_file_that_bears_the_id_is_found_and_not_named(tmp_path: Path) -> None:
    (tmp_path / f"{WHO}.txt").write_text("nothing")
    found = search(tmp_path, WHO).found
    assert len(found) == 1
    assert WHO not in found[0]


def test_a_short_id_is_looked_for_where_ids_stand_and_nowhere_else(tmp_path: Path) -> None:
    pl.DataFrame({"customer_id": ["1", "2"], "model_version": ["3", "3"]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.json").write_text('{"model_version": "1", "as_of": "' + str(JUNE) + '"}')
    assert search(tmp_path, "1").found == ("a.parquet",)
    assert search(tmp_path, "3").found == ()
    assert not search(tmp_path, "1").raw
