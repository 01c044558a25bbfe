from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.policy import load_policy
from segment.tiers import TIERS, with_borders, with_own_tier
from segment.tiers.borders import contradicts, least_fixed_cost
from segment.tiers.branch_reference import BranchReferences
from tests.tiers.people import POLICY, people, placed

RULES = POLICY.tiers
values = st.floats(-1e5, 1e5)
costs = st.floats(0, 1e5)


def own_tier(value: float, cost: float, mean_cost: float, reference: float, p10: float = 1.0) -> str:
    known = BranchReferences(mean_cost, 200.0, {"b": reference}, (), {}, reference)
    frame = people(blended_contribution_12m=value, cost_annual=cost, future_value_p10=p10)
    return with_own_tier(with_borders(frame, known, POLICY))["own_tier"].item()


def literal_tier(value: float, cost: float, mean_cost: float, reference: float, p10: float) -> str:
    """The four-tier policy, word by word and in its order, without borders."""
    cost = max(cost, least_fixed_cost(POLICY))
    coverage = 1 + value / cost
    if abs(value) <= 0.25 * mean_cost or (0.80 <= coverage <= 1.25 and abs(value) <= 1.0 * mean_cost):
        return "break_even"
    if value >= 4 * reference and coverage >= 1.2 and p10 > 0:
        return "high_value"
    return "valuable" if value > 0 else "loss_making"


@given(values, costs, st.floats(1, 1e4), st.floats(1, 1e4), st.floats(-10, 10))
def test_the_borders_say_what_the_policy_says_word_by_word(value, cost, mean_cost, reference, p10):
    spent = max(cost, least_fixed_cost(POLICY))
    near = [0.25 * mean_cost, mean_cost, 0.2 * spent, 0.25 * spent, 4 * reference]
    if any(math.isclose(abs(value), edge, rel_tol=1e-9) for edge in near):
        return  # on an edge the last bit decides, differently for a quotient and a product
    assert own_tier(value, cost, mean_cost, reference, p10) == literal_tier(value, cost, mean_cost, reference, p10)


@given(values, values, costs, st.floats(0, 1e4), st.floats(1, 1e4))
def test_a_higher_value_never_gives_a_lower_tier(first, second, cost, mean_cost, reference):
    low, high = sorted([first, second])
    ranks = [TIERS.index(own_tier(value, cost, mean_cost, reference)) for value in (low, high)]
    assert ranks[0] >= ranks[1]


@given(values, costs, st.floats(0, 1e4), st.floats(-1e4, 1e4), st.floats(-10, 10))
def test_every_customer_has_exactly_one_of_four_tiers(value, cost, mean_cost, reference, p10):
    assert own_tier(value, cost, mean_cost, reference, p10) in TIERS


@pytest.mark.parametrize(
    ("value", "tier"),
    [(-100.01, "loss_making"), (-100.0, "break_even"), (100.0, "break_even"), (100.01, "valuable")],
)
def test_a_quarter_of_the_mean_cost_either_way_is_break_even(value, tier):
    assert own_tier(value, cost=50.0, mean_cost=400.0, reference=500.0) == tier


def test_a_big_borrower_with_a_big_surplus_or_loss_is_not_break_even():
    assert own_tier(100_000.0, cost=500_000.0, mean_cost=400.0, reference=400.0) == "high_value"
    assert own_tier(-100_000.0, cost=500_000.0, mean_cost=400.0, reference=400.0) == "loss_making"


def test_high_value_asks_for_coverage_and_for_a_safe_future():
    assert own_tier(50_000.0, cost=500_000.0, mean_cost=400.0, reference=400.0) == "valuable"
    assert own_tier(2000.0, cost=50.0, mean_cost=400.0, reference=400.0, p10=0.0) == "valuable"
    assert own_tier(2000.0, cost=50.0, mean_cost=400.0, reference=400.0, p10=0.01) == "high_value"


def test_a_high_border_that_is_out_of_reach_is_null_and_the_published_one_is_not():
    known = BranchReferences(400.0, 200.0, {"b": 300.0}, (), {}, 300.0)
    frame = with_borders(people(cost_annual=100.0, future_value_p10=-1.0), known, POLICY)
    assert frame["border_high"].item() == 1200.0
    assert frame["border_high_reachable"].item() is None


def test_within_the_margin_the_clusters_word_stands():
    margin = RULES.model_copy(update={"guard_margin_of_mean_cost": 0.1})
    frame = placed(2, blended_contribution_12m=[69.9, 70.0], cluster_tier="break_even", own_tier="valuable")
    assert frame.select(contradicts(margin)).to_series().to_list() == [False, True]
    assert frame.select(contradicts(RULES)).to_series().to_list() == [True, True]


def test_a_cluster_cannot_lift_a_customer_over_a_border_that_is_out_of_reach():
    margin = RULES.model_copy(update={"guard_margin_of_mean_cost": 1.0})
    frame = placed(cluster_tier="high_value", own_tier="valuable", border_high_reachable=None)
    assert frame.select(contradicts(margin)).item()


def test_least_fixed_cost_of_a_case_computed_by_hand() -> None:
    assert least_fixed_cost(load_policy("models/retail.toml")) == 18.0


def test_contradicts_of_a_case_computed_by_hand() -> None:
    people = pl.DataFrame(
        {
            "blended_contribution_12m": [60.0],
            "border_low": [-50.0],
            "border_break_even": [50.0],
            "border_high_reachable": [400.0],
            "own_tier": ["valuable"],
            "cluster_tier": ["break_even"],
            "mean_cost": [200.0],
        }
    )
    assert people.select(contradicts(load_policy("models/retail.toml").tiers)).item()
