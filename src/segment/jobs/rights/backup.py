"""Backups of a workspace: made while others write, verified by hashes, on record; and which of them hold a person."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segment.dates import utc_now
from segment.exceptions import BackupError, BusyError
from segment.files import json_hash, make_folder, write_json
from segment.jobs.rights.search_workspace import search
from segment.lock import GUARD, HELD_BY, workspace_lock
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.settings import Settings, current_user
from segment.store.erasure_register import keep_outside, known_as
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, read_records
from segment.store.tombstones import Erased
from segment.warehouse.backup_files import copy_files, require_same_files
from segment.workspace import Workspace

MANIFEST, FILES = "backup.json", "workspace"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds."""

    backup: str  # Its name, in records and in the file of erasures
    made_at: str
    workspace: str  # What the workspace's secret is known by
    records: int  # How many there were
    erased: tuple[str, ...]  # Keyed hashes of those who had been erased
    files: dict[str, str]  # SHA-256 by place

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read it, and hold it to its own hash."""
        try:
            content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            sha256 = content.pop("sha256")
            manifest = cls(**{**content, "erased": tuple(content["erased"])})
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise BackupError.of("errors.no_manifest", manifest=MANIFEST, name=type(fault).__name__) from None
        if json_hash(content) != sha256:
            raise BackupError.of("errors.manifest_changed")
        return manifest

    @property
    def sha256(self) -> str:
        """Hash of all that it says."""
        return json_hash(asdict(self))


@dataclass(frozen=True)
class Backup(MessageResult):
    """What was copied."""

    place: str
    backup: str
    files: int
    record: int
    kept_outside: bool  # Whether a file outside the workspace knows who is erased from now on

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def messages(self) -> list[Message]:
        """Say what was copied, and what it can be restored to."""
        done = [Message("results.backup", vars(self))]
        return done if self.kept_outside else [*done, Message("results.backup.own_alone", {})]


@dataclass(frozen=True)
class BackupWithPerson(MessageResult):
    """A backup that may hold a person who was erased."""

    record: int  # Of the backup
    made_at: str
    place: str
    holds: bool | None  # None: it is not where it was made, so nobody could look

    def messages(self) -> list[Message]:
        """Say what is known of it."""
        return [Message("results.backup.holds" if self.holds else "results.backup.elsewhere", vars(self))]


def backup(workspace: Workspace, folder: Path, *, wait_minutes: float = 60) -> Backup:
    """Copy a workspace as it stands at one moment, and verify the copy.

    Whoever holds the workspace is waited for; whoever wants it meanwhile waits or is told so. People can go on handing
    rows in: a transaction is in the copy whole or not at all.

    Parameters
    ----------
    workspace : Workspace
        All of it.
    folder : Path
        Where to; must not be there yet, and must lie outside the workspace.
    wait_minutes : float
        How long to wait for a run that holds the workspace.

    Returns
    -------
    Backup

    Raises
    ------
    BackupError
        Where the folder is there or lies inside the workspace, or the copy is not what was read.
    BusyError
        Where a run holds the workspace for longer than that.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError.of("errors.backup_folder_used")
    if folder.resolve().is_relative_to(workspace.root.resolve()):
        raise BackupError.of("errors.backup_inside")
    if not workspace.root.is_dir() or all(path.name in (GUARD, HELD_BY) for path in workspace.root.iterdir()):
        raise BackupError.of("errors.nothing_to_back_up")
    make_folder(folder)
    with _gone_where_it_fails(folder), _when_free(workspace.root, wait_minutes):
        own = known_as(workspace)  # makes the secret, where nobody was hashed yet
        subjects, records = Erased.of(workspace).subjects, len(read_records(workspace))
        files = copy_files(workspace.root, folder / FILES)
        manifest = Manifest(secrets.token_hex(8), utc_now(), own, records, subjects, files)
        require_same_files(folder / FILES, files)
        write_json(asdict(manifest) | {"sha256": manifest.sha256}, folder / MANIFEST)
        facts = {"backup": manifest.backup, "place": str(folder.resolve()), "sha256": manifest.sha256}
        record = append_record(
            workspace, RecordKind.BACKUP_MADE, by=current_user(), why="backup", content=facts | {"files": len(files)}
        )
        keep_outside(workspace)
    return Backup(str(folder), manifest.backup, len(files), record.number, Settings().erasures is not None)


def backups_holding(workspace: Workspace, customer_id: str) -> list[BackupWithPerson]:
    """Search the backups on record for a customer; one that is not where it was made may hold them.

    Parameters
    ----------
    workspace : Workspace
        Whose backups.
    customer_id : str
        Who.

    Returns
    -------
    list of BackupWithPerson
        Oldest first; those that were searched and hold nothing are left out.
    """
    holding = []
    for record in read_records(workspace, RecordKind.BACKUP_MADE):
        folder = Path(record.content["place"])
        there = (folder / MANIFEST).is_file() and Manifest.read(folder).backup == record.content["backup"]
        holds = bool(search(folder / FILES, customer_id).found) if there else None
        if holds is not False:
            holding.append(BackupWithPerson(record.number, record.written_at, str(folder), holds))
    return holding


@contextmanager
def _gone_where_it_fails(folder: Path) -> Iterator[None]:
    """Leave no half backup behind."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _when_free(root: Path, minutes: float) -> Iterator[None]:
    """Hold the workspace as soon as it is free."""
    until = time.monotonic() + 60 * minutes
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(workspace_lock(root, "backup"))
                break
            except BusyError:
                if time.monotonic() > until:
                    raise
                time.sleep(min(1.0, 60 * minutes))
        yield
