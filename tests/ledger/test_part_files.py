"""Files as banks have them: packed, cut into parts, in workbooks; what cannot be read is told in one message."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter

from segment.ledger import TABLES
from segment.ledger.part_files import format_of, is_part, stem_of
from tests.ledger.small_ledger import Tables, write_csv, write_parquet
from tests.ledger.test_faults import faults_of
from tests.ledger.test_folder import assert_same, checked


def zstd(content: bytes) -> bytes:
    return pa.compress(content, "zstd", asbytes=True)  # type: ignore[no-any-return]


def write_xlsx(rows: pl.DataFrame, path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        rows.cast({pl.Boolean: pl.String}).write_excel(book, autofilter=False)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("2023.csv.gz", gzip.compress),
        ("2023.CSV.GZ", gzip.compress),
        ("2023.csv.zst", zstd),
        ("part-00001", bytes),
        ("part-00001.gz", gzip.compress),
        ("part-r-00001.zst", zstd),
        ("part-00000-5b2c.c000.csv.gz", gzip.compress),
        ("2023.csv.gz", bytes),  # unpacked on its way by a browser
    ],
)
def test_packed_files_and_parts_hold_the_same_rows(
    small_ledger: Tables, tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    expected = checked(write_parquet(small_ledger, tmp_path / "expected"))
    rows = small_ledger.pop("transactions")
    folder = write_csv(small_ledger, tmp_path / "ledger")
    (folder / "transactions").mkdir()
    rows[:400].write_csv(folder / "transactions" / "0.csv")
    (folder / "transactions" / name).write_bytes(pack(rows[400:].write_csv().encode()))
    assert_same(checked(folder), expected)


def test_parts_without_an_ending_may_be_parquet(small_ledger: Tables, tmp_path: Path) -> None:
    expected = checked(write_parquet(small_ledger, tmp_path / "expected"))
    rows = small_ledger.pop("transactions")
    folder = write_parquet(small_ledger, tmp_path / "ledger")
    (folder / "transactions").mkdir()
    rows[:400].write_parquet(folder / "transactions" / "part-00000")
    rows[400:].write_parquet(folder / "transactions" / "part-00001")
    assert_same(checked(folder), expected)


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_packed_file_cut_short_is_a_fault(
    small_ledger: Tables, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    folder = write_csv(small_ledger, tmp_path)
    content = pack((folder / "transactions.csv").read_bytes())
    (folder / "transactions.csv").unlink()
    (folder / "transactions.csv.gz").write_bytes(content[:-20])
    (fault,) = faults_of(folder)
    assert "`transactions.csv.gz` is cut short or damaged" in fault


def test_a_packed_file_that_unpacks_beyond_the_limit_is_a_fault(
    small_ledger: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_csv(small_ledger, tmp_path)
    (folder / "branches.csv").unlink()
    (folder / "branches.csv.gz").write_bytes(gzip.compress(b"branch_id,name\n" + b"B0,x\n" * 100_000))
    monkeypatch.setenv("SEGMENT_MOST_LEDGER_FILE_BYTES", "100000")
    (fault,) = faults_of(folder)
    assert "unpacks to more than 100,000 bytes" in fault


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_small_table_may_be_a_workbook(small_ledger: Tables, tmp_path: Path, table: str) -> None:
    expected = checked(write_parquet(small_ledger, tmp_path / "expected"))
    folder = write_parquet(small_ledger, tmp_path / "ledger")
    (folder / f"{table}.parquet").unlink()
    write_xlsx(small_ledger[table], folder / f"{table.title()}.xlsx")
    assert_same(checked(folder), expected)


def workbook(folder: Path, table: str, *lines: list[object], **sheets: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in lines:
        sheet.append(line)
    for title, more in sheets.items():
        other = book.create_sheet(title)
        for line in more:
            other.append(line)
    (folder / f"{table}.parquet").unlink()
    book.save(folder / f"{table}.xlsx")


@pytest.mark.parametrize(
    ("lines", "sheets", "reason"),
    [
        ([["branch_id", "name"], ["B0", "x"], ["B1", "y"]], {"Notes": [["a"]]}, "holds 2 sheets with cells"),
        ([], {}, "is empty"),
        ([["branch_id", "name", "name"], ["B0", "x", "y"]], {}, "has the column `name` 2 times"),
        ([["branch_id", "name"], [6222021234567890123, "x"]], {}, "has 1 ids in `branch_id` that are rounded numbers"),
    ],
)
def test_a_workbook_that_is_no_table_is_a_fault(
    small_ledger: Tables, tmp_path: Path, lines: list[list[object]], sheets: dict[str, list[list[object]]], reason: str
) -> None:
    workbook(write_parquet(small_ledger, tmp_path), "branches", *lines, **sheets)
    (fault,) = faults_of(tmp_path)
    assert reason in fault


def test_the_sheet_that_has_the_table_s_name_is_read(small_ledger: Tables, tmp_path: Path) -> None:
    rows = [["branch_id", "name"], ["B0", "North"], ["B1", "South"], [None, None]]
    workbook(write_parquet(small_ledger, tmp_path), "branches", ["notes of the month"], Branches=rows)
    assert checked(tmp_path).tables["branches"]["name"].to_list() == ["North", "South"]


def test_days_of_a_workbook_are_days_and_a_serial_number_is_none(small_ledger: Tables, tmp_path: Path) -> None:
    folder = write_parquet(small_ledger, tmp_path)
    head = ["source", "refreshed_on"]
    workbook(folder, "suppression_sources", head, ["deaths", dt.datetime(2023, 6, 15)], ["x", dt.date(2023, 6, 1)])
    assert checked(folder).tables["suppression_sources"]["refreshed_on"].to_list() == [
        dt.date(2023, 6, 15),
        dt.date(2023, 6, 1),
    ]
    (folder / "suppression_sources.parquet").touch()
    workbook(folder, "suppression_sources", head, ["deaths", 45092])
    (fault,) = faults_of(folder)
    assert "needs an ISO date (YYYY-MM-DD) in `refreshed_on`" in fault


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("branches.csv", "Parquet", "is called CSV and holds Parquet"),
        ("branches.csv.gz", "Parquet", "is called CSV and holds Parquet"),
        ("branches.xlsx", "Parquet", "is called XLSX and holds Parquet"),
        ("branches.csv", "XLSX", "is called CSV and holds XLSX"),
        ("branches.csv", "XLS", "holds a workbook of before 2007"),
        ("branches.xlsx", "CSV", "is no whole XLSX workbook"),
        ("branches.parquet", "CSV", "is no whole Parquet file"),
    ],
)
def test_a_file_that_holds_another_format_than_its_name_says_is_a_fault(
    small_ledger: Tables, tmp_path: Path, name: str, content: str, reason: str
) -> None:
    folder = write_parquet(small_ledger, tmp_path)
    rows = pl.read_parquet(folder / "branches.parquet")
    (folder / "branches.parquet").unlink()
    if content == "Parquet":
        rows.write_parquet(folder / name)
    elif content == "XLSX":
        write_xlsx(rows, folder / "x.xlsx")
        (folder / "x.xlsx").rename(folder / name)
    else:
        (folder / name).write_bytes(rows.write_csv().encode() if content == "CSV" else b"\xd0\xcf\x11\xe0 and more")
    (fault,) = faults_of(folder)
    assert reason in fault


def test_what_a_file_manager_leaves_beside_a_table_is_passed_over(small_ledger: Tables, tmp_path: Path) -> None:
    folder = write_csv(small_ledger, tmp_path)
    (folder / "._transactions.csv").write_bytes(b"\x00\x05\x16\x07")
    assert checked(folder).tables["transactions"].height == 480


def test_a_name_says_the_format_and_the_table() -> None:
    assert [format_of(name) for name in ("a.PARQUET", "a.csv.zst", "a.xlsx", "a.txt", "a.gz")] == [
        "Parquet",
        "CSV",
        "XLSX",
        None,
        None,
    ]
    assert stem_of("contact_rules.csv.gz") == "contact_rules"
    assert is_part("part-00001")
    assert not is_part("partner.txt")
