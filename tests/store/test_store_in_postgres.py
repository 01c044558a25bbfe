"""The same store in PostgreSQL: acts whole, writers at once, a workspace that moves there, and only its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import psycopg
import pytest

from segment.exceptions import StoreError
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, check_chain, read_records
from segment.store.row_store import delete_customers, read_rows, upsert_rows
from segment.store.stored_tables import OBJECTIONS, TABLES
from segment.store.tombstones import Erased, Tombstone, subject_key
from segment.store.transactions import compact, store_cells, transaction
from segment.workspace import Workspace
from tests.ledger.postgres import find_binaries, postgres_server
from tests.store.test_races import ROWS, together

BINARIES = find_binaries()
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
