"""A workbook holds every row and every character of its table, or there is none."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from segment.exceptions import ExportError
from segment.warehouse import spreadsheet
from segment.warehouse.export import export_table, write_export

FIVE = pl.DataFrame({"customer_id": [f"c{number}" for number in range(5)], "gain": [1.0, 2.0, 3.0, 4.0, 5.0]})


def cells(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path, read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_more_rows_than_a_sheet_holds_go_on_further_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 3)
    write_export(FIVE, tmp_path / "list.xlsx", "list", {"Rows": "5"})
    read = cells(tmp_path / "list.xlsx")
    assert list(read) == ["list", "list 2", "list 3", "About this list"]
    assert {rows[0] for name, rows in read.items() if name.startswith("list")} == {("customer_id", "gain")}
    assert [row for name in ("list", "list 2", "list 3") for row in read[name][1:]] == FIVE.rows()


@pytest.mark.slow
def test_excels_own_limit_is_where_the_second_sheet_begins(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": pl.int_range(spreadsheet.MOST_ROWS + 1, eager=True)})
    export_table(frame, tmp_path / "long.xlsx", "long")
    read = cells(tmp_path / "long.xlsx")
    assert {name: len(rows) for name, rows in read.items()} == {"long": 1_048_576, "long 2": 3}
    assert read["long 2"][1:] == [(1_048_575,), (1_048_576,)]


@pytest.mark.parametrize("letter", ["a", "价", "\U0001f600"])
def test_a_cell_is_written_up_to_its_last_character_or_the_file_is_refused(tmp_path: Path, letter: str) -> None:
    most = spreadsheet.MOST_CHARACTERS // (2 if ord(letter) > 0xFFFF else 1)
    export_table(pl.DataFrame({"text": [letter * most]}), tmp_path / "fits.xlsx", "t")
    assert cells(tmp_path / "fits.xlsx")["t"][1] == (letter * most,)
    with pytest.raises(ExportError, match=r"up to 32,767 characters. Longer: `text` 2"):
        export_table(pl.DataFrame({"text": [letter * (most + 1)] * 2 + ["a"]}), tmp_path / "long.xlsx", "t")
    assert not (tmp_path / "long.xlsx").exists()


def test_titles_columns_and_names_beyond_the_limits_are_refused(tmp_path: Path) -> None:
    for frame, sheet, must in (
        (pl.DataFrame({f"c{number}": [1] for number in range(16_385)}), "t", "up to 16,384 columns. Got 16,385"),
        (pl.DataFrame({"a" * 40_000: [1]}), "t", "Longer: titles 1"),
        (FIVE, "s" * 32, "up to 31 characters. Got 32"),
    ):
        with pytest.raises(ExportError, match=must):
            export_table(frame, tmp_path / "t.xlsx", sheet)
    with pytest.raises(ExportError, match="titles 1"):
        write_export(FIVE, tmp_path / "t.xlsx", "t", {"Purpose": "p" * 40_000})
    assert list(tmp_path.iterdir()) == []


def test_what_a_cell_cannot_hold_as_a_number_or_a_date_is_text(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [2**53, 2**53 + 1], "on": [dt.date(1900, 1, 1), dt.date(1812, 6, 24)]})
    export_table(frame, tmp_path / "t.xlsx", "t")
    rows = cells(tmp_path / "t.xlsx")["t"][1:]
    assert rows == [(2**53, dt.datetime(1900, 1, 1)), ("9007199254740993", "1812-06-24")]


def test_what_is_printed_on_top_says_that_it_was_cut(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_export(FIVE, tmp_path / "t.xlsx", "t", {"Purpose": "\U0001f600" * 200})
    header = str(openpyxl.load_workbook(tmp_path / "t.xlsx")["t"].oddHeader.left.text)
    assert header.endswith("…")
    assert cells(tmp_path / "t.xlsx")["About this list"][0][1] == "\U0001f600" * 200


def test_a_cell_that_the_writer_did_not_take_stops_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsxwriter.worksheet.Worksheet, "write_string", lambda *_: -1)
    with pytest.raises(ExportError, match=r"written whole. One was not \(code -1\)"):
        export_table(FIVE, tmp_path / "t.xlsx", "t")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_file_that_lacks_a_row_never_has_its_name(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("write_csv", "write_parquet"):
        whole = getattr(pl.DataFrame, name)
        monkeypatch.setattr(pl.DataFrame, name, lambda frame, *a, _whole=whole, **k: _whole(frame.head(4), *a, **k))
    monkeypatch.setattr(spreadsheet, "_write_column", lambda *_: None)
    with pytest.raises(ExportError, match=r"5 rows of 2 columns. It holds 4|every row. Expected 6 with headers, got 1"):
        export_table(FIVE, tmp_path / f"t.{ending}", "t")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_whose_text_was_changed_on_its_way_never_has_its_name(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = pl.col("customer_id").str.replace("c3", "c")
    for name in ("read_csv", "read_parquet"):
        read = getattr(pl, name)
        monkeypatch.setattr(pl, name, lambda *a, _read=read, **k: _read(*a, **k).with_columns(other))
    with pytest.raises(ExportError, match="It holds 5 of 2, with other values"):
        export_table(FIVE, tmp_path / f"t.{ending}", "t")
    assert list(tmp_path.iterdir()) == []
