"""A household stays on its side from list to list, and the secret stays with its owner."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.jobs.lists.control_arm import control_salt, draw_arms
from segment.policy import Policy, load_policy
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import DRAWS
from segment.workspace import Workspace
from tests.conftest import RETAIL

ON = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(RETAIL)


def offers(count: int, first: int = 0, household_size: int = 1) -> pl.DataFrame:
    numbers = range(first, first + count)
    return pl.DataFrame(
        {
            "customer_id": [f"c{n:04}" for n in numbers],
            "household": [f"h{n // household_size:04}" for n in numbers],
            "programme": ["main_account" if n % 3 else "to_high_value" for n in numbers],
            "priority": [1 if n % 3 else 2 for n in numbers],
            "branch_id": [f"b{n % 4}" for n in numbers],
            "tier": ["break_even" if n % 3 else "valuable" for n in numbers],
            "expected_net_value": [float(n * 7 % 101) for n in numbers],
        }
    )


def drawn_arms(
    asked: pl.DataFrame, workspace: Workspace, policy: Policy, on: dt.date, homes: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Draw as a list does: who was drawn is read before, and kept after."""
    homes = asked if homes is None else homes
    draw = draw_arms(asked, homes, read_rows(workspace, DRAWS), control_salt(workspace.control_salt), policy, on)
    upsert_rows(workspace, DRAWS, draw.new)
    return draw.arms


def test_who_was_drawn_stays_whoever_else_comes(tmp_path: Path, policy: Policy) -> None:
    workspace = Workspace(tmp_path)
    first = drawn_arms(offers(300), workspace, policy, ON)
    later = drawn_arms(offers(500, 100), workspace, policy, ON + dt.timedelta(days=31))
    both = first.join(later, on="customer_id", suffix="_later")
    assert both.height == 200
    assert (both["control"] == both["control_later"]).all()


def test_the_arms_have_the_programmes_share_and_the_hold_out(tmp_path: Path, policy: Policy) -> None:
    arms = drawn_arms(offers(6_000), Workspace(tmp_path), policy, ON)
    assert arms["control"].mean() == pytest.approx(0.10 + 0.9 * 0.01, abs=0.005)


def test_a_household_has_one_arm_also_across_programmes(tmp_path: Path, policy: Policy) -> None:
    arms = drawn_arms(offers(400, household_size=4), Workspace(tmp_path), policy, ON)
    assert arms.group_by("household").agg(pl.col("control").n_unique())["control"].max() == 1
    assert arms.height == 400


def test_a_new_member_takes_the_arm_of_the_household(tmp_path: Path, policy: Policy) -> None:
    workspace = Workspace(tmp_path)
    asked = offers(200)
    first = drawn_arms(asked, workspace, policy, ON)
    partners = asked.with_columns(customer_id=pl.col("customer_id") + "-partner")
    both = drawn_arms(pl.concat([asked, partners]), workspace, policy, ON)
    arms = dict(both.select("customer_id", "control").iter_rows())
    assert all(
        arms[f"{name}-partner"] == arm == arms[name] for name, arm in first.select("customer_id", "control").iter_rows()
    )


def test_a_household_keeps_its_arm_when_another_member_comes_up_on_the_next_list(
    tmp_path: Path, policy: Policy
) -> None:
    workspace, homes = Workspace(tmp_path), offers(900, household_size=3)
    first = drawn_arms(homes.filter(pl.int_range(pl.len()) % 3 == 0), workspace, policy, ON, homes)
    later = drawn_arms(homes.filter(pl.int_range(pl.len()) % 3 == 1), workspace, policy, ON, homes)
    arms = first.join(later, on="household", suffix="_later")
    assert arms.height == 300
    control = arms.filter("control")
    assert control.height >= 20
    assert control["control_later"].all()
    # and is drawn anew only where the member is of another programme
    same = drawn_arms(homes.filter(pl.int_range(pl.len()) % 3 == 0), workspace, policy, ON, homes)
    assert same.join(first, on="customer_id").filter(pl.col("control_right") & ~pl.col("control")).is_empty()


def test_a_new_secret_draws_anew(tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path)
    first = drawn_arms(offers(400), workspace, policy, ON)["control"].to_list()
    monkeypatch.setenv("SEGMENT_CONTROL_SALT", "another")
    assert drawn_arms(offers(400), workspace, policy, ON)["control"].to_list() != first


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert control_salt(workspace.control_salt) == control_salt(workspace.control_salt)
    assert (tmp_path / "control_salt").stat().st_mode & 0o777 == 0o600
