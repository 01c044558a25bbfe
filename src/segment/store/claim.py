"""A store outside its workspace belongs to that workspace alone, and a workspace to one store."""

# Without this, a setting that is missing or wrong would show an empty store: no objection, no erasure, no arm. The
# store knows its workspace by the workspace's secret; the workspace notes, once the first act stands, that its store is
# outside.

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from segment.exceptions import StoreError
from segment.files import read_secret, write_text
from segment.store.stored_tables import FACTS
from segment.workspace import Workspace

_OWNER = "workspace"


def claim_outside(connection: sa.Connection, workspace: Workspace) -> None:
    """Make a store that is nobody's this workspace's, in the transaction of its first act."""
    if _owner(connection) is None:
        connection.execute(FACTS.insert().values(name=_OWNER, value=_name(workspace)))


def note_outside(workspace: Workspace) -> None:
    """Note in the workspace that its store is outside, after an act there."""
    if not workspace.store_claim.is_file():
        write_text("SEGMENT_STORE says where the store is.\n", workspace.store_claim)


def require_own(connection: sa.Connection, workspace: Workspace) -> None:
    """Hold a store outside to its workspace."""
    owner = _owner(connection)
    lost = owner is None and workspace.store_claim.is_file()
    another = owner is not None and not (workspace.subject_secret.is_file() and owner == _name(workspace))
    if lost or another:
        raise StoreError.of("errors.store_of_other_workspace")


def require_inside(workspace: Workspace) -> None:
    """Stop where this workspace's store is elsewhere, and nobody says where."""
    if workspace.store_claim.is_file():
        raise StoreError.of("errors.store_outside")


def _owner(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(FACTS.name):
        return None
    name = connection.execute(sa.select(FACTS.c.value).where(FACTS.c.name == _OWNER)).scalar()
    return None if name is None else str(name)


def _name(workspace: Workspace) -> str:
    return hashlib.sha256(f"store|{read_secret(workspace.subject_secret)}".encode()).hexdigest()[:32]
