"""Who was erased and who objected, kept outside the workspace too, so that no backup brings them back."""

# The file is written anew from the store after each erasure, objection, wish and backup: it holds what the store holds,
# so who is erased leaves its rows of wishes as well. It names customers who object; keep it as you keep the workspace.

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from segment.exceptions import BackupError
from segment.files import read_secret, write_json
from segment.settings import read_settings
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import OBJECTIONS, OUTCOMES, StoredTable
from segment.store.tombstones import Erased, Tombstone
from segment.workspace import Workspace

WISHES: tuple[StoredTable, ...] = (OBJECTIONS, OUTCOMES)


@dataclass(frozen=True)
class ErasureRegister:
    """What a workspace's customers asked for, as of the last act of that kind."""

    workspace: str  # What its secret is known by
    backups: tuple[str, ...]  # Made of it so far
    erased: tuple[Tombstone, ...]
    wishes: dict[str, pl.DataFrame]  # Rows of objections, and of outcomes that ask never to be contacted

    @classmethod
    def of(cls, workspace: Workspace) -> ErasureRegister:
        """Take it from the store."""
        erased = Erased.of(workspace)
        wishes = {OBJECTIONS.name: read_rows(workspace, OBJECTIONS)}
        wishes[OUTCOMES.name] = read_rows(workspace, OUTCOMES).filter("do_not_contact")
        return cls(
            known_as(workspace),
            tuple(record.content["backup"] for record in read_records(workspace, RecordKind.BACKUP_MADE)),
            erased.entries,
            # an erasure that has just begun has not deleted them yet
            {name: erased.leave_out(rows) for name, rows in wishes.items()},
        )

    @classmethod
    def read(cls, path: Path) -> ErasureRegister:
        """Read the file."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            erased = tuple(Tombstone(**{**entry, "accounts": tuple(entry["accounts"])}) for entry in content["erased"])
            wishes = {table.name: _parse(table, content["wishes"][table.name]) for table in WISHES}
            return cls(content["workspace"], tuple(content["backups"]), erased, wishes)
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise BackupError.of("errors.erasures_unreadable", name=path.name, error=type(fault).__name__) from None

    def write(self, path: Path) -> None:
        """Write the file."""
        wishes = {name: json.loads(rows.write_json()) for name, rows in self.wishes.items()}
        erased = [asdict(entry) for entry in self.erased]
        write_json({"workspace": self.workspace, "backups": self.backups, "erased": erased, "wishes": wishes}, path)

    def add_erased_to(self, workspace: Workspace) -> None:
        """Write whoever was erased into a store that does not know it yet."""
        before = Erased.of(workspace)
        subjects = set(before.subjects)
        since = tuple(entry for entry in self.erased if entry.customer not in subjects)
        replace(before, entries=before.entries + since).add_to(workspace)

    def add_wishes_to(self, workspace: Workspace) -> int:
        """Hand in what customers asked for; return how many rows the workspace did not have."""
        counts = [upsert_rows(workspace, table, self.wishes[table.name]) for table in WISHES]
        return sum(count.added + count.changed for count in counts)


def keep_outside(workspace: Workspace) -> None:
    """Write the file that the settings name, from what the store says now."""
    path = read_settings().erasures
    if path is None:
        return
    if path.resolve().is_relative_to(workspace.root.resolve()):
        raise BackupError.of("errors.erasures_inside")
    ErasureRegister.of(workspace).write(path)


def known_as(workspace: Workspace) -> str:
    """Say by what a workspace's secret is known."""
    return hashlib.sha256(f"register|{read_secret(workspace.subject_secret)}".encode()).hexdigest()[:32]


def _parse(table: StoredTable, rows: list[dict[str, object]]) -> pl.DataFrame:
    dates = [name for name, dtype in table.schema.items() if dtype == pl.Date]
    plain = {name: pl.String if name in dates else dtype for name, dtype in table.schema.items()}
    return pl.DataFrame(rows, schema=plain).with_columns(pl.col(dates).str.to_date())
