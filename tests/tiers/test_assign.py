from __future__ import annotations

import polars as pl
import pytest

from segment.exceptions import ModelError
from segment.tiers import assign_tiers
from segment.tiers.odds import ODDS
from tests.tiers.people import POLICY, deciding_by, placed

UNLIKELY = {"growth_probability": 0.1}


def decided(frame: pl.DataFrame, policy=POLICY, managers=None) -> list[tuple[str | None, ...]]:
    return assign_tiers(frame, policy, managers).select("tier", "tier_source", "tier_note").rows()


def by_cost():
    return deciding_by("expected_cost")


def odds(high: float, valuable: float, break_even: float, loss: float) -> dict[str, float]:
    return dict(zip(ODDS, (high, valuable, break_even, loss), strict=True))


def limited(customers: int):
    return POLICY.model_copy(
        update={"tiers": POLICY.tiers.model_copy(update={"high_value_per_manager": customers})},
    )


def test_a_cluster_that_agrees_decides():
    assert decided(placed()) == [("valuable", "cluster", None)]


def test_own_figures_that_contradict_the_cluster_decide_as_guard():
    assert decided(placed(cluster_tier="loss_making")) == [("valuable", "guard", None)]


def test_without_a_cluster_the_own_figures_decide():
    frame = placed(4, cluster_tier=None, blended_contribution_12m=[900.0, 60.0, 0.0, -60.0])
    tiers = ["high_value", "valuable", "break_even", "loss_making"]
    assert decided(frame) == [(tier, "guard", None) for tier in tiers]


def test_the_tier_of_the_cluster_decides_while_it_is_not_clearly_dearer_by_the_own_odds():
    # to call them valuable costs .6 x 1, to call them break-even .4 x 2
    frame = placed(3, cluster_tier="break_even", guard_margin=[0.19, 0.2, None], **odds(0.0, 0.4, 0.6, 0.0))
    guard = ("valuable", "guard", "expected_cost")
    assert decided(frame, deciding_by("clusters")) == [guard, ("break_even", "cluster", None), guard]


def test_without_a_cluster_the_own_odds_decide():
    frame = placed(cluster_tier=None, **odds(0.0, 0.1, 0.8, 0.1))
    assert decided(frame, deciding_by("clusters")) == [("break_even", "guard", "expected_cost")]


def test_a_cluster_opens_no_tier_that_the_policy_closes():
    frame = placed(cluster_tier="high_value", border_high_reachable=[None], guard_margin=9.0, **odds(0.6, 0.4, 0, 0))
    frame = frame.with_columns(pl.col("border_high_reachable").cast(pl.Float64))
    assert decided(frame, deciding_by("clusters")) == [("valuable", "guard", "expected_cost")]


def test_a_cluster_lifts_nobody_who_is_new_and_lets_nobody_provisional_lose():
    sure = placed(2, standing=["new", "provisional"], cluster_tier=["high_value", "loss_making"], guard_margin=9.0)
    assert [tier for tier, _, _ in decided(sure, deciding_by("clusters"))] == ["break_even", "break_even"]


def test_growth_lifts_break_even_to_valuable():
    frame = placed(2, blended_contribution_12m=40.0, cluster_tier="break_even", growth_probability=[0.59, 0.6])
    assert decided(frame) == [("break_even", "cluster", None), ("valuable", "guard", "growth")]


@pytest.mark.parametrize("standing", ["new", "dormant", "excluded"])
def test_growth_lifts_nobody_who_is_new_dormant_or_left_out(standing):
    frame = placed(blended_contribution_12m=0.0, cluster_tier="break_even", growth_probability=1.0, standing=standing)
    assert decided(frame)[0][0] == "break_even"


def test_a_new_customer_is_break_even_whatever_the_figures():
    frame = placed(2, standing="new", blended_contribution_12m=[-9e5, 9e5], cluster_tier=["loss_making", "high_value"])
    assert decided(frame) == [("break_even", "new_customer", None)] * 2


def test_a_provisional_customer_is_never_loss_making():
    margin = POLICY.model_copy(
        update={"tiers": POLICY.tiers.model_copy(update={"guard_margin_of_mean_cost": 1.0})},
    )
    frame = placed(standing="provisional", blended_contribution_12m=0.0, cluster_tier="loss_making", **UNLIKELY)
    assert decided(frame, margin) == [("break_even", "new_customer", None)]


