"""A sheet for people: few columns in words, in sections with totals, one page wide, some cells to be filled in."""

# The first row is hidden and names the columns for whatever reads the sheet when it is handed back; so do hidden
# columns, which travel with their row wherever it is moved to.

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

Cell = str | float | int | dt.date | None

_LAST_DAY = dt.date(2099, 12, 31)
_LINE_HEIGHT, _TITLE_HEIGHT = 15, 22  # Points
_STYLES: dict[str, dict[str, str | int | bool]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"italic": True, "text_wrap": True, "valign": "top"},
    "header": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#D9E1F2", "border": 1},
    "section": {"bold": True, "bg_color": "#EDEDED", "border": 1},
    "text": {"text_wrap": True, "valign": "top", "border": 1},
    "money": {"num_format": "#,##0", "valign": "top", "border": 1},
    "count": {"num_format": "#,##0", "valign": "top", "border": 1},
    "share": {"num_format": "0.0%", "valign": "top", "border": 1},
    "day": {"num_format": "yyyy-mm-dd", "valign": "top", "border": 1, "bg_color": "#FFF9E5"},
    "choice": {"text_wrap": True, "valign": "top", "border": 1, "bg_color": "#FFF9E5"},
    "total": {"bold": True, "num_format": "#,##0", "valign": "top", "border": 1},
}


@dataclass(frozen=True)
class SheetColumn:
    """A column as it is printed; its title and the choices of its cells are in the reader's language."""

    title: str
    width: float  # In characters
    kind: Literal["text", "money", "count", "share", "day", "choice"] = "text"  # `day` and `choice` are filled in
    name: str = ""  # Of the column for whatever reads the sheet when it is handed back
    choices: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True)
class SheetSection:
    """Rows below a heading, with what must be known of all of them, and their total."""

    heading: str = ""
    notes: tuple[str, ...] = ()
    rows: Sequence[Sequence[Cell]] = ()
    total: Sequence[Cell] = ()


@dataclass(frozen=True)
class PrintedSheet:
    """A sheet of a workbook."""

    name: str
    title: str
    notes: tuple[str, ...]
    columns: tuple[SheetColumn, ...]
    sections: tuple[SheetSection, ...]
    first_day: dt.date | None = None  # Before which no day may be filled in
    is_portrait: bool = False
    breaks: bool = False  # Whether each section begins a page, to be handed out alone

    @property
    def texts(self) -> Iterator[str]:
        """Everything that is written as text."""
        of_sections = ((part.heading, *part.notes, *chain.from_iterable(part.rows)) for part in self.sections)
        cells = chain((self.title, *self.notes), *of_sections)
        return (text for text in cells if isinstance(text, str))


class _Writer:
    """Writes a sheet row by row and counts the rows."""

    def __init__(self, book: Any, sheet: PrintedSheet) -> None:
        self.page, self.sheet, self.row = book.add_worksheet(sheet.name), sheet, 0
        self.styles = {name: book.add_format(style) for name, style in _STYLES.items()}
        self.last = max(place for place, column in enumerate(sheet.columns) if not column.hidden)
        self.codes: list[int] = []  # What the library says of each cell: 0 where it was written whole

    def wide(self, text: str, style: str) -> None:
        """Write a text over the whole width."""
        if self.last:
            self.codes.append(self.page.merge_range(self.row, 0, self.row, self.last, "", self.styles[style]) or 0)
        self.codes.append(self.page.write_string(self.row, 0, text, self.styles[style]))
        room = sum(column.width for column in self.sheet.columns if not column.hidden)
        self.page.set_row(self.row, (_TITLE_HEIGHT if style == "title" else _LINE_HEIGHT) * _lines(text, room))
        self.row += 1

    def cells(self, values: Sequence[Cell], style: str | None = None) -> None:
        """Write the cells of a row; one to fill in is written empty."""
        for place, (value, column) in enumerate(zip(values, self.sheet.columns, strict=True)):
            chosen = self.styles[style or column.kind]
            if value is None:
                self.codes.append(self.page.write_blank(self.row, place, None, chosen))
            elif isinstance(value, str):
                self.codes.append(self.page.write_string(self.row, place, value, chosen))
            elif isinstance(value, dt.date):
                self.codes.append(self.page.write_datetime(self.row, place, value, chosen))
            else:
                self.codes.append(self.page.write_number(self.row, place, value, chosen))
        shown = ((value, column) for value, column in zip(values, self.sheet.columns, strict=True) if not column.hidden)
        lines = (_lines(value, column.width) for value, column in shown if isinstance(value, str))
        self.page.set_row(self.row, _LINE_HEIGHT * max(lines, default=1))
        self.row += 1

    def section(self, section: SheetSection) -> None:
        """Write a section, with what its cells may be filled in with."""
        if section.heading:
            self.wide(section.heading, "section")
        for note in section.notes:
            self.wide(note, "note")
        first = self.row
        for values in section.rows:
            self.cells(values)
        if section.rows:
            self._validate(first, self.row - 1)
        if section.total:
            self.cells(section.total, "total")

    def _validate(self, first: int, last: int) -> None:
        for place, column in enumerate(self.sheet.columns):
            allowed: dict[str, object] | None = None
            if column.choices:
                allowed = {"validate": "list", "source": list(column.choices)}
            elif column.kind == "day":
                start = self.sheet.first_day or dt.date(1970, 1, 1)
                allowed = {"validate": "date", "criteria": "between", "minimum": start, "maximum": _LAST_DAY}
            if allowed is not None:
                self.codes.append(self.page.data_validation(first, place, last, place, allowed) or 0)


def write_printed_sheet(book: Any, sheet: PrintedSheet) -> tuple[int, list[int]]:
    """Write a sheet, and return its rows and what the library said of each cell."""
    writer = _Writer(book, sheet)
    page = writer.page
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width, None, {"hidden": column.hidden})
    writer.cells([column.name or None for column in sheet.columns], "text")
    page.set_row(0, None, None, {"hidden": True})
    writer.wide(sheet.title, "title")
    for note in sheet.notes:
        writer.wide(note, "note")
    header = writer.row
    writer.cells([column.title for column in sheet.columns], "header")
    page.repeat_rows(header)
    page.freeze_panes(writer.row, 0)
    breaks = []
    for section in sheet.sections:
        breaks.append(writer.row)
        writer.section(section)
    if sheet.breaks and len(breaks) > 1:
        page.set_h_pagebreaks(breaks[1:])
    _set_page(page, sheet, writer)
    return writer.row, writer.codes


def _set_page(page: Any, sheet: PrintedSheet, writer: _Writer) -> None:
    page.set_paper(9)  # A4
    page.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
    if not sheet.is_portrait:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.print_area(1, 0, max(writer.row - 1, 1), writer.last)


def _lines(text: str, room: float) -> int:
    """Count the lines that a wrapped text takes: not every program finds a row's height by itself."""
    # a Chinese character is as wide as two digits; letters are narrower than digits by what unbroken words leave over
    widths = (sum(2 if ord(letter) > 0x2E7F else 1 for letter in line) for line in text.split("\n"))
    return sum(max(1, math.ceil(width / room)) for width in widths)
