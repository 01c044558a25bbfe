"""Acts that go on outside the store as well; one that is still noted here was cut off, and is ended or taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from segment.store.stored_tables import ACTS
from segment.store.transactions import reading, transaction
from segment.workspace import Workspace


def begin_act(workspace: Workspace, kind: str, key: str, content: Mapping[str, Any]) -> None:
    """Note an act in the transaction that it begins with, and all that is needed to end it or to take it back."""
    with transaction(workspace) as connection:
        text = json.dumps(dict(content), sort_keys=True, ensure_ascii=False)
        connection.execute(ACTS.insert().values(kind=kind, key=key, content=text))


def end_act(workspace: Workspace, kind: str, key: str) -> None:
    """Say that an act is done, or was taken back."""
    with transaction(workspace) as connection:
        connection.execute(ACTS.delete().where(ACTS.c.kind == kind, ACTS.c.key == key))


def end_acts(workspace: Workspace, kind: str) -> None:
    """Say that every act of a kind is done."""
    if unfinished_acts(workspace, kind):
        with transaction(workspace) as connection:
            connection.execute(ACTS.delete().where(ACTS.c.kind == kind))


def unfinished_acts(workspace: Workspace, kind: str) -> dict[str, dict[str, Any]]:
    """Find acts of a kind that were cut off, by key."""
    query = sa.select(ACTS.c.key, ACTS.c.content).where(ACTS.c.kind == kind).order_by(ACTS.c.key)
    with reading(workspace) as connection:
        return {row.key: json.loads(row.content) for row in connection.execute(query)}
