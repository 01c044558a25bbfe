"""A backup brought back, without anybody who was erased and with every wish since."""

# What people handed in and what is on record since the backup is never taken back: where the workspace still has its
# store, that stays, and only what is computed comes from the backup. Everything is made ready in the workspace's
# `.restore`, erasures included, and put in its place at the end; cut off there, the same command ends it.

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segment.exceptions import BackupError
from segment.files import make_folder, write_text
from segment.jobs.build.reconcile import move_to_erased
from segment.jobs.rights.backup import FILES, Manifest
from segment.jobs.rights.erase_again import erase_again, erased_people, require_gone
from segment.jobs.rights.erase_rows import Person
from segment.lock import GUARD, HELD_BY, READY, RESTORE, RESTORING, workspace_lock
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.settings import Settings, current_user
from segment.store.erasure_register import ErasureRegister, keep_outside, known_as
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, check_chain
from segment.store.row_store import delete_customers, read_tables
from segment.store.tombstones import Erased, subject_key
from segment.store.transactions import compact
from segment.warehouse.backup_files import copy_exactly, require_same_files, swap_in
from segment.workspace import Workspace

_EARLIER = frozenset({"records.db", "erased.json", "kept", "control.parquet", "trial.parquet"})
"""Where releases before the store kept the same."""
STORE = frozenset(
    {"store.db", "store.db-wal", "store.db-shm", "store_id", "chain_key", "records.head", "records.head.lock"}
    | {"subject_secret", "control_salt", "lists", "erasures"}
    | _EARLIER
)
"""What people handed in and what is on record, and by what it is known."""
_STAYS = STORE | {GUARD, HELD_BY, RESTORING}


@dataclass(frozen=True)
class Restored(MessageResult):
    """What was brought back."""

    backup: str
    made_at: str
    files: int
    store_kept: bool  # Whether rows and records are those of the workspace, which had them still
    erased_again: int  # Persons whom the backup held and who had been erased since
    wishes: int  # Objections and wishes since, which the backup did not have
    record: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def messages(self) -> list[Message]:
        """Say what is there now."""
        store = "results.restored.store_kept" if self.store_kept else "results.restored.store_of_backup"
        return [Message("results.restored", vars(self)), Message(store, vars(self))]


def restore(source: Path, workspace: Workspace, policy: Policy, *, erasures: Path | None = None) -> Restored:
    """Bring a backup back, apply every erasure and objection since, and only then put it in its place.

    Parameters
    ----------
    source : Path
        The backup's folder.
    workspace : Workspace
        Its own, or an empty one.
    policy : Policy
        Says how sums are reconciled once a person is out.
    erasures : Path, optional
        The file of erasures and objections, for an empty workspace; the one that ``SEGMENT_ERASURES`` names by default.

    Returns
    -------
    Restored

    Raises
    ------
    BackupError
        Where the backup is not as it was made or of another workspace, or nobody can say who was erased since.
    """
    manifest = Manifest.read(source)
    require_same_files(source / FILES, manifest.files)
    own = workspace.subject_secret.is_file()
    _require_place(workspace.root, known_as(workspace) if own else None, manifest)
    with workspace_lock(workspace.root, RESTORE):
        area = workspace.root / RESTORING
        staged = Workspace(area / "new", own_store=True)
        if not (area / READY).exists():
            register = None if own else _register(erasures or Settings().erasures, manifest)
            _stage(source, staged.root, manifest, without=STORE if own else frozenset())
            if register is not None:
                register.add_erased_to(staged)
            asked = workspace if own else staged
            erased = Erased.of(asked)
            erased_ids = erased_people(staged.root, {} if own else read_tables(staged), erased)
            people = [Person(customer_id, subject_key(asked, customer_id), erased) for customer_id in erased_ids]
            erase_again(people, staged.root, staged.tiers, staged.ledger_parts)
            if people and not own:
                delete_customers(staged, erased_ids)
                compact(staged)
            move_to_erased(staged.reconciliations, staged.customer_months, policy.reconciliation)
            require_gone(people, staged.root)
            wishes = 0 if register is None else register.add_wishes_to(staged)
            write_text(f"{len(people)} {wishes} {int(own)}", area / READY)
        again, wishes, over_own = map(int, (area / READY).read_text(encoding="utf-8").split())
        swap_in(staged.root, workspace.root, _STAYS if over_own else _STAYS - STORE)
        content = {"backup": manifest.backup, "made_at": manifest.made_at, "erased_again": again, "wishes": wishes}
        record = append_record(workspace, RecordKind.BACKUP_RESTORED, by=current_user(), why="restore", content=content)
        if over_own:
            check_chain(workspace)
        keep_outside(workspace)
        shutil.rmtree(area)
    return Restored(
        manifest.backup, manifest.made_at, len(manifest.files), bool(over_own), again, wishes, record.number
    )


def _require_place(root: Path, workspace_id: str | None, manifest: Manifest) -> None:
    """A backup goes over its own workspace or into an empty place; one that was cut off goes on where it began."""
    if (root / RESTORING / READY).exists():
        return
    if workspace_id is not None:
        if workspace_id != manifest.workspace:
            raise BackupError.of("errors.other_workspace")
    elif root.is_dir() and any(entry.name not in _STAYS - STORE for entry in root.iterdir()):
        raise BackupError.of("errors.something_else_there")


def _register(path: Path | None, manifest: Manifest) -> ErasureRegister:
    """Read who was erased since; only a file that knows the backup was kept since then."""
    if path is None:
        raise BackupError.of("errors.erasures_unknown")
    register = ErasureRegister.read(path)
    if register.workspace != manifest.workspace or manifest.backup not in register.backups:
        raise BackupError.of("errors.erasures_of_other_workspace", name=path.name)
    return register


def _stage(source: Path, target: Path, manifest: Manifest, without: frozenset[str]) -> None:
    """Copy a backup to where it is made ready, and hold the copy to the manifest."""
    make_folder(target)
    copy_exactly(source / FILES, target, manifest.files)
    for name in without:
        place = target / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
