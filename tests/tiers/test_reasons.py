from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.policy.decisions import Tier
from segment.tiers import SENTENCES, Reason, assign_tiers, reasons
from segment.tiers.reasons import COST_REASONS, INCOME_REASONS
from tests.tiers.people import POLICY, placed

LINES = {f"{line}_12m": 0.0 for line in (*INCOME_REASONS, *COST_REASONS)}
DECIDED = {
    "tier": "valuable",
    "tier_source": "cluster",
    "tier_note": None,
    "main_bank_elsewhere": False,
    "cost_coverage": 1.6,
}
money = st.floats(-1e5, 1e5)


def said(**columns) -> list[str]:
    return reasons(placed(**LINES | DECIDED | columns), POLICY.tiers).to_list()[0]


def test_the_two_largest_incomes_explain_a_valuable_customer():
    codes = said(net_interest_12m=300.0, interchange_income_12m=60.0, fee_income_12m=90.0, transaction_cost_12m=55.0)
    assert codes == ["INCOME_COVERS_COST", "BALANCE_INCOME_HIGH", "FEES_HIGH", "COUNTER_USE_HIGH"]


def test_the_two_largest_costs_explain_a_loss_making_customer():
    codes = said(
        tier="loss_making",
        cost_coverage=0.3,
        transaction_cost_12m=900.0,
        service_event_cost_12m=300.0,
        overhead_cost_12m=100.0,
        net_interest_12m=80.0,
    )
    assert codes == ["INCOME_BELOW_COST", "COUNTER_USE_HIGH", "ADVICE_COST_HIGH", "BALANCE_INCOME_HIGH"]


def test_a_line_below_a_quarter_of_the_mean_cost_is_no_reason():
    assert said(net_interest_12m=49.99) == ["INCOME_COVERS_COST"]
    assert said(net_interest_12m=50.0) == ["INCOME_COVERS_COST", "BALANCE_INCOME_HIGH"]


def test_the_flag_comes_first_and_brings_the_scorecards_own_reasons():
    codes = said(
        tier="break_even",
        cost_coverage=1.0,
        main_bank_elsewhere=True,
        main_bank_reasons=[["SWEPT_AWAY", "OTHER_BANK_CARD"]],
    )
    assert codes == ["MAIN_BANK_ELSEWHERE", "SWEPT_AWAY", "OTHER_BANK_CARD", "INCOME_ABOUT_COST"]


def test_the_scorecards_reasons_stay_out_where_nobody_is_flagged():
    assert said(main_bank_reasons=[["SWEPT_AWAY"]]) == ["INCOME_COVERS_COST"]


def test_what_overrides_the_figures_is_said_before_them():
    assert said(tier_note="growth", tier_source="guard")[0] == Reason.GROWTH
    assert said(tier_note="rm_capacity", tier_source="guard")[0] == Reason.RM_CAPACITY
    assert said(standing="new", tier_source="new_customer")[0] == Reason.NEW_CUSTOMER
    assert said(standing="dormant")[0] == Reason.DORMANT


def test_a_guard_is_said_last_and_growth_is_not_called_one():
    assert said(tier_source="guard")[-1] == Reason.OWN_FIGURES_OVER_CLUSTER
    assert Reason.OWN_FIGURES_OVER_CLUSTER not in said(tier_source="guard", tier_note="growth")


def test_balances_that_cost_more_than_they_earn_are_said():
    assert Reason.BALANCES_COST_MORE_THAN_THEY_EARN in said(tier="loss_making", net_interest_12m=-70.0)


def test_without_any_line_income_against_cost_is_still_said():
    frame = placed(**DECIDED | {"cost_coverage": None})
    assert reasons(frame, POLICY.tiers).to_list() == [["INCOME_COVERS_COST"]]


@given(st.lists(money, min_size=len(LINES), max_size=len(LINES)), money, st.sampled_from(get_args(Tier)))
def test_every_customer_has_reasons_and_every_reason_has_words(amounts, value, cluster_tier):
    lines = dict(zip(LINES, amounts, strict=True))
    tiers = assign_tiers(placed(**lines, blended_contribution_12m=value, cluster_tier=cluster_tier), POLICY)
    codes = reasons(tiers, POLICY.tiers).to_list()[0]
    assert codes
    assert len(set(codes)) == len(codes)
    assert set(codes) <= set(SENTENCES)


def test_every_code_has_one_sentence_without_a_full_stop():
    assert set(SENTENCES) == {str(code) for code in Reason}
    assert not any(sentence.endswith(".") for sentence in SENTENCES.values())


@pytest.mark.parametrize(("tier", "warned"), [("high_value", True), ("valuable", True), ("break_even", False)])
def test_the_early_warning_is_said_of_those_who_bring_much(tier: str, warned: bool) -> None:
    assert (Reason.LIKELY_TO_FALL in said(tier=tier, chance_of_lower_tier=0.5)) is warned
    assert Reason.LIKELY_TO_FALL not in said(tier=tier, chance_of_lower_tier=0.49)


def test_a_tier_of_least_expected_cost_says_so_and_is_not_called_a_guard() -> None:
    codes = said(tier_source="guard", tier_note="expected_cost")
    assert codes[0] == Reason.LEAST_EXPECTED_COST
    assert Reason.OWN_FIGURES_OVER_CLUSTER not in codes
