"""The same store in PostgreSQL: acts whole, writers at once, a workspace that moves there, and only its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl
import psycopg
import pytest

from segment.exceptions import IdentityError, StoreError, UsageError
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, check_chain, read_records
from segment.store.row_store import delete_customers, read_rows, upsert_rows
from segment.store.stored_tables import OBJECTIONS, TABLES
from segment.store.tombstones import Erased, Tombstone, subject_key
from segment.store.transactions import compact, store_cells, transaction
from segment.store.web_sessions import (
    ApiToken,
    add_token,
    delete_token,
    read_session,
    read_token,
    see_session,
    start_session,
    tokens_of,
    write_once,
)
from segment.store.web_users import WebUser, add_user, close_user, list_users, owner_of_link, read_user, set_password
from segment.workspace import Workspace
from tests.ledger.postgres import find_binaries, postgres_server
from tests.store.test_races import ROWS, together

BINARIES = find_binaries()
LATER, BEFORE = "2999-01-01T00:00:00+00:00", "2001-01-01T00:00:00+00:00"
pytestmark = pytest.mark.skipif(BINARIES is None, reason="PostgreSQL's server is not installed")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    assert BINARIES is not None
    with postgres_server(BINARIES) as address:
        yield address


@pytest.fixture
def workspace(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    name = f"store_{abs(hash(tmp_path)) % 10**8}"
    with psycopg.connect(f"postgresql://{server}/postgres", autocommit=True) as opened:
        opened.execute(f"CREATE DATABASE {name}".encode())
    monkeypatch.setenv("SEGMENT_STORE", f"postgresql://{server}/{name}")
    return Workspace(tmp_path / "workspace")


def objections(*names: str) -> pl.DataFrame:
    rows = [(name, "marketing", dt.date(2025, 3, 1), None) for name in names]
    return pl.DataFrame(rows, schema=OBJECTIONS.schema, orient="row")


def test_rows_and_records_stand_there_and_nothing_in_the_workspace(workspace: Workspace) -> None:
    upsert_rows(workspace, OBJECTIONS, objections("customer-1", "c2"))
    append_record(workspace, RecordKind.OBJECTION_MADE, by="Ann", why="said so", content={"n": 1})
    assert read_rows(workspace, OBJECTIONS)["customer_id"].to_list() == ["c2", "customer-1"]
    assert check_chain(workspace) == 1
    assert not workspace.store.exists()


def cut_off(workspace: Workspace) -> None:
    with transaction(workspace):
        upsert_rows(workspace, OBJECTIONS, objections("customer-1"))
        append_record(workspace, RecordKind.OBJECTION_MADE, by="Ann", why="said so", content={})
        raise KeyError


def test_an_act_that_fails_leaves_nothing(workspace: Workspace) -> None:
    with pytest.raises(KeyError):
        cut_off(workspace)
    assert read_rows(workspace, OBJECTIONS).is_empty()
    assert read_records(workspace) == []


def test_writers_at_once_lose_nothing(workspace: Workspace, tmp_path: Path) -> None:
    together(ROWS, workspace.root, tmp_path / "go", 4)
    assert read_rows(workspace, OBJECTIONS).height == 20
    assert check_chain(workspace) == 20


def test_who_was_erased_leaves_every_table_and_does_not_come_back(workspace: Workspace) -> None:
    upsert_rows(workspace, OBJECTIONS, objections("customer-1", "c2"))
    entry = Tombstone(subject_key(workspace, "customer-1"), (), "2025-03-02")
    Erased((entry,), b"").add_to(workspace)
    delete_customers(workspace, ["customer-1"])
    compact(workspace)
    upsert_rows(workspace, OBJECTIONS, objections("customer-1", "c3"))
    assert read_rows(workspace, OBJECTIONS)["customer_id"].to_list() == ["c2", "c3"]
    assert set(store_cells(workspace)) >= {table.name for table in TABLES}
    assert "customer-1" not in str(store_cells(workspace))


def test_a_store_inside_moves_there_whole(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as inside:
        inside.delenv("SEGMENT_STORE")
        upsert_rows(workspace, OBJECTIONS, objections("customer-1"))
        append_record(workspace, RecordKind.OBJECTION_MADE, by="Ann", why="said so", content={"n": 1})
    append_record(workspace, RecordKind.OBJECTION_MADE, by="Ann", why="said so", content={"n": 2})
    assert read_rows(workspace, OBJECTIONS)["customer_id"].to_list() == ["customer-1"]
    assert check_chain(workspace) == 2
    assert not workspace.store.exists()


def test_neither_another_workspace_nor_a_lost_setting_shows_an_empty_store(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upsert_rows(workspace, OBJECTIONS, objections("customer-1"))
    with pytest.raises(StoreError, match="belongs to one workspace"):
        read_rows(Workspace(tmp_path / "other"), OBJECTIONS)
    monkeypatch.delenv("SEGMENT_STORE")
    with pytest.raises(StoreError, match="lies outside it"):
        read_rows(workspace, OBJECTIONS)


def test_a_server_that_is_away_is_one_message_without_the_password(
    workspace: Workspace, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, _, place = server.rpartition("@")
    monkeypatch.setenv("SEGMENT_STORE", f"postgresql://{user}@{place.split(':')[0]}:1/nowhere")
    with pytest.raises(StoreError) as caught:
        upsert_rows(workspace, OBJECTIONS, objections("customer-1"))
    assert user.split(":")[1] not in str(caught.value)
    assert "customer-1" not in str(caught.value)


def test_a_user_of_the_page_lives_there_from_the_link_to_the_end(workspace: Workspace) -> None:
    ann = WebUser("Ann", "adviser", ("B001", "B002"), "RM7")
    assert add_user(workspace, ann, "link", LATER, by="root") == read_user(workspace, "Ann") == ann
    with pytest.raises(IdentityError, match="look like another"):
        add_user(workspace, WebUser("ann", "analyst"), "other", LATER, by="root")
    assert owner_of_link(workspace, "link") == "Ann"
    joined = set_password(workspace, "link", "hash")
    assert joined is not None
    assert (joined.password_hash, set_password(workspace, "link", "again")) == ("hash", None)
    start_session(workspace, "cookie", "Ann", "csrf", BEFORE)
    close_user(workspace, "Ann", by="root")
    assert [user.is_active for user in list_users(workspace)] == [False]
    assert read_session(workspace, "cookie") is None
    assert check_chain(workspace) == 2
    assert not workspace.store.exists()


def test_sessions_and_tokens_stand_there_and_end(workspace: Workspace) -> None:
    start_session(workspace, "old", "Ann", "csrf", BEFORE)
    start_session(workspace, "new", "Ann", "csrf", LATER)
    session = read_session(workspace, "new")
    assert session is not None
    assert (session.csrf, read_session(workspace, "old")) == ("csrf", None)
    see_session(workspace, "new", replace(session, seen_at=BEFORE))
    assert str(getattr(read_session(workspace, "new"), "seen_at", "")) >= session.seen_at
    for key, until in (("k1", LATER), ("k2", BEFORE)):
        add_token(workspace, ApiToken(key, "Ann", "crm", ("customers", "export"), until))
    assert read_token(workspace, "k1") == ApiToken("k1", "Ann", "crm", ("customers", "export"), LATER)
    assert read_token(workspace, "k2") is None
    delete_token(workspace, "Bob", "k1")
    delete_token(workspace, "Ann", "k2")
    assert [token.key for token in tokens_of(workspace, "Ann")] == ["k1"]


def test_a_write_by_key_is_done_once_however_many_send_it_at_once(workspace: Workspace) -> None:
    def write() -> dict[str, object]:
        upsert_rows(workspace, OBJECTIONS, objections("customer-1"))
        append_record(workspace, RecordKind.OBJECTION_MADE, by="Ann", why="said so", content={})
        return {"added": 1}

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: write_once(workspace, "key", "request", write), range(8)))
    assert answers == [{"added": 1}] * 8
    assert check_chain(workspace) == 1
    with pytest.raises(UsageError, match="belong to one request"):
        write_once(workspace, "key", "another", write)


def test_a_write_by_key_that_fails_may_be_sent_again(workspace: Workspace) -> None:
    def fails() -> dict[str, object]:
        upsert_rows(workspace, OBJECTIONS, objections("customer-1"))
        raise KeyError

    with pytest.raises(KeyError):
        write_once(workspace, "key", "request", fails)
    assert read_rows(workspace, OBJECTIONS).is_empty()
    assert write_once(workspace, "key", "request", lambda: {"added": 0}) == {"added": 0}
