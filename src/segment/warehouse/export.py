"""Tables as files for people: CSV, XLSX and Parquet that no spreadsheet can be tricked by.

A table that says whom to contact or to charge leaves through `segment.jobs.leaving` alone: `export_table` refuses it,
and `write_export` is called from there only (a test holds that).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from segment.exceptions import PublishError
from segment.warehouse.tables import write_whole

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
# Excel splits at `;` in many countries, whatever the file was quoted for; so a formula must not follow one either.
_AFTER_A_BREAK = re.compile('(;[ "]*)(?=[=+\\-@＝＋－＠\t\r\n\0])|([\t\r\n\0][ "]*)(?=[=+\\-@＝＋－＠])')
LIST_MARK, REVIEW_MARK = "list_id", "review_id"
LONGEST_PRINTED = 255
CSV_DECIMALS = 6
WIDEST_COLUMN = 60
FORMATS = (".csv", ".parquet", ".xlsx")


def export_table(frame: pl.DataFrame, path: Path, sheet: str) -> None:
    """Write a table for people, in the format of the path's ending.

    Text that a spreadsheet would read as a formula gets a leading apostrophe in CSV and is written as text in XLSX
    (CWE-1236, OWASP ASVS 1.2.10). Numbers stay numbers, ids stay text.

    Parameters
    ----------
    frame : polars.DataFrame
        Lists are joined with ``"; "`` in CSV and XLSX.
    path : Path
        Ending in ``.csv``, ``.parquet`` or ``.xlsx``. The file is readable by its owner alone.
    sheet : str
        Name of the sheet in XLSX.

    Raises
    ------
    PublishError
        For any other ending, and for the rows of a list or of reviews.
    """
    for mark, what, way in (
        (LIST_MARK, "a list of customers to contact", "segment.jobs.release.release"),
        (REVIEW_MARK, "actions towards customers", "segment review-export"),
    ):
        if mark in frame.columns:
            raise PublishError.with_hint(
                f"A table with `{mark}` is {what}; it leaves only with a record. Got one.", way
            )
    write_export(frame, path, sheet)


def write_export(frame: pl.DataFrame, path: Path, sheet: str, about: Mapping[str, str] | None = None) -> None:
    """Write a table, whatever it holds.

    Parameters
    ----------
    frame : polars.DataFrame
        As for `export_table`.
    path : Path
        Ending in ``.csv``, ``.parquet`` or ``.xlsx``.
    sheet : str
        Name of the sheet in XLSX.
    about : mapping of str to str, optional
        What XLSX says of itself on a second sheet, in its properties and on each printed page.
    """
    check_format(path)
    if path.suffix == ".parquet":
        write_whole(path, lambda beside: frame.write_parquet(beside))
    elif path.suffix == ".csv":
        safe = _flat(frame).with_columns(
            pl.col(pl.String).map_elements(guarded, return_dtype=pl.String), pl.col(pl.Float64).round(CSV_DECIMALS)
        )
        write_whole(path, lambda beside: safe.write_csv(beside))
    else:
        write_whole(path, lambda beside: _write_xlsx(_flat(frame), beside, sheet, about or {}))


def check_format(path: Path) -> None:
    """Refuse a file name whose ending names no known format, before any work is done.

    Parameters
    ----------
    path : Path
        Where a table shall be written.

    Raises
    ------
    PublishError
        Where the ending is not in `FORMATS`.
    """
    if path.suffix not in FORMATS:
        raise PublishError.with_hint(
            f"A table's file must end in {', '.join(FORMATS)}. Got `{path.suffix or path.name}`.", "change the ending"
        )


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would read as a formula.

    Parameters
    ----------
    text : str
        A cell.

    Returns
    -------
    str
        As it stands in a CSV file.

    References
    ----------
    DOMAIN.md 3.5; CWE-1236.

    Examples
    --------
    >>> guarded("=1+1"), guarded("7; -7"), guarded("C-7")
    ("'=1+1", "7; '-7", 'C-7')
    """
    inside = _AFTER_A_BREAK.sub(r"\g<0>'", text)
    starts = inside.startswith(FORMULA_STARTS) or inside.lstrip(' "').startswith(FORMULA_STARTS)
    return f"'{inside}" if starts else inside


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    return frame.with_columns(pl.col(name).list.join("; ") for name in nested)


def _write_xlsx(frame: pl.DataFrame, path: Path, sheet: str, about: Mapping[str, str]) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        page = book.add_worksheet(sheet)
        bold, date, number = (
            book.add_format(given)
            for given in ({"bold": True}, {"num_format": "yyyy-mm-dd"}, {"num_format": "#,##0.00"})
        )
        page.freeze_panes(1, 0)
        page.repeat_rows(0)
        page.set_landscape()
        for column, (name, values) in enumerate(frame.to_dict(as_series=False).items()):
            page.write_string(0, column, name, bold)
            page.set_column(column, column, _width(name, values))
            style = date if frame.schema[name] == pl.Date else number if frame.schema[name].is_float() else None
            _write_column(page, column, values, style)
        page.autofilter(0, 0, max(frame.height, 1), max(frame.width - 1, 0))
        if about:
            _write_about(book, page, about, bold)


def _width(name: str, values: list[Any]) -> int:
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return max(12, len(name) + 2, min(longest + 2, WIDEST_COLUMN))


def _write_about(book: Any, page: Any, about: Mapping[str, str], bold: Any) -> None:
    said = ". ".join(f"{name}: {value}" for name, value in about.items())
    # `&` starts a code in printed text
    printed = f"&L{said.replace('&', '&&')}"[:LONGEST_PRINTED].rstrip("&")
    page.set_header(printed)
    page.set_footer("&LPage &P of &N")
    book.set_properties({"title": page.get_name(), "author": next(iter(about.values())), "comments": said})
    sheet = book.add_worksheet("About this list")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for row, (name, value) in enumerate(about.items()):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, value)


def _write_column(page: Any, column: int, values: list[Any], style: Any) -> None:
    for row, value in enumerate(values, start=1):
        if isinstance(value, str):
            page.write_string(row, column, value)
        elif isinstance(value, bool):
            page.write_boolean(row, column, value)
        elif isinstance(value, float | int):
            if value == value and abs(value) != float("inf"):
                page.write_number(row, column, value, style)
        elif value is not None:
            page.write_datetime(row, column, value, style)
