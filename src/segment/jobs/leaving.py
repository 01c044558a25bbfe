"""The one way in which rows that name customers leave the workspace: written beside their place, recorded, named.

The record is written before the file has its name: a file without a record cannot be, a record without a file can (the
disk may fail between the two, and then a second record says so).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.warehouse import Workspace
from segment.warehouse.export import write_export
from segment.warehouse.records import Record, append
from segment.warehouse.tables import write_json

Undo = Callable[[], object]


@dataclass(frozen=True)
class Leaving:
    """What is said of a file that leaves.

    Attributes
    ----------
    kind, failed : str
        Kinds of its record, and of the one that says that the file could not be put in its place.
    by, why : str
        Who lets it leave, and for what.
    content : mapping
        Of the record; names no customer. `file`, `rows`, `sha256` and `client` are added.
    sheet : str
        Name of the sheet in XLSX.
    about : mapping of str to str
        What XLSX says of itself.
    """

    kind: str
    failed: str
    by: str
    why: str
    content: Mapping[str, Any]
    sheet: str
    about: Mapping[str, str]


def leave(
    file: pl.DataFrame, path: Path, workspace: Workspace, said: Leaving, prepare: Callable[[str], Undo]
) -> Record:
    """Write a file beside its place, record it, and give it its name.

    Parameters
    ----------
    file : polars.DataFrame
        The rows, as they leave.
    path : Path
        Ending in ``.csv``, ``.parquet`` or ``.xlsx``; mode 0600. ``<path>.manifest.json`` is written beside it.
    workspace : Workspace
        Keeps the record.
    said : Leaving
        What is said of it.
    prepare : callable
        Told the file's SHA-256 before the record; what it returns takes back what it did, where no file comes of it.

    Returns
    -------
    Record
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".release-") as folder:
        beside = Path(folder) / path.name
        write_export(file, beside, said.sheet, said.about)
        content = {**said.content, "file": path.name, "rows": file.height, "sha256": file_hash(beside)}
        undo = prepare(content["sha256"])
        try:
            # the record comes first: nothing is at the path before it stands
            named = {**content, "client": socket.gethostname()}
            record = append(workspace, said.kind, by=said.by, why=said.why, content=named)
        except BaseException:
            undo()
            raise
        columns = [{"name": name, "type": str(dtype)} for name, dtype in file.schema.items()]
        about = {"released_at": record.written_at, "by": said.by, "purpose": said.why, "columns": columns}
        chained = {"record": record.number, "record_sha256": record.sha256}
        _place(beside, path, {**content, **about, **chained}, workspace, said, undo)
    return record


def manifest_of(path: Path) -> Path:
    """Name the manifest of a released file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Path
    """
    return path.with_name(f"{path.name}.manifest.json")


def file_hash(path: Path) -> str:
    """Compute a file's SHA-256.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        In hexadecimal.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def now() -> str:
    """Say the time, ISO in UTC.

    Returns
    -------
    str
    """
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _place(beside: Path, path: Path, manifest: dict[str, Any], workspace: Workspace, said: Leaving, undo: Undo) -> None:
    """Give manifest and file their names, the file last; where that fails, say so in a second record."""
    try:
        write_json(manifest, manifest_of(path))
        beside.replace(path)
    except BaseException as fault:
        manifest_of(path).unlink(missing_ok=True)
        undo()
        with contextlib.suppress(Exception):
            told = {**said.content, "record": manifest["record"], "fault": type(fault).__name__}
            append(workspace, said.failed, by=said.by, why="the file could not be put in its place", content=told)
        raise
