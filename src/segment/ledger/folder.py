"""A ledger in a folder: `<table>.parquet`, `<table>.csv`, or a folder `<table>` of such files, however partitioned.

Names match regardless of case, and whatever is not read is a fault: an optional table under a near name must not count
as left out.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from segment.exceptions import LedgerError, SourceError
from segment.input_files import InputLimits, csv_fault, file_fault, parquet_fault
from segment.ledger.contract import TABLES
from segment.ledger.faults import (
    Fault,
    ambiguous_table,
    duplicate_columns,
    mixed_formats,
    unread_file,
    unread_files,
    unreadable_file,
)
from segment.ledger.ledger_names import is_by_the_way, resembled_table
from segment.ledger.parts import READ_ERRORS, Part, TableInput
from segment.ledger.schema import Table

_FORMATS = {".parquet": "Parquet", ".csv": "CSV"}
_SEPARATORS = (",", ";", "\t")
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


class FolderSource:
    """A folder with one file or one folder per table."""

    def __init__(self, folder: Path, ignored: Collection[str] = ()) -> None:
        self.folder, self._limits = folder, InputLimits()
        self._ignored = {name.rstrip("/") for name in ignored}
        self._entries = [entry for entry in _list_folder(folder) if entry.name not in self._ignored]
        if not any(self._ways(table) for table in TABLES.values()):
            nested = any((folder / "ledger").glob("transactions*"))
            hint = f"give `{folder / 'ledger'}`" if nested else f"put {', '.join(list(TABLES)[:3])} … there as files"
            raise LedgerError.with_hint(f"A ledger's folder must hold its tables. `{folder}` holds none of them.", hint)

    @property
    def description(self) -> str:
        """The folder's path."""
        return str(self.folder)

    def find(self, table: Table) -> TableInput:
        """Look for a table's files and open them."""
        ways = self._ways(table)
        if len(ways) != 1:
            return TableInput(table, faults=tuple(ambiguous_table(table, [way.name for way in ways])))
        files, faults = _list_files(table, ways[0], self._ignored)
        parts = []
        for file in files:
            opened = _open_part(table, file, self._limits)
            if isinstance(opened, Part):
                placed = replace(opened, path=file, place=file.relative_to(self.folder).as_posix())
                parts.append(_with_path_columns(placed, file, ways[0]))
            else:
                faults += opened
        return TableInput(table, tuple(parts), tuple(faults))

    def strays(self) -> tuple[Fault, ...]:
        """Find what lies in the folder and is read for no table: rows, or a protection, may stand in it."""
        read = {way for table in TABLES.values() for way in self._ways(table)}
        given = {way.name.split(".")[0].casefold() for way in read}
        unread = [entry for entry in self._entries if entry not in read and not is_by_the_way(entry.name, given)]
        return tuple(unread_file(entry.name, resembled_table(entry.name)) for entry in unread)

    def _ways(self, table: Table) -> list[Path]:
        return [entry for entry in self._entries if _is_way(entry, table)]


def _format(path: Path) -> str | None:
    return _FORMATS.get(path.suffix.lower())


def _is_way(entry: Path, table: Table) -> bool:
    """Say whether a table lies here; who exports it writes its name in letters of their own."""
    name = entry.stem if _format(entry) else entry.name if entry.is_dir() else ""
    return table.name in (name.casefold(), entry.name.casefold() if entry.is_dir() else "")


def _list_folder(folder: Path) -> list[Path]:
    if not folder.exists():
        hint = "check the path, or give a database URL such as sqlite:///ledger.db"
        shown = "What was given" if "@" in str(folder) else f"`{folder}`"  # it may be a mistyped URL with a password
        raise SourceError.with_hint(f"A ledger must be a folder or a database URL. {shown} does not exist.", hint)
    if not folder.is_dir():
        hint = "give the folder that holds the tables, or a database URL such as sqlite:///ledger.db"
        raise LedgerError.with_hint(f"A ledger must be a folder or a database URL. `{folder}` is a file.", hint)
    try:
        return sorted(folder.iterdir())
    except OSError:
        raise SourceError.with_hint(
            f"A ledger's folder must be readable. `{folder}` is not.", "check its permissions"
        ) from None


def _list_files(table: Table, way: Path, ignored: Collection[str]) -> tuple[list[Path], list[Fault]]:
    if not way.is_dir():
        return [way], []
    if (way / "_delta_log").exists():
        return [], [unreadable_file(table, f"`{way.name}`", "is a Delta Lake table; write it out as plain Parquet")]
    files, strays = _sort_out(way, ignored)
    faults = [unread_files(table, strays)] if strays else []
    if not files:
        return [], [*faults, unreadable_file(table, f"the folder `{way.name}`", "holds no Parquet or CSV file")]
    mixed = mixed_formats(table, [str(_format(file)) for file in files])
    return ([], [*faults, *mixed]) if mixed else (files, faults)


