"""Tables as files for people: CSV, XLSX and Parquet that no spreadsheet can be tricked by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from segment.exceptions import PublishError
from segment.warehouse.tables import write_whole

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
CSV_DECIMALS = 6
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
        For any other ending.
    """
    check_format(path)
    if path.suffix == ".parquet":
        write_whole(path, lambda beside: frame.write_parquet(beside))
    elif path.suffix == ".csv":
        guarded = _flat(frame).with_columns(
            pl.col(pl.String).map_elements(_guarded, return_dtype=pl.String), pl.col(pl.Float64).round(CSV_DECIMALS)
        )
        write_whole(path, lambda beside: guarded.write_csv(beside))
    else:
        write_whole(path, lambda beside: _write_xlsx(_flat(frame), beside, sheet))


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


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    return frame.with_columns(pl.col(name).list.join("; ") for name in nested)


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _write_xlsx(frame: pl.DataFrame, path: Path, sheet: str) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        page = book.add_worksheet(sheet)
        bold, date, number = (
            book.add_format(given)
            for given in ({"bold": True}, {"num_format": "yyyy-mm-dd"}, {"num_format": "#,##0.00"})
        )
        page.freeze_panes(1, 0)
        for column, (name, values) in enumerate(frame.to_dict(as_series=False).items()):
            page.write_string(0, column, name, bold)
            page.set_column(column, column, max(12, len(name) + 2))
            style = date if frame.schema[name] == pl.Date else number if frame.schema[name].is_float() else None
            _write_column(page, column, values, style)
        page.autofilter(0, 0, max(frame.height, 1), max(frame.width - 1, 0))


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
