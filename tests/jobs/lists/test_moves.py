"""A move is what the ledger shows, the same in both arms, and nothing after the moment is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import HistoryError
from segment.jobs.lists.moves import measure_lists
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.workspace import Workspace
from tests.jobs.lists.campaign import LATER, campaigns_of, months_of, write_list, write_months
from tests.jobs.lists.made_lists import LIST_ON, bank, retail


@pytest.fixture(scope="module")
def policy() -> Policy:
    return retail()


def measured(as_of: dt.date, workspace: Workspace, policy: Policy) -> pl.DataFrame:
    return measure_lists(campaigns_of(as_of, workspace, policy), policy)


def judged(
    root: Path, policy: Policy, programme: str, before: dict[str, object], after: dict[str, object] | None
) -> bool | None:
    workspace = bank(root)
    write_list(workspace, pl.DataFrame({"customer_id": ["c1"], "arm": ["control"], "programme": [programme]}))
    then = {"other": {}} if after is None else {"c1": after}
    write_months(workspace, policy, {"c1": before}, then)
    return bool(measured(LATER, workspace, policy)["moved"].item())


@pytest.mark.parametrize(
    ("programme", "before", "after", "moved"),
    [
        ("main_account", {}, {"flow_salary": 2000.0}, True),
        ("main_account", {}, {"flow_pension": 900.0}, True),
        ("main_account", {"flow_salary": 2000.0}, {"flow_salary": 2000.0}, False),
        ("main_account", {"own_in_other_bank": 900.0}, {"balance_current": 600.0}, True),
        ("main_account", {"own_in_other_bank": 900.0}, {"balance_current": 499.0}, False),
        ("main_account", {"own_in_other_bank": 900.0}, {"own_in_other_bank": 500.0, "balance_current": 600.0}, False),
        ("main_account", {}, {"balance_current": 9000.0}, False),
        ("to_high_value", {"product_families": 1}, {"product_families": 2}, True),
        ("to_high_value", {"balance_savings": 4000.0}, {"balance_savings": 5000.0}, True),
        ("to_high_value", {"balance_savings": 4000.0}, {"balance_savings": 4900.0}, False),
        ("to_high_value", {}, {"product_families": 2, "accounts_open": 0}, False),
        ("keep_high_value", {"balance_savings": 4000.0}, {"balance_savings": 3000.0}, True),
        ("keep_high_value", {"balance_savings": 4000.0}, {"balance_savings": 2900.0}, False),
        ("keep_high_value", {"balance_savings": 4000.0}, None, False),
    ],
)
def test_moves_by_hand(
    tmp_path: Path,
    policy: Policy,
    programme: str,
    before: dict[str, object],
    after: dict[str, object] | None,
    moved: bool,
) -> None:
    assert judged(tmp_path, policy, programme, before, after) is moved


def lists_of(workspace: Workspace, policy: Policy, as_of: dt.date = LATER) -> list[tuple[str, bool | None]]:
    return measured(as_of, workspace, policy).select("customer_id", "moved").sort("customer_id").rows()


def test_a_list_whose_months_have_not_passed_is_not_measured_and_no_failure(tmp_path: Path, policy: Policy) -> None:
    workspace = bank(tmp_path)
    write_list(workspace, pl.DataFrame({"customer_id": ["c1"], "arm": ["contact"]}))
    write_months(workspace, policy, {"c1": {}}, {"c1": {"flow_salary": 1.0}})
    assert lists_of(workspace, policy, dt.date(2026, 2, 28)) == [("c1", None)]
    assert lists_of(workspace, policy) == [("c1", True)]


def test_a_changed_future_changes_nothing(tmp_path: Path, policy: Policy) -> None:
    workspace = bank(tmp_path)
    write_list(workspace, pl.DataFrame({"customer_id": ["c1"], "arm": ["contact"]}))
    write_months(workspace, policy, {"c1": {}}, {"c1": {"flow_salary": 1.0}})
    first = measured(LATER, workspace, policy)
    wild = months_of({"c1": {"flow_salary": -9e9, "fee_income": 9e9, "accounts_open": 0}}, policy)
    wild.write_parquet(workspace.customer_months / "2026-04.parquet")
    write_list(
        workspace, pl.DataFrame({"customer_id": ["c1"], "arm": ["control"], "list_on": [dt.date(2026, 4, 1)]}), "z"
    )
    assert measured(LATER, workspace, policy).equals(first)


def test_only_lists_that_left_count_and_a_customer_once_in_a_programme(tmp_path: Path, policy: Policy) -> None:
    workspace = bank(tmp_path)
    one = pl.DataFrame({"customer_id": ["c1"], "arm": ["contact"]})
    write_list(workspace, one, "2025-12-31-aaaa")
    write_list(workspace, one.with_columns(arm=pl.lit("control")), "2025-12-31-bbbb")
    write_list(workspace, one.with_columns(customer_id=pl.lit("c2")), "2025-12-31-cccc", released=False)
    shown = {"list_id": "2025-12-31-cccc"}
    append_record(workspace, RecordKind.LIST_RELEASED, by="x", why="shown to the user", content=shown)
    write_months(workspace, policy, {"c1": {}}, {"c1": {}})
    rows = measured(LATER, workspace, policy)
    assert rows.select("customer_id", "arm").rows() == [("c1", "contact")]


def test_contribution_is_that_of_the_months_after_and_of_the_year_before(tmp_path: Path, policy: Policy) -> None:
    workspace = bank(tmp_path)
    write_list(workspace, pl.DataFrame({"customer_id": ["c1"], "arm": ["contact"]}))
    write_months(workspace, policy, {"c1": {"fee_income": 10.0, "overhead_cost": 4.0}}, {"c1": {"net_interest": 7.0}})
    row = measured(LATER, workspace, policy).row(0, named=True)
    assert (row["contribution_before"], row["contribution_after"]) == (pytest.approx(72.0), pytest.approx(21.0))


def test_a_missing_month_says_what_to_run(tmp_path: Path, policy: Policy) -> None:
    workspace = bank(tmp_path)
    write_list(workspace, pl.DataFrame({"customer_id": ["c1"], "arm": ["contact"]}))
    write_months(workspace, policy, {"c1": {}}, {"c1": {}}, last=LIST_ON)
    with pytest.raises(HistoryError, match="Missing: 2026-01, 2026-02, 2026-03"):
        measured(LATER, workspace, policy)


def test_without_lists_there_is_nothing_to_measure(tmp_path: Path, policy: Policy) -> None:
    assert measured(LATER, bank(tmp_path), policy).is_empty()
