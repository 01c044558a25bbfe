"""Looking for a person in every file of the workspace, whatever made it."""

from __future__ import annotations

import gzip
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import polars as pl

from segment.exceptions import ErasureError
from segment.files import files_below, read_only_uri

NAMING = ("customer_id", "household", "household_id", "parent", "subject", "account_id")
"""Columns of ids. In any other, a short id may be a word of its own, such as the version of a model."""

LEAST_DISTINCTIVE = 6
"""Characters from which on an id is not met by chance among a file's bytes."""

_SQLITE, _PARQUET, _GZIP = b"SQLite format 3\0", b"PAR1", b"\x1f\x8b"
NAMED_FILE = "a file that bears the id as its name"

_PLACE_OF_LOCKS = ("lock", "lock.json")


@dataclass(frozen=True)
class IdSearch:
    """What a search went through and found."""

    files: int  # files, bytes: Looked at.
    bytes: int
    raw: bool  # Whether the bytes themselves were searched: an id of few characters would be found everywhere
    # Files that hold the id, as they lie below the workspace; one whose own name holds it is not named
    found: tuple[str, ...]
    outside: tuple[str, ...] = ()  # Links of the workspace that lead out of it; what they lead to was searched as well


def search(root: Path, customer_id: str, cells: Mapping[str, Iterable[Sequence[object]]] | None = None) -> IdSearch:
    """Look for an id in the bytes, cells, records and names of every file, and in the cells of a store outside.

    Links are followed. What cannot be read stops the search: nobody could say that it holds nothing.

    Parquet is read, so that compressed pages are searched; of SQLite every row of every table, Parquet that lies in a
    cell, and, as bytes, pages that are no longer used; packed files are unpacked.
    """
    matcher = _Matcher(customer_id)
    try:
        files = [path for path in files_below(root) if path.name not in _PLACE_OF_LOCKS]
        outside = sorted({name for path in files if (name := _outside(path, root))})
        named, size = _search_files(files, root, matcher)
    except OSError as fault:
        raise ErasureError.of("errors.unreadable_workspace_file", name=type(fault).__name__) from None
    named += [f"store: {table}" for table, rows in (cells or {}).items() if any(matcher.in_cells(row) for row in rows)]
    return IdSearch(len(files), size, matcher.raw, tuple(named), tuple(outside))


def _search_files(files: Iterable[Path], root: Path, matcher: _Matcher) -> tuple[list[str], int]:
    """Name the files that hold the id, and count the bytes of all."""
    named, size = [], 0
    for path in files:
        place = path.relative_to(root).as_posix()
        content = path.read_bytes()
        size += len(content)
        if matcher.raw and matcher.in_bytes(place.encode()):
            named.append(NAMED_FILE)
        elif matcher.in_file(content, path):
            named.append(place)
    return named, size


def _outside(path: Path, root: Path) -> str | None:
    """Name the link that leads from the workspace to a file outside it."""
    if path.resolve().is_relative_to(root.resolve()):
        return None
    steps = (root / Path(*path.relative_to(root).parts[:count]) for count in range(1, 1 + len(path.parts)))
    link = next(step for step in steps if not step.resolve().is_relative_to(root.resolve()))
    return link.relative_to(root).as_posix()


