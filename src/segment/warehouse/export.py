"""Tables as files for people: CSV, XLSX and Parquet that no spreadsheet can be tricked by."""

# A table that says whom to contact or to charge leaves through `segment.warehouse.controlled_export` alone:
# `export_table` refuses it, and `write_export` is called from there only (a test holds that).

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from segment.exceptions import ExportError
from segment.files import write_text, write_whole
from segment.messages import Message
from segment.warehouse.printed_sheet import PrintedSheet
from segment.warehouse.spreadsheet import ABOUT, write_workbook
from segment.warehouse.workspace_clock import TRIAL_MARK, TRIAL_SHEET, writes_trial

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
# Excel splits at `;` in many countries, whatever the file was quoted for; so a formula must not follow one either.
_AFTER_A_BREAK = re.compile('(;[ "]*)(?=[=+\\-@＝＋－＠\t\r\n\0])|([\t\r\n\0][ "]*)(?=[=+\\-@＝＋－＠])')
LIST_MARK, REVIEW_MARK = "list_id", "review_id"
CSV_DECIMALS = 6
FORMATS = (".csv", ".parquet", ".xlsx")


def export_table(
    frame: pl.DataFrame, path: Path, sheet: str, printed: Sequence[PrintedSheet] = (), *, marks_bytes: bool = False
) -> None:
    """Write a table for people, in the format of the path's ending; XLSX begins with the sheets to be printed."""
    # Text that a spreadsheet would read as a formula gets a leading apostrophe in CSV and is written as text in XLSX
    # (CWE-1236, OWASP ASVS 1.2.10). Numbers stay numbers, ids stay text.
    for mark, what, way in (
        (LIST_MARK, Message("errors.of_list"), "segment.jobs.lists.release.release"),
        (REVIEW_MARK, Message("errors.of_reviews"), "segment review-export"),
    ):
        if mark in frame.columns:
            raise ExportError.of("errors.leaves_with_record", mark=mark, what=what, way=way)
    if not writes_trial():
        write_export(frame, path, sheet, printed=printed, marks_bytes=marks_bytes)
        return
    write_export(frame, path, TRIAL_SHEET, {"Trial": TRIAL_MARK}, as_trial(printed), marks_bytes=marks_bytes)
    if path.suffix != ".xlsx":
        write_text(f"{TRIAL_MARK}\n", path.with_name(f"{path.name}.trial.txt"))


def table_bytes(frame: pl.DataFrame, ending: str, sheet: str) -> bytes:
    """Make the file of a table to hand out over a connection."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{ending}"
        export_table(frame, path, sheet)
        return path.read_bytes()


def as_trial(printed: Sequence[PrintedSheet]) -> tuple[PrintedSheet, ...]:
    """Say on each sheet to be printed that nobody of it is to be contacted."""
    return tuple(replace(sheet, title=f"{TRIAL_MARK} {sheet.title}") for sheet in printed)


def write_export(
    frame: pl.DataFrame,
    path: Path,
    sheet: str,
    about: Mapping[str, str] | None = None,
    printed: Sequence[PrintedSheet] = (),
    *,
    marks_bytes: bool = False,
    about_sheet: str = ABOUT,
) -> None:
    """Write a table, whatever it holds, and hold the file against it before it has its name."""
    check_format(path)
    if path.suffix == ".parquet":
        write_whole(path, lambda beside: _write_parquet(frame, beside))
    elif path.suffix == ".csv":
        write_whole(path, lambda beside: _write_csv(_flat(frame), beside, marks_bytes))
    else:
        write_whole(path, lambda beside: write_workbook(_flat(frame), beside, sheet, about or {}, printed, about_sheet))


def check_format(path: Path) -> None:
    """Refuse a file name whose ending names no known format, before any work is done."""
    if path.suffix not in FORMATS:
        raise ExportError.of("errors.table_ending", formats=FORMATS, given=path.suffix or path.name)


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would read as a formula."""
    # Source: DOMAIN.md 3.5; CWE-1236.
    inside = _AFTER_A_BREAK.sub(r"\g<0>'", text)
    starts = inside.startswith(FORMULA_STARTS) or inside.lstrip(' "').startswith(FORMULA_STARTS)
    return f"'{inside}" if starts else inside


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    return frame.with_columns(pl.col(name).list.join("; ") for name in nested)


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", statistics=True)
    written = pl.read_parquet(path, glob=False)
    _require_same(written.equals(frame), written, frame)


def _write_csv(frame: pl.DataFrame, path: Path, marks_bytes: bool) -> None:
    # With the mark of its byte order Excel takes the text for UTF-8; without, for the code page of its country.
    safe = frame.with_columns(
        pl.col(pl.String).map_elements(guarded, return_dtype=pl.String), pl.col(pl.Float64).round(CSV_DECIMALS)
    )
    safe.write_csv(path, include_bom=marks_bytes)
    written = pl.read_csv(path, infer_schema=False, glob=False)
    texts = [name for name, dtype in safe.schema.items() if dtype == pl.String]
    same = written.columns == safe.columns and written.select(texts).equals(safe.select(texts))
    _require_same(same, written, safe)


def _require_same(same: bool, written: pl.DataFrame, frame: pl.DataFrame) -> None:
    if written.height != frame.height or not same:
        raise ExportError.of(
            "errors.file_differs",
            rows=frame.height,
            width=frame.width,
            rows_held=written.height,
            width_held=written.width,
            values="" if same else Message("errors.other_values"),
        )
