"""Tables as XLSX workbooks that hold all of a table, on as many sheets as it takes, or are not written."""

# Source of the limits: "Excel specifications and limits", Microsoft support. xlsxwriter cuts what goes beyond them and
# says so by a number that it returns, so every one of them is looked at.

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import ExportError
from segment.messages import Message
from segment.warehouse.printed_sheet import PrintedSheet, write_printed_sheet

MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS, LONGEST_NAME = 1_048_576, 16_384, 32_767, 31
LARGEST_EXACT = 2**53  # A cell's number is a double
FIRST_YEAR = 1900  # Of the calendar that a cell knows
LONGEST_PRINTED = 255
WIDEST_COLUMN = 60
ABOUT = "About this list"
"""Name of the sheet that says what a file is, unless another is given."""
_HINT = Message("errors.hint.spreadsheet")


def write_workbook(
    frame: pl.DataFrame,
    path: Path,
    sheet: str,
    about: Mapping[str, str],
    printed: Sequence[PrintedSheet] = (),
    about_sheet: str = ABOUT,
) -> None:
    """Write sheets for people, then the table on one sheet or several with its header, and count what came of it."""
    import xlsxwriter

    _require_room(frame, sheet, about, printed)
    expected = []
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    step = MOST_ROWS - 1
    parts = {name: frame.slice(place * step, step) for place, name in enumerate(_names(frame, sheet))}
    with xlsxwriter.Workbook(path, options) as book:
        bold, date, number = (
            book.add_format(given)
            for given in ({"bold": True}, {"num_format": "yyyy-mm-dd"}, {"num_format": "#,##0.00"})
        )
        for given in printed:
            rows, codes = write_printed_sheet(book, given)
            expected.append(rows)
            _require_written(next(filter(None, codes), 0))
        for name, part in parts.items():
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            page.repeat_rows(0)
            page.set_landscape()
            page.fit_to_pages(1, 0)
            for column, (title, values) in enumerate(part.to_dict(as_series=False).items()):
                _require_written(page.write_string(0, column, title, bold))
                page.set_column(column, column, _width(title, values))
                style = date if part.schema[title] == pl.Date else number if part.schema[title].is_float() else None
                _write_column(page, column, values, style)
            page.autofilter(0, 0, max(part.height, 1), max(part.width - 1, 0))
        if about:
            _write_about(book, about_sheet, about, bold)
    expected += [part.height + 1 for part in parts.values()] + ([len(about)] if about else [])
    _require_rows(path, expected)


def _require_room(frame: pl.DataFrame, sheet: str, about: Mapping[str, str], printed: Sequence[PrintedSheet]) -> None:
    """Refuse before anything is written what a workbook cannot hold; rows have further sheets."""
    if frame.width > MOST_COLUMNS:
        raise ExportError.of("errors.too_many_columns", most=MOST_COLUMNS, width=frame.width, hint=_HINT)
    last = max(map(_units, _names(frame, sheet)))
    if last > LONGEST_NAME:
        raise ExportError.of("errors.sheet_name", most=LONGEST_NAME, given=last)
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    too_long = {name: count for name in texts if (count := _count_too_long(frame[name]))}
    of_people = (text for given in printed for text in given.texts)
    titles = sum(map(_is_too_long, (*frame.columns, *about, *about.values(), *of_people)))
    if too_long or titles:
        where = ", ".join(f"`{name}` {count:,}" for name, count in too_long.items()) or Message(
            "errors.long_titles", {"titles": titles}
        )
        raise ExportError.of("errors.cell_too_long", most=MOST_CHARACTERS, where=where, hint=_HINT)


def _count_too_long(texts: pl.Series) -> int:
    # bytes are never fewer than Excel's characters
    return sum(map(_is_too_long, texts.filter(texts.str.len_bytes() > MOST_CHARACTERS)))


def _is_too_long(text: str) -> bool:
    return _units(text) > MOST_CHARACTERS


def _units(text: str) -> int:
    """Count characters as Excel does."""
    return len(text.encode("utf-16-le")) // 2


def _names(frame: pl.DataFrame, sheet: str) -> list[str]:
    """Name the sheets that a table takes: each holds a header and as many rows as are left room for."""
    count = max(1, -(-frame.height // (MOST_ROWS - 1)))
    return [sheet, *(f"{sheet} {number}" for number in range(2, count + 1))]


def _width(name: str, values: list[Any]) -> int:
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return max(12, len(name) + 2, min(longest + 2, WIDEST_COLUMN))


def _write_about(book: Any, name: str, about: Mapping[str, str], bold: Any) -> None:
    summary = ". ".join(f"{name}: {value}" for name, value in about.items())
    pages = book.worksheets()
    for page in pages:
        page.set_header(_printed(summary))
        page.set_footer("&R&P / &N")
    book.set_properties({"title": pages[0].get_name(), "author": next(iter(about.values())), "comments": summary})
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    sheet.fit_to_pages(1, 0)
    for row, (title, value) in enumerate(about.items()):
        _require_written(sheet.write_string(row, 0, title, bold))
        _require_written(sheet.write_string(row, 1, value))


def _printed(summary: str) -> str:
    """Cut what is printed on top of each page, which says so; the sheet about the list holds all of it."""
    # `&` starts a code in printed text
    whole = f"&L&8 {summary.replace('&', '&&')}"
    if _units(whole) <= LONGEST_PRINTED:
        return whole
    cut = whole.encode("utf-16-le")[: 2 * (LONGEST_PRINTED - 1)].decode("utf-16-le", errors="ignore")
    return cut.rstrip("&") + "…"


def _write_column(page: Any, column: int, values: list[Any], style: Any) -> None:
    for row, value in enumerate(values, start=1):
        if isinstance(value, str):
            _require_written(page.write_string(row, column, value))
        elif isinstance(value, bool):
            _require_written(page.write_boolean(row, column, value))
        elif isinstance(value, float):
            if value == value and abs(value) != float("inf"):
                _require_written(page.write_number(row, column, value, style))
        elif value is not None:
            _write_exactly(page, row, column, value, style)


def _write_exactly(page: Any, row: int, column: int, value: Any, style: Any) -> None:
    """Write an integer or a date as what it is where Excel can hold it, and as text where it cannot."""
    if isinstance(value, int) and abs(value) <= LARGEST_EXACT:
        _require_written(page.write_number(row, column, value, style))
    elif isinstance(value, dt.date) and not getattr(value, "tzinfo", None) and value.year >= FIRST_YEAR:
        _require_written(page.write_datetime(row, column, value, style))
    else:
        _require_written(page.write_string(row, column, str(value)))


def _require_written(code: int) -> None:
    if code != 0:
        raise ExportError.of("errors.cell_not_written", code=code, hint=_HINT)


def _require_rows(path: Path, expected: list[int]) -> None:
    """Count the rows of each sheet in the file."""
    with zipfile.ZipFile(path) as packed:
        counts = [_count_rows(packed, number + 1) for number in range(len(expected))]
    if counts != expected:
        raise ExportError.of("errors.rows_not_written", expected=sum(expected), counts=sum(counts), hint=_HINT)


def _count_rows(packed: zipfile.ZipFile, number: int) -> int:
    count, left = 0, b""
    with packed.open(f"xl/worksheets/sheet{number}.xml") as sheet:
        while block := sheet.read(1 << 20):
            count += (left + block).count(b"<row ")
            left = block[-4:]
    return count
