"""One file of a table, opened: Parquet, CSV (packed by gzip or Zstandard as well), or a workbook's sheet."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from segment.input_files import InputLimits, csv_fault, parquet_fault
from segment.ledger.faults import Fault, duplicate_columns, unreadable_file
from segment.ledger.long_text import LongText
from segment.ledger.parts import READ_ERRORS, Part, row_group_pieces
from segment.ledger.schema import Table
from segment.ledger.text_encoding import TextFault, WatchedText, in_utf8
from segment.ledger.workbook import WorkbookFault, read_workbook
from segment.messages import Message

Format = Literal["Parquet", "CSV", "XLSX"]
Source = Path | io.BytesIO
_ENDING = re.compile(r"(?P<stem>.*?)\.(?:(?P<parquet>parquet)|(?P<xlsx>xlsx)|csv(?:\.(?:gz|gzip|zst|zstd))?)$", re.I)
_PART = re.compile(r"part[-_][^.]*(?:\.(?:gz|gzip|zst|zstd))?$", re.I)
_SEPARATORS = (",", ";", "\t", "|")
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "Parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "XLSX"),
    (b"\xd0\xcf\x11\xe0", "XLS"),
)


def format_of(name: str) -> Format | None:
    """Say by its name in which format a file holds a table; None: in none that is read."""
    ending = _ENDING.match(name)
    if ending is None:
        return None
    return "Parquet" if ending["parquet"] else "XLSX" if ending["xlsx"] else "CSV"


def stem_of(name: str) -> str:
    """A file's name without the ending that says its format."""
    ending = _ENDING.match(name)
    return ending["stem"] if ending else name


def is_part(name: str) -> bool:
    """Whether a file is one of those that engines write into a table's folder, such as `part-00001`."""
    return _PART.match(name) is not None


def open_part(table: Table, name: str, source: Source, limits: InputLimits, most_bytes: int) -> Part | list[Fault]:
    """Open a file of a table."""
    holds = _content(source)
    named = format_of(name) or ("Parquet" if holds == "Parquet" else "CSV")
    given = "CSV" if holds in ("gzip", "zstd", "text") else holds
    if given not in (named, "CSV"):
        told = {"XLS": Message("faults.xls")}.get(given, given)
        return [unreadable_file(table, f"`{name}`", Message("faults.other_format", {"named": named, "told": told}))]
    if named == "XLSX":
        return _open_workbook(table, name, source, limits)
    if named == "CSV":
        return _open_text(table, name, source, holds, limits, most_bytes)
    part = _open_parquet(table, name, source)
    if not isinstance(part, Part):
        return part
    if fault := parquet_fault(source, limits, most_bytes):
        return [unreadable_file(table, f"`{name}`", fault)]
    return replace(part, pieces=row_group_pieces(part.rows, source))


def _content(source: Source) -> str:
    with _raw(source) as file:
        first = file.read(4)
    return next((kind for mark, kind in _MAGIC if first.startswith(mark)), "text")


def _raw(source: Source) -> BinaryIO:
    return io.BytesIO(source.getbuffer()) if isinstance(source, io.BytesIO) else source.open("rb")


def _unpacked(source: Source, holds: str) -> BinaryIO:
    raw = _raw(source)
    # the stream closes what it reads from
    return raw if holds == "text" else pa.input_stream(raw, compression=holds)


def _open_text(
    table: Table, name: str, source: Source, holds: str, limits: InputLimits, most_bytes: int
) -> Part | list[Fault]:
    """Open a CSV file, packed or not, in UTF-8 or in other characters."""

    def unpacked() -> BinaryIO:
        return _unpacked(source, holds)

    try:
        with unpacked() as file:
            watched = WatchedText(file)
            fault = csv_fault(watched, limits, most_bytes)  # a few packed bytes may unpack to any size
        with unpacked() as file:
            first = file.read(4)
        text = None if fault else in_utf8(unpacked, first, watched, limits, most_bytes)
    except TextFault as wrong:
        fault, text = wrong.args[0], None
    except (pa.ArrowException, OSError, EOFError):
        fault, text = Message("faults.cut_short"), None
    if fault:
        return [unreadable_file(table, f"`{name}`", fault)]
    if text is None:
        return _open_csv(table, name, LongText(unpacked, watched.cuts))
    other = text
    opened = _open_csv(table, name, LongText(lambda: other.stream(unpacked()), other.cuts))
    return replace(opened, encoding=other.encoding) if isinstance(opened, Part) else opened


def _open_parquet(table: Table, name: str, source: Source) -> Part | list[Fault]:
    try:
        rows = pl.scan_parquet(source, glob=False, hive_partitioning=False)
        return Part(name, rows, rows.collect_schema(), declared=True)
    except pl.exceptions.DuplicateError:
        return _parquet_duplicates(table, name, source)
    except READ_ERRORS:
        return [unreadable_file(table, f"`{name}`", Message("faults.no_whole_parquet"))]


def _parquet_duplicates(table: Table, name: str, source: Source) -> list[Fault]:
    try:
        names = pq.read_schema(source).names
    except (pa.ArrowException, OSError):
        return [unreadable_file(table, f"`{name}`", Message("faults.no_whole_parquet"))]
    extra = sum(count > 1 for name, count in Counter(names).items() if name not in table.schema)
    unknown = Fault(table.name, "duplicate_column", Message("faults.extra_twice", {"extra": extra}))
    return duplicate_columns(table, names) + ([unknown] if extra else [])


def _open_csv(table: Table, name: str, text: LongText) -> Part | list[Fault]:
    try:
        header = text.header
        lines = header.decode("utf-8-sig")
        separator = max(_SEPARATORS, key=lines.partition("\n")[0].count)
        names = next(csv.reader(io.StringIO(lines, newline=""), delimiter=separator), [])
        if faults := duplicate_columns(table, names):
            return faults
        schema = pl.scan_csv(header, separator=separator, infer_schema=False, glob=False).collect_schema()
    except (UnicodeDecodeError, csv.Error):
        return [unreadable_file(table, f"`{name}`", Message("faults.no_header"))]
    except pl.exceptions.NoDataError:
        return [unreadable_file(table, f"`{name}`", Message("faults.empty"))]
    except READ_ERRORS:
        return [unreadable_file(table, f"`{name}`", Message("faults.no_csv"))]
    rows, pieces = text.pieces(separator, schema)
    return Part(name, rows, schema, declared=False, whole_rows=True, pieces=pieces)


def _open_workbook(table: Table, name: str, source: Source, limits: InputLimits) -> Part | list[Fault]:
    try:
        names, rows = read_workbook(source, table, limits)
    except WorkbookFault as fault:
        return [unreadable_file(table, f"`{name}`", fault.args[0])]
    if faults := duplicate_columns(table, names):
        return faults
    given = rows.lazy().filter(pl.any_horizontal(pl.all().is_not_null()))
    return Part(name, given, rows.schema, declared=False)
