"""Rows that people hand in."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import polars as pl
import pytest

from segment.files import write_parquet
from segment.store.row_store import UpsertCounts, delete_customers, read_rows, upsert_rows
from segment.store.stored_tables import OBJECTIONS, OUTCOMES, TABLES
from segment.workspace import Workspace

DAY = dt.date(2025, 3, 1)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def outcomes(*rows: tuple[str, str, str]) -> pl.DataFrame:
    given = [(list_id, customer, DAY, response, None, False, None) for list_id, customer, response in rows]
    return pl.DataFrame(given, schema=OUTCOMES.schema, orient="row")


def test_a_table_nobody_wrote_to_is_empty_and_has_its_columns(workspace: Workspace) -> None:
    assert read_rows(workspace, OUTCOMES).schema == pl.Schema(OUTCOMES.schema)


def test_a_table_of_an_earlier_version_gets_the_columns_it_lacks(workspace: Workspace) -> None:
    write_parquet(outcomes(("l", "a", "moved")).drop("wallet_feedback"), workspace.root / "kept" / "outcomes.parquet")
    assert read_rows(workspace, OUTCOMES).schema == pl.Schema(OUTCOMES.schema)
    assert upsert_rows(workspace, OUTCOMES, outcomes(("l", "a", "moved"))) == UpsertCounts(0, 0, 1)


def test_rows_handed_in_twice_stand_once(workspace: Workspace) -> None:
    rows = outcomes(("l", "a", "moved"), ("l", "b", "declined"))
    assert upsert_rows(workspace, OUTCOMES, rows) == UpsertCounts(2, 0, 0)
    assert upsert_rows(workspace, OUTCOMES, rows) == UpsertCounts(0, 0, 2)
    assert read_rows(workspace, OUTCOMES).height == 2


def test_a_row_handed_in_anew_replaces_the_one_before(workspace: Workspace) -> None:
    upsert_rows(workspace, OUTCOMES, outcomes(("l", "a", "no_answer"), ("m", "a", "no_answer")))
    assert upsert_rows(workspace, OUTCOMES, outcomes(("l", "a", "moved"), ("l", "b", "moved"))) == UpsertCounts(1, 1, 0)
    assert read_rows(workspace, OUTCOMES)["response"].to_list() == ["moved", "moved", "no_answer"]


def test_a_customer_can_be_forgotten_in_every_table(workspace: Workspace) -> None:
    upsert_rows(workspace, OUTCOMES, outcomes(("l", "a", "moved"), ("l", "b", "moved")))
    objection = pl.DataFrame([("a", "profiling", DAY, None)], schema=OBJECTIONS.schema, orient="row")
    upsert_rows(workspace, OBJECTIONS, objection)
    assert delete_customers(workspace, ["a"]) == {
        **dict.fromkeys((table.name for table in TABLES), 0),
        "outcomes": 1,
        "objections": 1,
    }
    assert read_rows(workspace, OUTCOMES)["customer_id"].to_list() == ["b"]
    assert read_rows(workspace, OBJECTIONS).is_empty()


def test_only_the_owner_can_read_the_rows(workspace: Workspace) -> None:
    upsert_rows(workspace, OUTCOMES, outcomes(("l", "a", "moved")))
    assert workspace.store.stat().st_mode & 0o777 == 0o600


def test_the_same_row_twice_is_added_once() -> None:
    made = ("a", "profiling", dt.date(2025, 1, 2), None)
    with tempfile.TemporaryDirectory() as folder:
        place = Workspace(Path(folder))
        rows = pl.DataFrame([made], schema=OBJECTIONS.schema, orient="row")
        assert upsert_rows(place, OBJECTIONS, rows) == UpsertCounts(added=1, changed=0, same=0)
        assert upsert_rows(place, OBJECTIONS, rows) == UpsertCounts(added=0, changed=0, same=1)
