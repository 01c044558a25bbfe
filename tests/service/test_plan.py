"""A plan counts by the served tier where a trial runs, and is what it was where none does."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.policy import Policy, load_policy
from segment.policy.service import Service, TariffItem
from segment.service.plan import plan_table
from segment.service.price import price_figures, waiver_effect
from segment.service.segments import with_service_state
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


def test_who_is_valuable_by_odds_and_not_yet_by_own_figures_has_the_plan_of_growth(
    policy: Policy, service: Service
) -> None:
    valuable = {"tier": "valuable"}
    given = published(a=valuable, b=valuable, c=valuable, d=valuable).with_columns(
        own_tier=pl.Series(["break_even", "loss_making", "valuable", "break_even"]),
        tier_source=pl.Series(["cluster", "guard", "cluster", "hysteresis"]),
    )
    states = with_service_state(given, policy.tiers)["service_state"].to_list()
    assert states == ["growth", "growth", "standard", "standard"]


ITEM = TariffItem(name="Card", price=10, unit_cost=4, charged_a_year=2, public_since=dt.date(2020, 7, 15))


def test_without_elasticity_a_waiver_costs_what_is_waived() -> None:
    assert waiver_effect(ITEM, 100, 0.5, 0.0) == -100 * 2 * 5.0


@pytest.mark.parametrize(("elasticity", "effect"), [(-0.5, -950.0), (-1.0, -900.0), (-2.0, -800.0)])
def test_demand_that_a_waiver_brings_by_hand(elasticity: float, effect: float) -> None:
    # 200 (1 + 0.5 |e|) (5 - 4) - 200 (10 - 4)
    assert waiver_effect(ITEM, 100, 0.5, elasticity) == effect


def test_no_waiver_changes_nothing() -> None:
    assert waiver_effect(ITEM, 100, 0.0, -1.0) == 0.0


def test_waiver_effect_of_a_case_computed_by_hand() -> None:
    item = TariffItem(name="Card", price=10, unit_cost=4, charged_a_year=1, public_since=dt.date(2020, 7, 15))
    assert waiver_effect(item, customers=100, waived_share=0.2, elasticity=-0.5) == -160.0


def test_whoever_is_in_arrears_has_a_service_of_their_own_in_any_tier_and_no_offer(
    service: Service, policy: Policy
) -> None:
    late = {f"{tier[:1]}{n}": {"tier": tier, "sub_state": "in_arrears"} for tier in service.plans for n in range(3)}
    plan = plan_table(published(**late), service, policy)
    assert set(plan["sub_state"]) == {"in_arrears"}
    assert set(plan["tier"]) == set(service.plans)
    assert plan.select(pl.col("bundles", "tariff_items").list.len().sum()).row(0) == (0, 0)
    assert all("instalments" in programmes[0] for programmes in plan["programmes"])


def test_a_loss_by_credit_has_a_plan_of_its_own(service: Service, policy: Policy) -> None:
    losing = {"tier": "loss_making", "direct_contribution_12m": -9.0}
    plan = plan_table(
        published(a=losing | {"sub_state": "loss_credit"}, b=losing | {"sub_state": "loss_direct"}), service, policy
    )
    assert plan["sub_state"].to_list() == ["credit", "direct"]


KINDS = (
    ("high_value", {}),
    ("high_value", {"chance_of_lower_tier": 0.9}),
    ("valuable", {}),
    ("valuable", {"chance_of_lower_tier": 0.9}),
    ("valuable", {"tier_note": "growth"}),
    ("break_even", {"sub_state": "be_main_elsewhere"}),
    ("break_even", {"sub_state": "be_potential"}),
    ("break_even", {"sub_state": "be_mass"}),
    ("break_even", {"sub_state": "new"}),
    ("loss_making", {"direct_contribution_12m": -1.0}),
    ("loss_making", {}),
)
person = st.tuples(st.sampled_from(range(len(KINDS))), st.floats(-1e5, 1e6), st.floats(0, 1e5), st.booleans())


@given(st.lists(person, min_size=1, max_size=60), st.floats(0, 500))
def test_the_budget_of_any_branch_keeps_the_order_of_the_tiers(
    persons: list[tuple[int, float, float, bool]], each: float
) -> None:
    policy = load_policy(RETAIL)
    assert policy.service is not None
    service = policy.service.model_copy(update={"budget_per_customer": each})
    tiers = published(
        **{
            f"c{place:03}": {"tier": KINDS[kind][0], **KINDS[kind][1], "contribution_12m": brings,
                             "main_bank_elsewhere_probability": 0.9, "upgrade_potential_12m": potential}
            for place, (kind, brings, potential, _) in enumerate(persons)
        }
    )  # fmt: skip
    objecting = pl.Series([f"c{place:03}" for place, row in enumerate(persons) if row[3]], dtype=pl.String)
    plan = plan_table(tiers, service, policy, objecting)
    assert round(100 * plan["budget"].sum()) == round(100 * each * len(persons))
    rows = plan.filter(pl.col("tier") != "generic").to_dicts()
    level = {"loss_making": 0, "break_even": 1, "valuable": 3, "high_value": 4}
    found = sorted(
        (2 if row["sub_state"] == "main_bank_elsewhere" else level[row["tier"]], row["budget"], row["customers"])
        for row in rows
    )
    for lower, low, few in found:
        for higher, high, many in found:
            # a cent of rounding of each group
            assert lower >= higher or low / few <= high / many + 0.01 / few + 0.01 / many
            assert lower != higher or low / few == pytest.approx(high / many, abs=0.01 / few + 0.01 / many)


def test_whom_winning_over_is_worth_much_gets_more_than_other_break_even_customers(
    policy: Policy, service: Service
) -> None:
    away = {"tier": "break_even", "sub_state": "be_main_elsewhere", "contribution_12m": 0.0}
    worth = {"main_bank_elsewhere_probability": 0.8, "upgrade_potential_12m": 500.0}
    others = {f"o{n}": {"tier": "break_even", "sub_state": "be_mass", "contribution_12m": 20.0} for n in range(8)}
    plan = plan_table(published(a=away | worth, v="valuable", **others), service, policy)
    each = dict(plan.select("sub_state", "budget_per_customer").rows())
    # of 1,200 half by head, 60 each; the rest by 20 for the eight others, 20 + 0.5 x 400 for the flagged, and no less
    # for the valuable, who bring 100
    assert each == {"standard": 280.0, "main_bank_elsewhere": 280.0, "no_potential": 80.0}
    assert (plan["advisers_needed"].to_list()[:2], plan["budget"].sum()) == ([0.0, 0.0], 1200.0)


def test_advisers_are_shared_by_the_groups_of_a_branch(policy: Policy, service: Service) -> None:
    """The plan of before asked for an adviser for each group: five for 117 customers."""
    groups = {"high_value": 10, "valuable": 50, "break_even": 57}
    people = {
        f"{tier}{n}": {"tier": tier, "sub_state": "be_main_elsewhere"} for tier in groups for n in range(groups[tier])
    }
    assert plan_table(published(**people), service, policy)["advisers_needed"].sum() == pytest.approx(0.29, abs=0.01)


def test_price_says_what_its_room_costs_when_it_pays_and_what_an_answer_takes(service: Service) -> None:
    plan = service.plans["valuable"].model_copy(
        update={"waiver_share": (0.0, 0.5), "elasticity": (0.0, -0.5, -2.0), "competitor_takes_back": 0.4}
    )
    found = price_figures(plan, [ITEM], 100)
    # 200 charged a year at 10 that cost 4: 1,200 before and 200 after: it takes six times the demand
    assert (found["room_cost"], found["break_even_volume"]) == (1000.0, 5.0)
    # at -0.5 a quarter more demand brings 50
    assert (found["effect_mid"], found["competitor_cost"]) == (-950.0, 20.0)
    free = plan.model_copy(update={"waiver_share": (0.0, 1.0)})
    assert (price_figures(free, [ITEM], 100)["break_even_volume"], price_figures(free, [ITEM], 0)["room_cost"]) == (
        None,
        None,
    )


def test_target_customers_are_a_chosen_number_of_each_branch(policy: Policy, service: Service) -> None:
    people = {f"f{n}": {"tier": "break_even", "sub_state": "be_main_elsewhere"} for n in range(50)}
    people |= {f"o{n}": {"tier": "break_even", "sub_state": "be_mass"} for n in range(3)}
    targets = dict(plan_table(published(**people), service, policy).select("sub_state", "target_customers").rows())
    assert targets == {"main_bank_elsewhere": 40, "no_potential": None}
    own = service.model_copy(update={"branch_targets": {"b1": {"break_even.main_bank_elsewhere": 12}}})
    assert plan_table(published(**people), own, policy)["target_customers"][0] == 12
