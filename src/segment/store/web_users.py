"""Users of the page: who they are, what they may see, and the one-time links by which they set a password."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import sqlalchemy as sa

from segment.dates import utc_now
from segment.exceptions import IdentityError
from segment.identity import checked_name, same_person
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.stored_tables import API_TOKENS, SIGN_IN_LINKS, WEB_SESSIONS, WEB_USERS
from segment.store.transactions import reading, transaction
from segment.workspace import Workspace


@dataclass(frozen=True)
class WebUser:
    """Somebody who may sign in."""

    name: str
    role: str
    branches: tuple[str, ...] = ()  # Whose rows are seen; empty: the whole bank's, where the role allows that
    rm_id: str | None = None  # Of an adviser, in the ledger
    password_hash: str | None = None
    is_active: bool = True


def read_user(workspace: Workspace, name: str) -> WebUser | None:
    """Read one user."""
    with reading(workspace) as connection:
        row = connection.execute(sa.select(WEB_USERS).where(WEB_USERS.c.name == name)).mappings().first()
    return None if row is None else _as_user(row)


def list_users(workspace: Workspace) -> list[WebUser]:
    """Read every user, by name."""
    with reading(workspace) as connection:
        rows = connection.execute(sa.select(WEB_USERS).order_by(WEB_USERS.c.name)).mappings().all()
    return [_as_user(row) for row in rows]


def add_user(workspace: Workspace, user: WebUser, link: str, expires_at: str, *, by: str) -> WebUser:
    """Add a user, or give one another role and a new password; `link` is the hash of the code that sets it."""
    user = WebUser(checked_name(user.name), user.role, user.branches, user.rm_id)
    with transaction(workspace) as connection:
        _put(connection, workspace, user)
        connection.execute(SIGN_IN_LINKS.insert().values(key=link, name=user.name, expires_at=expires_at))
        _record(workspace, user, by, "access given")
    return user


def sync_user(workspace: Workspace, user: WebUser, *, by: str) -> WebUser:
    """Bring whom an identity provider vouches for up to date; in the place of a password stands whose account it is.

    A name stays as it was first seen. One that is another account's or a local user's, or was closed, is refused.
    """
    user = replace(user, name=checked_name(user.name))
    with transaction(workspace) as connection:
        same = [known for known in list_users(workspace) if known.password_hash == user.password_hash]
        known = same[0] if same else read_user(workspace, user.name)
        if known is not None and not known.is_active:
            raise IdentityError.of("errors.access_taken_away")
        if known is not None and not same:
            raise IdentityError.of("errors.name_of_other_user")
        user = replace(user, name=known.name) if known else user
        if user != known:
            _put(connection, workspace, user)
            _record(workspace, user, by, "access as the identity provider says")
    return user


def set_password(workspace: Workspace, link: str, password_hash: str) -> WebUser | None:
    """Use a one-time link up: its user has this password from now on; nobody where the link is spent or too old."""
    with transaction(workspace) as connection:
        name = owner_of_link(workspace, link)
        if name is None:
            return None
        _close(connection, name)
        connection.execute(WEB_USERS.update().where(WEB_USERS.c.name == name).values(password_hash=password_hash))
        return read_user(workspace, name)


def owner_of_link(workspace: Workspace, link: str) -> str | None:
    """Say whose a one-time link is, while it holds."""
    links = SIGN_IN_LINKS.c
    query = sa.select(links.name).where(links.key == link, links.expires_at > utc_now())
    with reading(workspace) as connection:
        name = connection.execute(query).scalar()
    return None if name is None else str(name)


def close_user(workspace: Workspace, name: str, *, by: str) -> None:
    """Let a user sign in no more; sessions and tokens end at once."""
    with transaction(workspace) as connection:
        user = read_user(workspace, name)
        if user is None:
            return
        _close(connection, name)
        connection.execute(WEB_USERS.update().where(WEB_USERS.c.name == name).values(is_active=False))
        _record(workspace, WebUser(user.name, user.role, user.branches, is_active=False), by, "access taken away")


def _put(connection: sa.Connection, workspace: Workspace, user: WebUser) -> None:
    """Write a user anew; what was open of theirs ends."""
    for other in list_users(workspace):
        if other.name != user.name and same_person(other.name, user.name):
            raise IdentityError.of("errors.name_looks_alike")
    _close(connection, user.name)
    connection.execute(WEB_USERS.delete().where(WEB_USERS.c.name == user.name))
    row = {**vars(user), "branches": json.dumps(list(user.branches))}
    connection.execute(WEB_USERS.insert().values(row))


def _close(connection: sa.Connection, name: str) -> None:
    for table in (WEB_SESSIONS, API_TOKENS, SIGN_IN_LINKS):
        connection.execute(table.delete().where(table.c.name == name))


def _record(workspace: Workspace, user: WebUser, by: str, why: str) -> None:
    content = {"user": user.name, "role": user.role, "branches": list(user.branches), "active": user.is_active}
    append_record(workspace, RecordKind.ACCESS_CHANGED, by=by, why=why, content=content)


def _as_user(row: sa.RowMapping) -> WebUser:
    return WebUser(**{**row, "branches": tuple(json.loads(row["branches"]))})
