"""Rows that people hand in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.warehouse import Workspace
from segment.warehouse.kept import OBJECTIONS, OUTCOMES, Taken, forget, keep, read_kept

DAY = dt.date(2025, 3, 1)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def outcomes(*rows: tuple[str, str, str]) -> pl.DataFrame:
    given = [(list_id, customer, DAY, response, None, False, None) for list_id, customer, response in rows]
    return pl.DataFrame(given, schema=OUTCOMES.schema, orient="row")


def test_a_table_nobody_wrote_to_is_empty_and_has_its_columns(workspace: Workspace) -> None:
    assert read_kept(workspace, OUTCOMES).schema == pl.Schema(OUTCOMES.schema)


def test_a_table_of_an_earlier_version_gets_the_columns_it_lacks(workspace: Workspace) -> None:
    keep(workspace, OUTCOMES, outcomes(("l", "a", "moved")))
    path = workspace.kept / "outcomes.parquet"
    pl.read_parquet(path).drop("wallet_feedback").write_parquet(path)
    assert read_kept(workspace, OUTCOMES).schema == pl.Schema(OUTCOMES.schema)
    assert keep(workspace, OUTCOMES, outcomes(("l", "a", "moved"))) == Taken(0, 0, 1)


def test_rows_handed_in_twice_stand_once(workspace: Workspace) -> None:
    rows = outcomes(("l", "a", "moved"), ("l", "b", "declined"))
    assert keep(workspace, OUTCOMES, rows) == Taken(2, 0, 0)
    assert keep(workspace, OUTCOMES, rows) == Taken(0, 0, 2)
    assert read_kept(workspace, OUTCOMES).height == 2


def test_a_row_handed_in_anew_replaces_the_one_before(workspace: Workspace) -> None:
    keep(workspace, OUTCOMES, outcomes(("l", "a", "no_answer"), ("m", "a", "no_answer")))
    assert keep(workspace, OUTCOMES, outcomes(("l", "a", "moved"), ("l", "b", "moved"))) == Taken(1, 1, 0)
    assert read_kept(workspace, OUTCOMES)["response"].to_list() == ["moved", "moved", "no_answer"]


def test_a_customer_can_be_forgotten_in_every_table(workspace: Workspace) -> None:
    keep(workspace, OUTCOMES, outcomes(("l", "a", "moved"), ("l", "b", "moved")))
    keep(workspace, OBJECTIONS, pl.DataFrame([("a", "profiling", DAY, None)], schema=OBJECTIONS.schema, orient="row"))
    assert forget(workspace, ["a"]) == {"outcomes": 1, "objections": 1, "reviews": 0, "overrides": 0}
    assert read_kept(workspace, OUTCOMES)["customer_id"].to_list() == ["b"]
    assert read_kept(workspace, OBJECTIONS).is_empty()


def test_only_the_owner_can_read_the_rows(workspace: Workspace) -> None:
    keep(workspace, OUTCOMES, outcomes(("l", "a", "moved")))
    assert (workspace.kept / "outcomes.parquet").stat().st_mode & 0o777 == 0o600
