"""The list is ranked by expected net gain, within capacity and budget, and the control arm takes no place."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.policy.contacts import Upgrade
from segment.upgrade import Limits, rank_list
from tests.upgrade.conftest import LIST_ON


def offers(count: int = 6) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(count)],
            "branch_id": ["b1", "b2"] * (count // 2),
            "contact_cost": [10.0] * count,
            "expected_net_gain_12m": [float(n) for n in range(count)],
        }
    )


def ranked(upgrade: Upgrade, limits: Limits, control: list[bool] | None = None) -> pl.DataFrame:
    return rank_list(offers(), pl.Series(control or [False] * 6), limits, upgrade, LIST_ON)


def test_the_largest_net_gain_comes_first(upgrade: Upgrade) -> None:
    made = ranked(upgrade, Limits())
    assert made["customer_id"].to_list() == ["c5", "c4", "c3", "c2", "c1", "c0"]
    assert made["rank"].to_list() == [1, 2, 3, 4, 5, 6]


def test_capacity_counts_contacts_and_lets_control_stand_between(upgrade: Upgrade) -> None:
    made = ranked(upgrade, Limits(capacity=2), [False, False, False, False, True, False])
    assert made.select("customer_id", "arm").rows() == [("c5", "contact"), ("c4", "control"), ("c3", "contact")]


def test_the_budget_is_not_overspent(upgrade: Upgrade) -> None:
    made = ranked(upgrade, Limits(budget=35.0))
    assert made["contact_cost"].sum() == 30.0


def test_without_a_capacity_each_branch_has_its_own(upgrade: Upgrade) -> None:
    one_each = upgrade.model_copy(update={"default_capacity_per_branch": 1})
    assert ranked(one_each, Limits())["customer_id"].to_list() == ["c5", "c4"]


def test_the_list_expires_after_the_policys_days(upgrade: Upgrade) -> None:
    assert ranked(upgrade, Limits())["expires_on"].unique().to_list() == [dt.date(2026, 1, 30)]
