"""Text as spreadsheets of the world write it: read rightly in what it says or the settings name, refused otherwise."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import InputFileError, LedgerError, UsageError
from segment.input_files import InputLimits
from segment.ledger.directory import read_directory
from tests.ledger.small_ledger import Tables, write_csv, write_parquet
from tests.ledger.test_faults import faults_of
from tests.ledger.test_folder import assert_same, checked

NAMES = ["城东支行", "开发区支行"]


@pytest.fixture
def chinese(small_ledger: Tables) -> Tables:
    small_ledger["branches"] = small_ledger["branches"].with_columns(name=pl.Series(NAMES))
    return small_ledger


def rewrite(folder: Path, table: str, to: Callable[[bytes], bytes]) -> None:
    file = folder / f"{table}.csv"
    file.write_bytes(to(file.read_bytes()))


@pytest.mark.parametrize(
    ("named", "to"),
    [
        ("gb18030", lambda text: text.decode().encode("gb18030")),
        ("GBK", lambda text: text.decode().encode("gbk")),
        ("gb2312", lambda text: text.decode().encode("gbk")),
        ("gb18030", lambda text: b"\x84\x31\x95\x33" + text.decode().encode("gb18030")),  # with its mark
        (None, lambda text: text.decode().encode("utf-16")),
        (None, lambda text: codecs.BOM_UTF16_BE + text.decode().encode("utf-16-be")),
        ("gb18030", lambda text: text.decode().replace(",", "\t").encode("utf-16")),  # "Unicode text" of Excel
        (None, lambda text: text.decode().encode("utf-32")),
        ("utf-16-le", lambda text: text.decode().encode("utf-16-le")),
        ("gb18030", bytes),  # a file of the same folder that is UTF-8
        ("gb18030", lambda text: codecs.BOM_UTF8 + text),
        (None, lambda text: codecs.BOM_UTF8 + text),
    ],
)
def test_a_table_is_the_same_in_whatever_characters_it_comes(
    chinese: Tables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: str | None,
    to: Callable[[bytes], bytes],
) -> None:
    if named:
        monkeypatch.setenv("SEGMENT_ENCODING", named)
    folder = write_csv(chinese, tmp_path / "ledger")
    rewrite(folder, "branches", to)
    assert_same(checked(folder), checked(write_parquet(chinese, tmp_path / "expected")))


def test_packed_text_is_brought_to_utf_8_as_well(
    chinese: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMENT_ENCODING", "gb18030")
    folder = write_csv(chinese, tmp_path)
    content = (folder / "branches.csv").read_text().encode("gb18030")
    (folder / "branches.csv").unlink()
    (folder / "branches.csv.gz").write_bytes(gzip.compress(content))
    ledger = checked(folder)
    assert ledger.tables["branches"]["name"].to_list() == NAMES
    assert [(notice.name, notice.count) for notice in ledger.report.notices] == [("other_characters", 1)]


@pytest.mark.parametrize(
    ("named", "content", "told"),
    [
        (None, "branch_id,name\nB0,城东支行\nB1,西\n".encode("gbk"), "is not UTF-8 text; save it as .* `encoding`"),
        (None, "branch_id,name\nB0,Müller\nB1,b\n".encode("cp1252"), "is not UTF-8 text"),
        (None, "branch_id,name\nB0,a\nB1,b\n".encode("utf-16-le"), "is not UTF-8 text"),
        ("gb18030", b"branch_id,name\nB0,\xff\xff\nB1,b\n", "is neither UTF-8 nor gb18030 text throughout"),
        ("gb18030", "branch_id,name\nB0,a\nB1,b\n".encode("utf-16-le"), "is neither UTF-8 nor gb18030"),
        ("ascii", "branch_id,name\nB0,é\nB1,b\n".encode("cp1252"), "is neither UTF-8 nor ascii"),
        (None, "branch_id,name\nB0,a\n".encode("utf-16")[:-1], "begins as UTF-16 and is cut short"),
        (None, codecs.BOM_UTF8 + "branch_id,name\nB0,城\n".encode("gbk"), "is not UTF-8 text"),
        # two letters of UTF-8 are as well one Chinese character
        ("gb18030", "branch_id,name\nB0,Zürich\nB1,b\n".encode(), "is text both in UTF-8 and in gb18030"),
    ],
)
def test_what_cannot_be_told_or_is_damaged_is_a_fault_that_says_what_to_do(
    chinese: Tables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: str | None,
    content: bytes,
    told: str,
) -> None:
    if named:
        monkeypatch.setenv("SEGMENT_ENCODING", named)
    folder = write_csv(chinese, tmp_path)
    (folder / "branches.csv").write_bytes(content)
    with pytest.raises(LedgerError, match=told) as fault:
        checked(folder)
    assert "城" not in str(fault.value)


def test_a_western_encoding_gives_way_to_utf_8(small_ledger: Tables, tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("SEGMENT_ENCODING", "cp1252")
    folder = write_csv(small_ledger, tmp_path)
    for content in (
        "branch_id,name\nB0,Zürich\nB1,Köln\n".encode(),
        "branch_id,name\nB0,Zürich\nB1,Köln\n".encode("cp1252"),
    ):
        (folder / "branches.csv").write_bytes(content)
        assert checked(folder).tables["branches"]["name"].to_list() == ["Zürich", "Köln"]


def test_the_last_bytes_of_a_long_text_count(chinese: Tables, tmp_path: Path) -> None:
    folder = write_csv(chinese, tmp_path)
    rows = "".join(f"N{number:07d},{'x' * 90}\n" for number in range(11_000)).encode()  # more than is read at once
    (folder / "branches.csv").write_bytes(b"branch_id,name\n" + rows + "N9,城\n".encode("gbk"))
    (fault,) = faults_of(folder)
    assert "is not UTF-8 text" in fault


def test_text_in_other_characters_is_as_long_as_any_file_of_a_ledger(
    chinese: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMENT_ENCODING", "gb18030")
    monkeypatch.setenv("SEGMENT_MOST_FILE_BYTES", "1000000")
    folder = write_csv(chinese, tmp_path)
    rows = "".join(f"N{number:07d},{'城' * 40}\n" for number in range(15_000)).encode("gbk")
    (folder / "branches.csv").write_bytes(b"branch_id,name\n" + rows)
    assert "orphan" in str(pytest.raises(LedgerError, checked, folder).value)
    monkeypatch.setenv("SEGMENT_MOST_LEDGER_FILE_BYTES", "1600000")
    (fault,) = faults_of(folder)
    assert "is gb18030 text of more than 1,600,000 bytes in UTF-8; at most so many are read" in fault


def test_a_directory_of_names_comes_from_excel_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = tmp_path / "people.csv"
    people.write_bytes("customer_id,name,phone\nC1,王小明,138\n".encode("gbk"))
    with pytest.raises(InputFileError, match="is not UTF-8 text"):
        read_directory(people)
    monkeypatch.setenv("SEGMENT_ENCODING", "gb18030")
    assert read_directory(people).rows() == [("C1", "王小明", "138")]


@pytest.mark.parametrize("name", ["gb18031", "hex", "", "utf 7 or so"])
def test_characters_that_nobody_knows_are_no_setting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENT_ENCODING", name)
    with pytest.raises(UsageError, match="SEGMENT_ENCODING"):
        InputLimits()
