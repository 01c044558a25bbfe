"""The one way in which rows that name customers leave the workspace: written beside their place, recorded, named."""

# Record and rows are one transaction, and it stands before the file has its name: a file without a record cannot be.
# The act stays noted until the file is in its place, so an export that was cut off is taken back by the next one.

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from segment.exceptions import ExportError
from segment.files import file_hash, make_folder, write_json
from segment.settings import current_user
from segment.store.acts import begin_act, end_act, unfinished_acts
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, append_record
from segment.store.tombstones import Erased
from segment.store.transactions import transaction
from segment.warehouse.export import as_trial, write_export
from segment.warehouse.printed_sheet import PrintedSheet
from segment.warehouse.spreadsheet import ABOUT
from segment.warehouse.workspace_clock import TRIAL_MARK, TRIAL_SHEET, workspace_clock
from segment.workspace import Workspace

MARK = "watermark"
"""Column that says in every row whose file it is."""

_BESIDE, _LOCK = ".release-", ".lock"


@dataclass(frozen=True)
class ControlledExport:
    """What is recorded and shown of a file that leaves."""

    kind: RecordKind  # Of its record
    failed: RecordKind  # Of the record that says that the file could not be put in its place
    by: str  # by, why: Who lets it leave, and for what.
    why: str
    content: Mapping[str, Any]  # Of the record; names no customer. `file`, `rows`, `sha256` and `client` are added.
    sheet: str  # Name of the sheet in XLSX
    about: Mapping[str, str]  # What XLSX says of itself
    # recorded, undone: What the record alone holds, and what the record of a failure holds in its place.
    recorded: Mapping[str, Any] = field(default_factory=dict)
    undone: Mapping[str, Any] = field(default_factory=dict)
    taken_back_by: Mapping[str, Any] = field(default_factory=dict)  # What `undo` needs beside `sha256`
    printed: tuple[PrintedSheet, ...] = field(default=(), repr=False)  # Sheets for people, with which XLSX begins
    marks_bytes: bool = False  # Whether CSV begins with the mark of its byte order
    about_sheet: str = ABOUT  # Name of the sheet of `about`


Undo = Callable[[Mapping[str, Any]], object]


def _nothing(_: object) -> None:
    """An export without rows of its own has nothing to take back."""


def export_with_record(
    file: pl.DataFrame,
    path: Path,
    workspace: Workspace,
    export: ControlledExport,
    prepare: Callable[[str], object] = _nothing,
    undo: Undo = _nothing,
) -> Record:
    """Write a file beside its place, record it, and give it its name.

    `prepare` changes rows in the record's transaction, by the file's SHA-256; `undo` takes that back. One export of a
    kind at a time: the caller holds a lock.
    """
    if workspace_clock(workspace).is_trial:
        file, export = _as_trial(file, export)
    make_folder(path.parent)
    take_back_cut_off(workspace, export.kind, export.failed, undo)
    with _folder_beside(path) as folder:
        beside = folder / path.name
        write_export(
            file,
            beside,
            export.sheet,
            export.about,
            export.printed,
            marks_bytes=export.marks_bytes,
            about_sheet=export.about_sheet,
        )
        content = {**export.content, "file": path.name, "rows": file.height, "sha256": file_hash(beside)}
        act = {
            **export.taken_back_by,
            "content": {**export.content, **export.undone},
            "path": str(path.absolute()),
            "sha256": content["sha256"],
        }
        with transaction(workspace):
            _require_nobody_erased(file, workspace)
            prepare(content["sha256"])
            signed = {**content, **export.recorded, "client": socket.gethostname()}
            record = append_record(workspace, export.kind, by=export.by, why=export.why, content=signed)
            begin_act(workspace, export.kind, str(record.number), act)
        try:
            write_json(_manifest(file, content, record, export), manifest_of(beside))
            manifest_of(beside).replace(manifest_of(path))
            beside.replace(path)
        except BaseException as fault:
            manifest_of(path).unlink(missing_ok=True)
            with contextlib.suppress(Exception):
                _take_back(workspace, export.kind, export.failed, undo, str(record.number), act, type(fault).__name__)
            raise
        end_act(workspace, export.kind, str(record.number))
    return record


def _as_trial(file: pl.DataFrame, export: ControlledExport) -> tuple[pl.DataFrame, ControlledExport]:
    """Say in every row, on the sheets, in the record and in the manifest that nobody is to be contacted."""
    words = pl.col(MARK) if MARK in file.columns else pl.lit("")
    first, *others = export.about.items()
    about = dict([first, ("Trial", TRIAL_MARK), *others])
    content = {**export.content, "trial": TRIAL_MARK}
    marked = file.with_columns(pl.concat_str(pl.lit(f"{TRIAL_MARK} "), words).alias(MARK))
    return marked, replace(export, content=content, sheet=TRIAL_SHEET, about=about, printed=as_trial(export.printed))


def manifest_of(path: Path) -> Path:
    """Name the manifest of a released file."""
    return path.with_name(f"{path.name}.manifest.json")


def _manifest(
    file: pl.DataFrame, content: Mapping[str, Any], record: Record, export: ControlledExport
) -> dict[str, Any]:
    return {
        **content,
        "released_at": record.written_at,
        "by": export.by,
        "purpose": export.why,
        "columns": [{"name": name, "type": str(dtype)} for name, dtype in file.schema.items()],
        "record": record.number,
        "record_sha256": record.sha256,
    }


def _require_nobody_erased(file: pl.DataFrame, workspace: Workspace) -> None:
    erased = int(Erased.of(workspace).names(file["customer_id"]).sum())
    if erased:
        raise ExportError.of("errors.erased_in_file", erased=erased, rows=file.height)


def take_back_cut_off(workspace: Workspace, kind: RecordKind, failed: RecordKind, undo: Undo = _nothing) -> None:
    """End what earlier exports of a kind left: those whose file is in its place, and those whose file is not."""
    for number, act in unfinished_acts(workspace, kind).items():
        path = Path(act["path"])
        if path.is_file() and file_hash(path) == act["sha256"]:
            end_act(workspace, kind, number)
            continue
        manifest_of(path).unlink(missing_ok=True)
        _take_back(workspace, kind, failed, undo, number, act, "cut off")


def _take_back(
    workspace: Workspace,
    kind: RecordKind,
    failed: RecordKind,
    undo: Undo,
    number: str,
    act: Mapping[str, Any],
    fault: str,
) -> None:
    content = {**act["content"], "record": int(number), "fault": fault}
    with transaction(workspace):
        undo(act)
        why = "the file could not be put in its place"
        append_record(workspace, failed, by=current_user(), why=why, content=content)
        end_act(workspace, kind, number)


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A folder for a file that has no name yet; those that killed runs left are deleted."""
    for left in path.parent.glob(f"{_BESIDE}*"):
        with contextlib.suppress(Timeout), FileLock(left / _LOCK, timeout=0):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=_BESIDE) as name:
        folder = Path(name)
        with FileLock(folder / _LOCK):
            yield folder