def test_staff_have_a_row_but_no_tier_of_their_own():
    tiers = assign_tiers(placed(standing="excluded", main_bank_state="main_elsewhere"), POLICY)
    assert tiers.select("tier", "sub_state", "own_tier", "main_bank_elsewhere").row(0) == (
        "break_even",
        "excluded",
        "valuable",
        False,
    )


def test_by_expected_cost_the_odds_overrule_the_cluster_and_say_so():
    # given valuable: 0.1*2 + 0.4*1 + 0.1*3 = 0.9; break-even: 0.1*5 + 0.4*2 + 0.1*1 = 1.4; high-value dearer
    frame = placed(cluster_tier="break_even", blended_contribution_12m=40.0, **odds(0.1, 0.4, 0.4, 0.1))
    assert decided(frame, by_cost()) == [("valuable", "guard", "expected_cost")]


def test_by_expected_cost_a_cluster_that_agrees_is_the_source():
    frame = placed(growth_probability=1.0, **odds(0.0, 0.9, 0.1, 0.0))
    assert decided(frame, by_cost()) == [("valuable", "cluster", None)]


def test_by_expected_cost_the_odds_hold_growth_already():
    frame = placed(cluster_tier="break_even", growth_probability=1.0, **odds(0.0, 0.0, 1.0, 0.0))
    assert decided(frame, by_cost()) == [("break_even", "cluster", None)]


def test_by_expected_cost_high_value_stays_closed_where_the_policy_rules_it_out():
    frame = placed(2, border_high_reachable=[400.0, None], **odds(1.0, 0.0, 0.0, 0.0))
    assert [tier for tier, *_ in decided(frame, by_cost())] == ["high_value", "valuable"]


@pytest.mark.parametrize(("standing", "source"), [("new", "new_customer"), ("excluded", "guard")])
def test_by_expected_cost_new_and_excluded_customers_are_break_even_as_ever(standing, source):
    frame = placed(2, standing=standing, chance_high_value=[1.0, 0.0], chance_loss_making=[0.0, 1.0], **certain_rest())
    assert decided(frame, by_cost()) == [("break_even", source, None)] * 2


def certain_rest() -> dict[str, float]:
    return {"chance_valuable": 0.0, "chance_break_even": 0.0}


def test_by_expected_cost_a_provisional_customer_is_never_loss_making():
    frame = placed(standing="provisional", **odds(0.0, 0.0, 0.0, 1.0))
    assert decided(frame, by_cost()) == [("break_even", "new_customer", None)]


def test_by_expected_cost_the_managers_capacity_still_holds():
    policy = by_cost()
    capped = policy.model_copy(update={"tiers": policy.tiers.model_copy(update={"high_value_per_manager": 1})})
    frame = placed(2, blended_contribution_12m=[900.0, 700.0], **odds(1.0, 0.0, 0.0, 0.0))
    assert [note for *_, note in decided(frame, capped, {"b": 1})] == ["expected_cost", "rm_capacity"]


def test_managers_without_a_place_left_pass_on_the_least_valuable():
    frame = placed(3, blended_contribution_12m=[900.0, 700.0, 800.0], cluster_tier="high_value")
    assert decided(frame, limited(1), {"b": 2}) == [
        ("high_value", "cluster", None),
        ("valuable", "guard", "rm_capacity"),
        ("high_value", "cluster", None),
    ]


def test_a_branch_whose_managers_are_not_known_has_no_limit():
    frame = placed(2, blended_contribution_12m=900.0, cluster_tier="high_value")
    assert decided(frame, limited(1), {"other": 1}) == decided(frame, limited(1)) == decided(frame)


def test_equal_customers_are_passed_on_in_a_fixed_order():
    frame = placed(3, blended_contribution_12m=900.0, cluster_tier="high_value")
    forth = assign_tiers(frame, limited(1), {"b": 1})
    back = assign_tiers(frame.reverse(), limited(1), {"b": 1}).reverse()
    assert forth["tier"].to_list() == back["tier"].to_list() == ["high_value", "valuable", "valuable"]


def test_a_frame_without_clusters_is_refused_without_naming_a_customer():
    with pytest.raises(ModelError, match="A tier needs 1 column.*cluster_tier") as refused:
        assign_tiers(placed().drop("cluster_tier"), POLICY)
    assert "c0" not in str(refused.value)
