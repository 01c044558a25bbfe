"""A ledger in a folder: `<table>.parquet`, `.csv`, `.csv.gz`, `.csv.zst`, `.xlsx`, or a folder `<table>` of such files.

Names match regardless of case, and whatever is not read is a fault: an optional table under a near name must not count
as left out.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from segment.exceptions import LedgerError, SourceError
from segment.input_files import InputLimits, file_fault
from segment.ledger.contract import TABLES
from segment.ledger.faults import (
    Fault,
    ambiguous_table,
    mixed_formats,
    unread_file,
    unread_files,
    unreadable_file,
)
from segment.ledger.ledger_names import is_by_the_way, resembled_table
from segment.ledger.mapped_parts import as_mapped
from segment.ledger.part_files import format_of, is_part, open_part, stem_of
from segment.ledger.parts import Part, TableInput
from segment.ledger.schema import Table
from segment.messages import Message
from segment.policy.ledger_mapping import Reading

_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


class FolderSource:
    """A folder with one file or one folder per table."""

    def __init__(
        self, folder: Path, ignored: Collection[str] = (), reading: Reading | None = None, *, called: str = ""
    ) -> None:
        self.folder, self._limits, self._reading = folder, InputLimits(), reading or Reading()
        self.description = called or str(folder)
        self._ignored = {name.rstrip("/") for name in ignored}
        self._entries = [entry for entry in _list_folder(folder) if entry.name not in self._ignored]
        if not any(self.ways(table) for table in TABLES.values()):
            nested = any((folder / "ledger").glob("transactions*"))
            hint = (
                Message("errors.hint.nested_ledger", {"folder": self.description})
                if nested
                else Message("errors.hint.put_tables", {"tables": list(TABLES)[:3]})
            )
            raise LedgerError.of("errors.folder_empty", description=self.description, hint=hint)

    def find(self, table: Table) -> TableInput:
        """Look for a table's files and open them."""
        ways = self.ways(table)
        if len(ways) != 1:
            return TableInput(table, faults=tuple(ambiguous_table(table, [way.name for way in ways])))
        files, faults = _list_files(table, ways[0], self._ignored)
        parts = []
        for file in files:
            opened = _open(table, file, self._limits)
            if isinstance(opened, Part):
                placed = replace(opened, path=file, place=file.relative_to(self.folder).as_posix())
                parts.append(_with_path_columns(placed, file, ways[0]))
            else:
                faults += opened
        return as_mapped(TableInput(table, tuple(parts), tuple(faults)), self._reading)

    def strays(self) -> tuple[Fault, ...]:
        """Find what lies in the folder and is read for no table: rows, or a protection, may stand in it."""
        read = {way for table in TABLES.values() for way in self.ways(table)}
        given = {way.name.split(".")[0].casefold() for way in read}
        unread = [entry for entry in self._entries if entry not in read and not is_by_the_way(entry.name, given)]
        return tuple(unread_file(entry.name, resembled_table(entry.name)) for entry in unread)

    def ways(self, table: Table) -> list[Path]:
        """Name the files and folders in which a table may lie."""
        return [entry for entry in self._entries if _is_way(entry, table)]


def _is_way(entry: Path, table: Table) -> bool:
    """Say whether a table lies here; who exports it writes its name in letters of their own."""
    if entry.is_dir():
        return table.name in (entry.name.casefold(), entry.stem.casefold())
    return format_of(entry.name) is not None and table.name == stem_of(entry.name).casefold()


def _list_folder(folder: Path) -> list[Path]:
    if not folder.exists():
        hint = Message("errors.hint.ledger_path")
        shown = (
            Message("errors.what_was_given") if "@" in str(folder) else f"`{folder}`"
        )  # it may be a mistyped URL with a password
        raise SourceError.of("errors.no_ledger", shown=shown, hint=hint)
    if not folder.is_dir():
        hint = Message("errors.hint.ledger_folder")
        raise LedgerError.of("errors.ledger_is_file", folder=folder, hint=hint)
    try:
        return sorted(folder.iterdir())
    except OSError:
        raise SourceError.of("errors.folder_unreadable", folder=folder) from None


def _list_files(table: Table, way: Path, ignored: Collection[str]) -> tuple[list[Path], list[Fault]]:
    if not way.is_dir():
        return [way], []
    if (way / "_delta_log").exists():
        return [], [unreadable_file(table, f"`{way.name}`", Message("faults.delta"))]
    files, strays = _sort_out(way, ignored)
    faults = [unread_files(table, strays)] if strays else []
    if not files:
        return [], [
            *faults,
            unreadable_file(table, Message("faults.the_folder", {"name": way.name}), Message("faults.no_files")),
        ]
    mixed = mixed_formats(table, [format_of(file.name) or "part" for file in files])
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
            if name in names and (format_of(name) or is_part(name)) and not name.startswith(("_", ".", "~")):
                files.append(here / name)
            elif not is_by_the_way(name, {way.name.split(".")[0].casefold()}):
                strays.append(below)
    return sorted(files), sorted(strays)


def _open(table: Table, file: Path, limits: InputLimits) -> Part | list[Fault]:
    if fault := file_fault(file, limits.most_ledger_file_bytes):
        return [unreadable_file(table, f"`{file.name}`", fault)]
    try:
        return open_part(table, file.name, file, limits, limits.most_ledger_file_bytes)
    except OSError:
        return [unreadable_file(table, f"`{file.name}`", Message("faults.unreadable"))]


def _with_path_columns(part: Part, file: Path, way: Path) -> Part:
    """Add the columns that stand in the folders' names (`month=2024-01-01/`) and not in the file."""
    pairs = dict(name.split("=", 1) for name in file.relative_to(way).parts[:-1] if "=" in name)
    missing = {key: value for key, value in pairs.items() if key not in part.schema}
    if not missing:
        return part
    cells = {key: None if value == _HIVE_NULL else unquote(value) for key, value in missing.items()}
    added = [pl.lit(value, pl.String).alias(key) for key, value in cells.items()]
    schema = pl.Schema({**part.schema, **dict.fromkeys(cells, pl.String())})
    return part.changed(lambda rows: rows.with_columns(added), schema)
