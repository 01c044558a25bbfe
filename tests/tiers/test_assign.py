from __future__ import annotations

import polars as pl
import pytest

from segment.exceptions import ModelError
from segment.tiers import assign_tiers
from tests.tiers.people import POLICY, placed

UNLIKELY = {"future_value_p10": -900.0, "future_value_p50": 0.0, "future_value_p90": 20.0}


def decided(frame: pl.DataFrame, policy=POLICY, managers=None) -> list[tuple[str | None, ...]]:
    return assign_tiers(frame, policy, managers).select("tier", "tier_source", "tier_note").rows()


def limited(customers: int):
    return POLICY.model_copy(
        update={"tiers": POLICY.tiers.model_copy(update={"high_value_per_manager": customers})},
    )


def test_a_cluster_that_agrees_decides():
    assert decided(placed()) == [("valuable", "cluster", None)]


def test_own_figures_that_contradict_the_cluster_decide_as_guard():
    assert decided(placed(cluster_tier="loss_making")) == [("valuable", "guard", None)]


def test_without_a_cluster_the_own_figures_decide():
    assert decided(placed(cluster_tier=None)) == [("valuable", "guard", None)]


def test_growth_lifts_break_even_to_valuable():
    frame = placed(2, blended_contribution_12m=40.0, cluster_tier="break_even", future_value_p50=[40.0, 80.0])
    assert decided(frame) == [("break_even", "cluster", None), ("valuable", "guard", "growth")]


@pytest.mark.parametrize("standing", ["new", "dormant", "excluded"])
def test_growth_lifts_nobody_who_is_new_dormant_or_left_out(standing):
    frame = placed(blended_contribution_12m=0.0, cluster_tier="break_even", future_value_p50=900.0, standing=standing)
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
