"""Sessions of the page, tokens of the API, and writes that were asked for by a key, so that none is done twice."""

# Only hashes of cookies and tokens are stored: whoever reads the store can sign in as nobody.

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from segment.dates import utc_now
from segment.exceptions import UsageError
from segment.store.stored_tables import API_TOKENS, IDEMPOTENT_WRITES, WEB_SESSIONS
from segment.store.transactions import reading, transaction
from segment.workspace import Workspace

SEEN_EVERY_SECONDS = 60
"""How exactly it is known when a session was last used: a write at each click would make every reader a writer."""
KEYS_KEPT_DAYS = 7


@dataclass(frozen=True)
class WebSession:
    """Somebody's open session."""

    name: str
    csrf: str  # What each form of the session sends back
    started_at: str
    seen_at: str


@dataclass(frozen=True)
class ApiToken:
    """What a program shows instead of a session."""

    key: str  # SHA-256
    name: str
    purpose: str
    scopes: tuple[str, ...]
    expires_at: str


def start_session(workspace: Workspace, key: str, name: str, csrf: str, oldest: str) -> None:
    """Open a session; those of everybody that began before `oldest` go."""
    now = utc_now()
    with transaction(workspace) as connection:
        connection.execute(WEB_SESSIONS.delete().where(WEB_SESSIONS.c.started_at < oldest))
        row = {"key": key, "name": name, "csrf": csrf, "started_at": now, "seen_at": now}
        connection.execute(WEB_SESSIONS.insert().values(row))


def read_session(workspace: Workspace, key: str) -> WebSession | None:
    """Read a session by the hash of its cookie."""
    with reading(workspace) as connection:
        row = connection.execute(sa.select(WEB_SESSIONS).where(WEB_SESSIONS.c.key == key)).mappings().first()
    return None if row is None else WebSession(row["name"], row["csrf"], row["started_at"], row["seen_at"])


def see_session(workspace: Workspace, key: str, session: WebSession) -> None:
    """Note that a session was used, at most once a minute."""
    last = dt.datetime.fromisoformat(session.seen_at)
    if (dt.datetime.fromisoformat(utc_now()) - last).total_seconds() >= SEEN_EVERY_SECONDS:
        with transaction(workspace) as connection:
            connection.execute(WEB_SESSIONS.update().where(WEB_SESSIONS.c.key == key).values(seen_at=utc_now()))


def end_session(workspace: Workspace, key: str) -> None:
    """Close a session."""
    with transaction(workspace) as connection:
        connection.execute(WEB_SESSIONS.delete().where(WEB_SESSIONS.c.key == key))


def add_token(workspace: Workspace, token: ApiToken) -> None:
    """Keep a token's hash."""
    with transaction(workspace) as connection:
        row = {**vars(token), "scopes": json.dumps(list(token.scopes))}
        connection.execute(API_TOKENS.insert().values(row))


def read_token(workspace: Workspace, key: str) -> ApiToken | None:
    """Read a token by its hash, while it holds."""
    tokens = [token for token in _tokens(workspace, API_TOKENS.c.key == key) if token.expires_at > utc_now()]
    return tokens[0] if tokens else None


def tokens_of(workspace: Workspace, name: str) -> list[ApiToken]:
    """Read somebody's tokens."""
    return _tokens(workspace, API_TOKENS.c.name == name)


def delete_token(workspace: Workspace, name: str, key: str) -> None:
    """Let a token of somebody's hold no more."""
    with transaction(workspace) as connection:
        connection.execute(API_TOKENS.delete().where(API_TOKENS.c.name == name, API_TOKENS.c.key == key))


def write_once(
    workspace: Workspace, key: str, request: str, write: Callable[[], Mapping[str, object]]
) -> Mapping[str, object]:
    """Write unless it was written by the same key, and answer as the first time; a key serves one request alone."""
    table = IDEMPOTENT_WRITES
    with transaction(workspace) as connection:
        row = connection.execute(sa.select(table).where(table.c.key == key)).mappings().first()
        if row is not None and row["request"] != request:
            raise UsageError.of("errors.request_key_used")
        if row is not None:
            answered: Mapping[str, object] = json.loads(row["answer"])
            return answered
        answer = write()
        oldest = (dt.datetime.now(dt.UTC) - dt.timedelta(days=KEYS_KEPT_DAYS)).isoformat()
        connection.execute(table.delete().where(table.c.written_at < oldest))
        text = json.dumps(answer, default=str)
        connection.execute(table.insert().values(key=key, request=request, answer=text, written_at=utc_now()))
        return answer


def _tokens(workspace: Workspace, which: sa.ColumnElement[bool]) -> list[ApiToken]:
    with reading(workspace) as connection:
        rows = connection.execute(sa.select(API_TOKENS).where(which).order_by(API_TOKENS.c.expires_at)).mappings().all()
    return [ApiToken(**{**row, "scopes": tuple(json.loads(row["scopes"]))}) for row in rows]
