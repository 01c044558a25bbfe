"""Views of the customers' table that somebody saved by name: filters and a sort, never a customer."""

from __future__ import annotations

import sqlalchemy as sa

from segment.exceptions import UsageError
from segment.store.stored_tables import SAVED_VIEWS
from segment.store.transactions import reading, transaction
from segment.workspace import Workspace

MOST_VIEWS = 30
LONGEST_NAME = 60


def save_view(workspace: Workspace, owner: str, name: str, address: str) -> None:
    """Save a view, in the place of one of the same name."""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise UsageError.of("errors.view_name", longest_name=LONGEST_NAME)
    with transaction(workspace) as connection:
        connection.execute(SAVED_VIEWS.delete().where(SAVED_VIEWS.c.owner == owner, SAVED_VIEWS.c.name == name))
        count = sa.select(sa.func.count()).select_from(SAVED_VIEWS).where(SAVED_VIEWS.c.owner == owner)
        if connection.execute(count).scalar_one() >= MOST_VIEWS:
            raise UsageError.of("errors.too_many_views", most_views=MOST_VIEWS)
        connection.execute(SAVED_VIEWS.insert().values(owner=owner, name=name, address=address))


def views_of(workspace: Workspace, owner: str) -> dict[str, str]:
    """Read somebody's views, by name."""
    asked = sa.select(SAVED_VIEWS.c.name, SAVED_VIEWS.c.address).where(SAVED_VIEWS.c.owner == owner)
    with reading(workspace) as connection:
        return dict(sorted(tuple(row) for row in connection.execute(asked)))


def delete_view(workspace: Workspace, owner: str, name: str) -> None:
    """Delete a view; one that is not there is gone already."""
    with transaction(workspace) as connection:
        connection.execute(SAVED_VIEWS.delete().where(SAVED_VIEWS.c.owner == owner, SAVED_VIEWS.c.name == name))
