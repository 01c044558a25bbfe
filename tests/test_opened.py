"""`segment.open`: what a workspace holds, as frames."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import segment
from segment.exceptions import HistoryError, NotPublishedError, UsageError
from segment.features import target_name
from segment.opened import OpenedWorkspace
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS
from segment.warehouse.stored_snapshots import read_snapshot
from tests.conftest import AS_OF, Bank


@pytest.fixture
def opened(trained_bank: Bank) -> OpenedWorkspace:
    return segment.open(trained_bank.workspace.root, trained_bank.policy, frames="polars")


def test_a_snapshot_is_that_of_the_extract(opened: OpenedWorkspace, trained_bank: Bank) -> None:
    stored = read_snapshot(trained_bank.workspace, AS_OF)
    rows = opened.snapshot()
    assert rows.drop("branch_managers").equals(stored.rows)
    counted = dict(rows.select("branch_id", "branch_managers").drop_nulls().unique().iter_rows())
    assert counted == {branch: float(count) for branch, count in stored.managers.items()}


def test_outcomes_are_what_came_after_and_the_snapshot_sees_none_of_it(opened: OpenedWorkspace) -> None:
    day = opened.dates()[-13]
    outcomes, rows = opened.outcomes(day), opened.snapshot(day)
    assert outcomes["customer_id"].equals(rows["customer_id"])
    assert not [name for name in rows.columns if "_next_" in name]
    after = [end for end in opened.dates() if end > day]
    months = opened.customer_months(after)
    assert months["month"].n_unique() == 12
    assert outcomes[target_name(12)].null_count() == 0
    with pytest.raises(HistoryError, match="12 months must have passed"):
        opened.outcomes(opened.dates()[-2])


def test_frames_come_as_they_are_asked_for(trained_bank: Bank) -> None:
    root, policy = trained_bank.workspace.root, trained_bank.policy
    assert isinstance(segment.open(str(root), policy).snapshot("2025-12-31"), pd.DataFrame)
    lazy = segment.open(root, policy, frames="lazy").customer_months(["2025-12-15"], columns=["customer_id", "month"])
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect()["month"].unique().to_list() == [dt.date(2025, 12, 1)]
    with pytest.raises(UsageError, match="pandas, polars or lazy"):
        segment.open(root, policy, frames="arrow")  # type: ignore[arg-type]


def test_lists_and_tiers_are_those_of_the_commands(module_bank: Bank, opened: OpenedWorkspace) -> None:
    assert opened.lists().equals(read_rows(module_bank.workspace, LIST_ROWS))
    with pytest.raises(NotPublishedError):
        opened.tiers("2019-12-31")


def test_what_is_not_there_is_said_without_an_option_of_the_command_line(
    opened: OpenedWorkspace, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="must be a folder") as missing:
        segment.open(tmp_path / "none")
    with pytest.raises(HistoryError, match="month's last day") as early:
        opened.snapshot("2019-12-31")
    with pytest.raises(HistoryError, match="Missing: 2019-12") as month:
        opened.customer_months(["2019-12-01"])
    assert not [said for said in (missing, early, month) if "--" in str(said.value)]


def test_a_policy_that_comes_with_the_package_has_a_name() -> None:
    assert segment.load_policy("retail").hash == segment.load_policy("models/retail.toml").hash
