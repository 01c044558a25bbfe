"""A person sets a tier: in a role, for a reason, until a date, on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import DecisionError
from segment.jobs.publish.overrides import list_overrides, newest_overrides, set_override, withdraw_override
from segment.jobs.publish.refresh import refresh
from segment.policy import Policy, load_policy
from segment.store.records import read_records
from segment.tiers.stability.stabilise import NO_OVERRIDES
from segment.warehouse.tiers_table import publish_tiers, read_tiers
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL, Bank, Said
from tests.warehouse.test_tiers_table import JUNE, tiers

FIRST, LAST = dt.date(2025, 7, 1), dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(RETAIL)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Callable[[dt.date], None]) -> Workspace:
    clock(FIRST)
    monkeypatch.setattr("segment.settings.login_name", lambda: "A. Keeper")
    publish_tiers(tiers(JUNE), tmp_path / "tiers")
    return Workspace(tmp_path)


def put(workspace: Workspace, policy: Policy, customer: str = "a", tier: str = "valuable", **changes: object) -> int:
    told = {"role": "branch_manager", "reason": "Sold the firm.", "starts_on": FIRST, "expires_on": LAST, **changes}
    return set_override(workspace, policy, customer, tier, **told).number  # type: ignore[arg-type]


def overrides_in_force(workspace: Workspace, as_of: dt.date) -> pl.DataFrame:
    return newest_overrides(list_overrides(workspace, as_of))


def test_an_override_holds_from_its_first_to_its_last_day(workspace: Workspace, policy: Policy) -> None:
    put(workspace, policy)
    assert overrides_in_force(workspace, FIRST - dt.timedelta(days=1)).equals(NO_OVERRIDES)
    for day in (FIRST, LAST):
        assert overrides_in_force(workspace, day).rows() == [("a", "valuable", "branch_manager", LAST)]
    assert overrides_in_force(workspace, LAST + dt.timedelta(days=1)).is_empty()
    (record,) = read_records(workspace)
    assert (record.by, record.why) == ("A. Keeper", "Sold the firm.")


def test_the_newest_override_of_a_customer_counts_until_it_is_withdrawn(workspace: Workspace, policy: Policy) -> None:
    put(workspace, policy)
    newer = put(workspace, policy, tier="high_value")
    assert overrides_in_force(workspace, FIRST)["tier"].to_list() == ["high_value"]
    withdraw_override(workspace, newer, "A mistake.")
    assert overrides_in_force(workspace, FIRST)["tier"].to_list() == ["valuable"]
    assert list_overrides(workspace, FIRST)["by"].to_list() == ["A. Keeper"]
    with pytest.raises(DecisionError, match="None that stands has number"):
        withdraw_override(workspace, newer, "Again.")


@pytest.mark.parametrize(
    ("customer", "tier", "changes", "said"),
    [
        ("nobody", "valuable", {}, "must stand in the last published tiers"),
        ("a", "gold", {}, "must be one of high_value"),
        ("a", "valuable", {"role": "intern"}, "must be one of the policy's"),
        ("a", "valuable", {"reason": " "}, "must have a reason"),
        ("a", "valuable", {"expires_on": dt.date(2026, 1, 2)}, "up to 6 months"),
        ("a", "valuable", {"expires_on": FIRST - dt.timedelta(days=1)}, "up to 6 months"),
    ],
)
def test_what_the_policy_does_not_allow_is_refused_and_names_nobody(
    workspace: Workspace, policy: Policy, customer: str, tier: str, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(DecisionError, match=said) as refused:
        put(workspace, policy, customer, tier, **changes)
    assert "nobody" not in str(refused.value)
    assert read_records(workspace) == []


def test_a_tier_set_by_hand_is_published_with_role_and_reason_code(bank: Bank, segment: Callable[..., Said]) -> None:
    before = read_tiers(bank.workspace.tiers, AS_OF)
    chosen = before.filter((pl.col("tier") == "break_even") & (pl.col("standing") == "active"))["customer_id"][0]
    arguments = ("--role", "branch_manager", "--reason", "Sold the firm.", "--starts", AS_OF, "--expires", "2026-05-31")
    said = segment("override", chosen, "valuable", *arguments, "--policy", RETAIL, workspace=bank.workspace.root)
    assert said.code == 0, said.err
    refresh(None, AS_OF, bank.workspace, bank.policy, bank.tracking())
    (row,) = read_tiers(bank.workspace.tiers, AS_OF).filter(pl.col("customer_id") == chosen).to_dicts()
    assert (row["tier"], row["proposed_tier"], row["override_role"]) == ("valuable", "break_even", "branch_manager")
    assert row["override_expires_on"] == dt.date(2026, 5, 31)
    assert "SET_BY_A_PERSON" in row["reasons"]
    shown = segment("overrides", "--as-of", AS_OF, workspace=bank.workspace.root)
    assert "branch_manager" in shown.out