def is_named(customer_id: str, value: object) -> bool:
    """Say whether a value of JSON names a customer.

    Examples
    --------
    >>> is_named("c1", {"who": "c1"}), is_named("c1", "abc1"), is_named("C0000012", "call C0000012 back")
    (True, False, True)
    """
    if isinstance(value, dict):
        return any(is_named(customer_id, part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return any(is_named(customer_id, part) for part in value)
    if not isinstance(value, str):
        return False
    long = len(customer_id) >= LEAST_DISTINCTIVE
    return value == customer_id or (long and _word(customer_id).search(value) is not None)


def _word(text: str) -> re.Pattern[str]:
    """An id that begins like another one is not that one."""
    return re.compile(rf"(?<![0-9A-Za-z]){re.escape(text)}(?![0-9A-Za-z])")


class _Matcher:
    def __init__(self, customer_id: str) -> None:
        self.customer_id = customer_id
        self.raw = len(customer_id) >= LEAST_DISTINCTIVE
        spelled = {customer_id, quote(customer_id, safe=""), json.dumps(customer_id)[1:-1]}
        coded = {text.encode(code) for text in spelled for code in ("utf-8", "utf-16-le")}
        word = rb"(?<![0-9A-Za-z])(?:" + b"|".join(re.escape(text) for text in sorted(coded)) + rb")(?![0-9A-Za-z])"
        self._word = re.compile(word)
        self._text = _word(customer_id)

    def in_bytes(self, content: bytes) -> bool:
        return self._word.search(content) is not None

    def in_file(self, content: bytes, path: Path) -> bool:
        if content.startswith(_PARQUET):
            return self._in_parquet(content, path) or (self.raw and self.in_bytes(content))
        if content.startswith(_SQLITE):
            return self._in_sqlite(path) or (self.raw and self.in_bytes(content))
        return self.raw and any(self.in_bytes(part) for part in _unpacked(content))

    def in_frame(self, frame: pl.DataFrame) -> bool:
        return any(self._in_column(frame[name]) for name in frame.columns)

    def _in_column(self, column: pl.Series) -> bool:
        while column.dtype == pl.List:
            column = column.explode().rename(column.name)
        if column.dtype in (pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
        if column.dtype == pl.Struct:
            return self.in_frame(column.struct.unnest())
        if column.dtype != pl.String:
            return False
        values = column.drop_nulls().unique()
        if not self.raw:
            return column.name in NAMING and self.customer_id in values
        close = values.filter(values.str.contains(self.customer_id, literal=True))
        return any(self._text.search(value) for value in close)

    def _in_parquet(self, content: bytes, path: Path) -> bool:
        try:
            frame = pl.read_parquet(io.BytesIO(content), glob=False)
        except pl.exceptions.PolarsError:
            # a checkpoint of the published table holds maps, which only its own reader knows
            return self.in_bytes(_as_text(path))
        return self.in_frame(frame)

    def _in_sqlite(self, path: Path) -> bool:
        with closing(sqlite3.connect(read_only_uri(path), uri=True)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            rows = (row for (name,) in tables for row in connection.execute(f'SELECT * FROM "{name}"'))  # noqa: S608
            return any(self.in_cells(row) for row in rows)

    def in_cells(self, row: Iterable[object]) -> bool:
        cells = list(row)
        texts = [cell for cell in cells if isinstance(cell, str)]
        packed = (cell for cell in cells if isinstance(cell, bytes) and cell.startswith(_PARQUET))
        if any(self.in_frame(pl.read_parquet(io.BytesIO(cell), glob=False)) for cell in packed):
            return True
        quoted = f'"{self.customer_id}"'
        if not self.raw:
            return any(text == self.customer_id or quoted in text for text in texts if text.startswith(("{", "[")))
        return any(self._text.search(text) for text in texts)


def _as_text(path: Path) -> bytes:
    import pyarrow.parquet as pq

    return repr(pq.read_table(path).to_pylist()).encode()


def _unpacked(content: bytes) -> Iterator[bytes]:
    """A file's bytes, and those of the files packed in it."""
    yield content
    if content.startswith(_GZIP):
        yield gzip.decompress(content)
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from (packed.read(name) for name in packed.namelist())


def require_nothing(result: IdSearch) -> IdSearch:
    """Stop where a search found something."""
    if result.found:
        listed = ", ".join(result.found[:8]) + (" …" if len(result.found) > 8 else "")
        raise ErasureError.of("errors.traces_left", found=len(result.found), files=result.files, listed=listed)
    return result
