"""A plan counts by the served tier where a trial runs, and is what it was where none does."""

from __future__ import annotations

import polars as pl
import pytest

from segment.policy import Policy, load_policy
from segment.policy.service import Service
from segment.service import plan_table
from tests.conftest import RETAIL
from tests.service.people import published


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(RETAIL)


@pytest.fixture(scope="module")
def service(policy: Policy) -> Service:
    assert policy.service is not None
    return policy.service


def tiers() -> pl.DataFrame:
    high = {f"h{n:02}": "high_value" for n in range(12)}
    return published(**high, **{f"v{n:02}": "valuable" for n in range(12)})


def as_served(**changes: str) -> pl.DataFrame:
    return tiers().with_columns(
        served_as=pl.coalesce(
            pl.col("customer_id").replace_strict(changes, default=None, return_dtype=pl.String), "tier"
        )
    )


def test_a_trial_that_serves_nobody_otherwise_changes_no_figure(policy: Policy, service: Service) -> None:
    plain, tried = plan_table(tiers(), service, policy), plan_table(as_served(), service, policy)
    assert tried["by_trial"].sum() == 0
    assert tried.drop("by_trial").equals(plain)


def test_customers_and_budget_go_by_the_served_tier(policy: Policy, service: Service) -> None:
    plan = plan_table(as_served(v00="high_value", v01="high_value", h00="valuable"), service, policy)
    assert plan.select("tier", "customers", "by_trial", "contribution_12m").rows() == [
        ("high_value", 13, 2, 1300.0),
        ("valuable", 11, 1, 1100.0),
    ]
    assert plan["budget"].sum() == pytest.approx(24 * service.budget_per_customer)


def test_chance_decides_nobodys_price(policy: Policy, service: Service) -> None:
    """PIPL art. 24 (DOMAIN.md 5): no unreasonable differential treatment in price."""
    before = plan_table(tiers(), service, policy)
    after = plan_table(as_served(v00="high_value", v01="high_value"), service, policy)
    effects = ["tier", "effect_low", "effect_mid", "effect_high"]
    assert after.select(effects).equals(before.select(effects))


def test_who_is_served_as_another_tier_has_that_tiers_own_plan(policy: Policy, service: Service) -> None:
    given = published(a={"tier": "valuable", "tier_note": "growth"}, b={"tier": "break_even", "sub_state": "new"})
    other = given.with_columns(served_as=pl.Series(["high_value", "valuable"]))
    plan = plan_table(other, service, policy)
    assert plan.select("tier", "sub_state", "by_trial").rows() == [
        ("high_value", "standard", 1),
        ("valuable", "standard", 1),
    ]
    assert plan["counter_access"].all()
