"""Small tables in a spreadsheet's workbook (.xlsx): one sheet, its first row with the columns' names, cells as text."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from segment.input_files import InputLimits, columns_fault, size_fault
from segment.ledger.schema import Table
from segment.messages import Message

_HANDED_BACK = frozenset({"outcomes"})
"""Tables that come back in a workbook of ours, with further sheets; in others, a sheet that is not read is a fault."""
_FULL_SHEET = 1_048_576
"""Rows that a sheet has: of a table that fills it, the rest is cut off."""
_EXACT_DIGITS = 10**15
"""A spreadsheet keeps fifteen digits of a number; those of a longer one are made up."""


class WorkbookFault(Exception):
    """Why a workbook is no table; the text goes behind its name."""


def read_workbook(source: Path | io.BytesIO, table: Table, limits: InputLimits) -> tuple[list[str], pl.DataFrame]:
    """Read the names of a sheet's columns, as they stand, and its rows under names that differ."""
    import openpyxl

    _require_small(source, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drop-downs and styles, which say nothing of cells
            book = openpyxl.load_workbook(source, read_only=True, data_only=True)
            lines = _only_sheet({sheet.title: _lines(sheet) for sheet in book.worksheets}, table)
            book.close()
    except WorkbookFault:
        raise
    except Exception:  # the library raises whatever it meets in a damaged file
        raise WorkbookFault(Message("faults.no_whole_xlsx")) from None
    if len(lines) >= _FULL_SHEET:
        raise WorkbookFault(Message("faults.full_sheet", {"last": _FULL_SHEET}))
    return _as_frame(lines, limits)


def _require_small(source: Path | io.BytesIO, limits: InputLimits) -> None:
    try:
        with zipfile.ZipFile(source) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
    except (zipfile.BadZipFile, OSError):
        raise WorkbookFault(Message("faults.no_whole_xlsx")) from None
    if fault := size_fault(unpacked, limits.most_file_bytes):
        raise WorkbookFault(Message("faults.give_csv", {"fault": fault}))
    if isinstance(source, io.BytesIO):
        source.seek(0)


def _lines(sheet: Any) -> list[Sequence[object]]:
    sheet.reset_dimensions()  # some programs write a wrong size, and cells beyond it would be lost
    lines = list(sheet.iter_rows(values_only=True))
    while lines and not any(cell not in (None, "") for cell in lines[-1]):
        lines.pop()
    return lines


def _only_sheet(sheets: dict[str, list[Sequence[object]]], table: Table) -> list[Sequence[object]]:
    """The sheet of the table's name, or the only one with cells; of what is handed back, that of its columns."""
    needed = {column.name for column in table.columns if not column.optional}
    named = [lines for title, lines in sheets.items() if title.strip().casefold() == table.name]
    handed_back = table.name in _HANDED_BACK
    fitting = [lines for lines in sheets.values() if handed_back and lines and needed <= set(lines[0])]
    given = named or (fitting if len(fitting) == 1 else [lines for lines in sheets.values() if lines])
    if len(given) > 1:
        raise WorkbookFault(Message("faults.many_sheets", {"count": len(given), "table": table.name}))
    if not given or not given[0]:
        raise WorkbookFault(Message("faults.empty_sheet"))
    return given[0]


def _as_frame(lines: list[Sequence[object]], limits: InputLimits) -> tuple[list[str], pl.DataFrame]:
    width = max(len(line) for line in lines)
    if fault := columns_fault(width, limits):
        raise WorkbookFault(fault)
    padded = [[*line, *[None] * (width - len(line))] for line in lines]
    header = [_text(cell) or "" for cell in padded[0]]
    cells = {place: [_text(line[place]) for line in padded[1:]] for place in range(width)}
    given = [place for place in range(width) if header[place] or any(cells[place])]
    names = [header[place] for place in given]
    unique = [f"{name}_{place}" if names.count(name) > 1 else name for place, name in enumerate(names)]
    columns = {name: cells[place] for name, place in zip(unique, given, strict=True)}
    return names, pl.DataFrame(columns, schema=dict.fromkeys(unique, pl.String))


def _text(cell: object) -> str | None:
    """A cell as CSV would hold it; of a number that is longer than a spreadsheet keeps, what it keeps."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float):
        if abs(cell) >= _EXACT_DIGITS:
            return f"{float(cell):.14e}"
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    return cell.isoformat("minutes") if isinstance(cell, dt.time) else str(cell)
