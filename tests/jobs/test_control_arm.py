"""A household stays on its side from list to list, and the secret stays with its owner."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.jobs.control_arm import control_salt, draw_arms
from segment.policy import Policy, load_policy
from segment.warehouse import Workspace
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
            "expected_net_gain_12m": [float(n * 7 % 101) for n in numbers],
        }
    )


def test_who_was_drawn_stays_whoever_else_comes(tmp_path: Path, policy: Policy) -> None:
    workspace = Workspace(tmp_path)
    first = draw_arms(offers(300), workspace, policy, ON)
    later = draw_arms(offers(500, 100), workspace, policy, ON + dt.timedelta(days=31))
    both = first.join(later, on="customer_id", suffix="_later")
    assert both.height == 200
    assert (both["control"] == both["control_later"]).all()


def test_the_arms_have_the_programmes_share_and_the_hold_out(tmp_path: Path, policy: Policy) -> None:
    drawn = draw_arms(offers(6_000), Workspace(tmp_path), policy, ON)
    assert drawn["control"].mean() == pytest.approx(0.10 + 0.9 * 0.01, abs=0.005)


def test_a_household_has_one_arm_also_across_programmes(tmp_path: Path, policy: Policy) -> None:
    drawn = draw_arms(offers(400, household_size=4), Workspace(tmp_path), policy, ON)
    assert drawn.group_by("household").agg(pl.col("control").n_unique())["control"].max() == 1
    assert drawn.height == 400


def test_a_new_member_takes_the_arm_of_the_household(tmp_path: Path, policy: Policy) -> None:
    workspace = Workspace(tmp_path)
    asked = offers(200)
    first = draw_arms(asked, workspace, policy, ON)
    partners = asked.with_columns(customer_id=pl.col("customer_id") + "-partner")
    both = draw_arms(pl.concat([asked, partners]), workspace, policy, ON)
    arms = dict(both.select("customer_id", "control").iter_rows())
    assert all(
        arms[f"{name}-partner"] == arm == arms[name] for name, arm in first.select("customer_id", "control").iter_rows()
    )


def test_a_new_secret_draws_anew(tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path)
    first = draw_arms(offers(400), workspace, policy, ON)["control"].to_list()
    monkeypatch.setenv("SEGMENT_CONTROL_SALT", "another")
    assert draw_arms(offers(400), workspace, policy, ON)["control"].to_list() != first


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert control_salt(workspace) == control_salt(workspace)
    assert (tmp_path / "control_salt").stat().st_mode & 0o777 == 0o600
