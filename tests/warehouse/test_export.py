"""No cell of an exported table is a formula, and numbers stay numbers."""

from __future__ import annotations

import csv
import datetime as dt
import stat
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.exceptions import ExportError
from segment.warehouse.export import FORMULA_STARTS, export_table, guarded, write_export

FRAME = pl.DataFrame(
    {
        "customer_id": ["007", "=1+1", "＝cmd", "-5"],
        "gain": [-12.5, 3.0, None, float("nan")],
        "flag": [True, False, None, True],
        "on": [dt.date(2025, 12, 31), None, None, None],
        "reasons": [["a", "b"], [], ["=x"], None],
    }
)


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_csv_guards_text_and_leaves_numbers_alone(tmp_path: Path) -> None:
    export_table(FRAME, tmp_path / "list.csv", "list")
    first, second, third, fourth = rows(tmp_path / "list.csv")[1:]
    assert first == ["007", "-12.5", "true", "2025-12-31", "a; b"]
    assert second[0] == "'=1+1"
    assert third[0] == "'＝cmd"
    assert third[4] == "'=x"
    assert fourth[0] == "'-5"


def test_xlsx_holds_text_as_text_and_numbers_as_numbers(tmp_path: Path) -> None:
    export_table(FRAME, tmp_path / "list.xlsx", "list")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx")["list"]
    assert [cell.value for cell in sheet["A"]] == ["customer_id", "007", "=1+1", "＝cmd", "-5"]
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert [cell.value for cell in sheet["B"]] == ["gain", -12.5, 3, None, None]
    assert sheet["D2"].value == dt.datetime(2025, 12, 31)


def test_parquet_keeps_every_type(tmp_path: Path) -> None:
    export_table(FRAME, tmp_path / "list.parquet", "list")
    assert pl.read_parquet(tmp_path / "list.parquet").schema == FRAME.schema


def test_an_exported_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    for ending in (".csv", ".xlsx", ".parquet"):
        export_table(FRAME, tmp_path / f"list{ending}", "list")
        assert stat.S_IMODE((tmp_path / f"list{ending}").stat().st_mode) == 0o600


def test_an_unknown_ending_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"must end in .csv, .parquet, .xlsx"):
        export_table(FRAME, tmp_path / "list.doc", "list")
    assert list(tmp_path.iterdir()) == []


BREAKS = [";", "; ", ';"', "\n", "\r", "\t", "\0"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", BREAKS)
def test_no_formula_follows_a_delimiter_that_some_countries_use(tmp_path: Path, before: str, start: str) -> None:
    export_table(pl.DataFrame({"text": [f"a{before}{start}1+1"]}), tmp_path / "list.csv", "list")
    assert rows(tmp_path / "list.csv")[1][0] == f"a{before}'{start}1+1"


@pytest.mark.parametrize("start", [*FORMULA_STARTS, " =", '"=', ' "@'])
def test_no_formula_starts_a_cell(tmp_path: Path, start: str) -> None:
    export_table(pl.DataFrame({"text": [f"{start}1+1"]}), tmp_path / "list.csv", "list")
    assert rows(tmp_path / "list.csv")[1][0].startswith("'")


@pytest.mark.parametrize("second", ["\t1", "\n1", "\r1"])
def test_no_cell_after_a_semicolon_starts_with_white_space_that_hides_a_formula(tmp_path: Path, second: str) -> None:
    export_table(pl.DataFrame({"text": [f"a;{second}"]}), tmp_path / "list.csv", "list")
    assert rows(tmp_path / "list.csv")[1][0] == f"a;'{second}"


@pytest.mark.parametrize("text", ["Salary account, -5% fees", "a-b", "a = b", "ann@bank.example", "it's"])
def test_plain_words_stay_as_they_are(tmp_path: Path, text: str) -> None:
    export_table(pl.DataFrame({"text": [text]}), tmp_path / "list.csv", "list")
    assert rows(tmp_path / "list.csv")[1] == [text]


def test_a_workbook_says_what_it_is(tmp_path: Path) -> None:
    about = {"Released by": "Ann & Ben =1+1", "List": "L1"}
    write_export(FRAME, tmp_path / "list.xlsx", "list", about)
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    said = [[cell.value for cell in row] for row in book["About this list"].iter_rows()]
    assert said == [["Released by", "Ann & Ben =1+1"], ["List", "L1"]]
    assert {cell.data_type for row in book["About this list"].iter_rows() for cell in row} == {"s"}
    assert (book.properties.title, book.properties.creator) == ("list", "Ann & Ben =1+1")
    assert "List: L1" in str(book["list"].oddHeader.left.text)


@settings(max_examples=50)
@given(texts=st.lists(st.text(max_size=8), min_size=1, max_size=5))
def test_no_csv_cell_starts_a_formula(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("csv") / "list.csv"
    export_table(pl.DataFrame({"text": texts}), path, "list")
    for (cell,) in (row for row in rows(path)[1:] if row):
        assert not cell.startswith(FORMULA_STARTS)


def test_a_formula_gets_an_apostrophe() -> None:
    assert (guarded("=1+1"), guarded("7; -7"), guarded("C-7")) == ("'=1+1", "7; '-7", "C-7")