def _sort_out(way: Path, ignored: Collection[str]) -> tuple[list[Path], list[str]]:
    """Tell a table's files from whatever else lies in its folder and is not read."""
    files, strays = [], []
    for place, folders, names in os.walk(way):
        here = Path(place)
        # a link to a folder is not walked into, and Spark's unfinished work lies below names such as `_temporary`
        unwalked = {name for name in folders if (here / name).is_symlink() or name.startswith(("_", "."))}
        folders[:] = [name for name in folders if name not in unwalked and name not in ignored]
        for name in [*names, *unwalked]:
            below = (here / name).relative_to(way.parent).as_posix()
            if name in ignored or below in ignored:
                continue
            if name in names and _format(here / name) and not name.startswith(("_", ".")):
                files.append(here / name)
            elif not is_by_the_way(name, {way.name.split(".")[0].casefold()}):
                strays.append(below)
    return sorted(files), sorted(strays)


def _open_part(table: Table, file: Path, limits: InputLimits) -> Part | list[Fault]:
    fault = file_fault(file, limits.most_ledger_file_bytes)
    if fault is None and _format(file) == "CSV":
        with file.open("rb") as text:
            fault = csv_fault(text, limits)
    if fault is not None:
        return [unreadable_file(table, f"`{file.name}`", fault)]
    if _format(file) == "CSV":
        return _open_csv(table, file)
    part = _open_parquet(table, file)
    if isinstance(part, Part) and (fault := parquet_fault(file, limits, limits.most_ledger_file_bytes)):
        return [unreadable_file(table, f"`{file.name}`", fault)]
    return part


def _open_parquet(table: Table, file: Path) -> Part | list[Fault]:
    try:
        rows = pl.scan_parquet(file, glob=False, hive_partitioning=False)
        return Part(file.name, rows, rows.collect_schema(), declared=True)
    except pl.exceptions.DuplicateError:
        return _parquet_duplicates(table, file)
    except READ_ERRORS:
        return [unreadable_file(table, f"`{file.name}`", "is no whole Parquet file")]


def _parquet_duplicates(table: Table, file: Path) -> list[Fault]:
    try:
        names = pq.read_schema(file).names
    except (pa.ArrowException, OSError):
        return [unreadable_file(table, f"`{file.name}`", "is no whole Parquet file")]
    extra = sum(count > 1 for name, count in Counter(names).items() if name not in table.schema)
    unknown = Fault(table.name, "duplicate_column", f"has {extra} columns twice that the contract does not know")
    return duplicate_columns(table, names) + ([unknown] if extra else [])


def _open_csv(table: Table, file: Path) -> Part | list[Fault]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            separator = max(_SEPARATORS, key=first.count)
            lines.seek(0)
            names = next(csv.reader(lines, delimiter=separator), [])
        if faults := duplicate_columns(table, names):
            return faults
        rows = pl.scan_csv(file, separator=separator, infer_schema=False, glob=False)
        schema = rows.collect_schema()
    except (UnicodeDecodeError, csv.Error):
        return [unreadable_file(table, f"`{file.name}`", "is not UTF-8 text; save it as CSV in UTF-8")]
    except pl.exceptions.NoDataError:
        return [unreadable_file(table, f"`{file.name}`", "is empty; its first row must hold the columns' names")]
    except READ_ERRORS:
        return [unreadable_file(table, f"`{file.name}`", "is no regular CSV file")]
    rows = rows.filter(pl.any_horizontal(pl.all().is_not_null()))  # a blank line is no row
    return Part(file.name, rows, schema, declared=False, whole_rows=True)


def _with_path_columns(part: Part, file: Path, way: Path) -> Part:
    """Add the columns that stand in the folders' names (`month=2024-01-01/`) and not in the file."""
    pairs = dict(name.split("=", 1) for name in file.relative_to(way).parts[:-1] if "=" in name)
    missing = {key: value for key, value in pairs.items() if key not in part.schema}
    if not missing:
        return part
    cells = {key: None if value == _HIVE_NULL else unquote(value) for key, value in missing.items()}
    rows = part.rows.with_columns(pl.lit(value, pl.String).alias(key) for key, value in cells.items())
    schema = pl.Schema({**part.schema, **dict.fromkeys(cells, pl.String())})
    return replace(part, rows=rows, schema=schema)
