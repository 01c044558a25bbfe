from __future__ import annotations

from typing import get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.policy import load_policy
from segment.policy.decisions import Tier
from segment.sentences import LANGUAGES, Sentences
from segment.tiers import assign_tiers
from segment.tiers.reasons import COST_REASONS, INCOME_REASONS, Reason, reasons, reasons_after_change
from tests.tiers.people import POLICY, deciding_by, placed

LINES = {f"{line}_12m": 0.0 for line in (*INCOME_REASONS, *COST_REASONS)}
DECIDED = {
    "tier": "valuable",
    "own_tier": "valuable",
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
        own_tier="loss_making",
        contribution_12m=-900.0,
        cost_coverage=0.3,
        transaction_cost_12m=900.0,
        service_event_cost_12m=300.0,
        overhead_cost_12m=100.0,
        net_interest_12m=80.0,
    )
    assert codes == ["INCOME_BELOW_COST", "COUNTER_USE_HIGH", "ADVICE_COST_HIGH", "BALANCE_INCOME_HIGH"]


def test_where_odds_decide_the_reasons_say_that_the_tier_is_the_likeliest():
    by_clusters = deciding_by("clusters").tiers
    frame = placed(2, **LINES | DECIDED | {"chance_valuable": [0.7, 0.3], "chance_break_even": [0.3, 0.7]})
    assert [codes[0] for codes in reasons(frame, by_clusters)] == ["MOST_LIKELY_NEXT_YEAR", "INCOME_COVERS_COST"]
    assert all("MOST_LIKELY_NEXT_YEAR" not in codes for codes in reasons(frame, POLICY.tiers))


def test_a_line_below_a_quarter_of_the_mean_cost_is_no_reason():
    assert said(net_interest_12m=49.99) == ["INCOME_COVERS_COST"]
    assert said(net_interest_12m=50.0) == ["INCOME_COVERS_COST", "BALANCE_INCOME_HIGH"]


def test_the_flag_comes_first_and_brings_the_scorecards_own_reasons():
    codes = said(
        tier="break_even",
        own_tier="break_even",
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
    assert set(codes) <= set(Reason)


def test_every_code_has_one_sentence_without_a_full_stop():
    for language in LANGUAGES:
        sentences = Sentences(language).reasons(Reason)
        assert len(set(sentences)) == len(Reason)
        assert not any(sentence.endswith((".", "。")) for sentence in sentences)


@pytest.mark.parametrize(("tier", "warned"), [("high_value", True), ("valuable", True), ("break_even", False)])
def test_the_early_warning_is_said_of_those_who_bring_much(tier: str, warned: bool) -> None:
    assert (Reason.LIKELY_TO_FALL in said(tier=tier, chance_of_lower_tier=0.5)) is warned
    assert Reason.LIKELY_TO_FALL not in said(tier=tier, chance_of_lower_tier=0.49)


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("chance_of_leaving_6m", Reason.MAY_LEAVE),
        ("chance_main_bank_leaves_6m", Reason.MAIN_BANK_MAY_LEAVE),
    ],
)
def test_a_likely_departure_is_said_of_those_who_bring_much(column: str, code: Reason) -> None:
    assert code in said(tier="valuable", **{column: 0.05})
    assert code not in said(tier="valuable", **{column: 0.03})
    assert code not in said(tier="valuable", **{column: None})
    assert code not in said(tier="break_even", **{column: 0.05})


def test_a_tier_of_least_expected_cost_says_so_and_is_not_called_a_guard() -> None:
    codes = said(tier_source="guard", tier_note="expected_cost")
    assert codes[0] == Reason.LEAST_EXPECTED_COST
    assert Reason.OWN_FIGURES_OVER_CLUSTER not in codes


def test_reasons_of_a_case_computed_by_hand() -> None:
    people = pl.DataFrame(
        {
            "tier": ["loss_making"],
            "own_tier": ["loss_making"],
            "contribution_12m": [-850.0],
            "border_high": [400.0],
            "tier_source": ["guard"],
            "tier_note": [None],
            "standing": ["active"],
            "main_bank_elsewhere": [False],
            "cost_coverage": [0.3],
            "mean_cost": [400.0],
            "transaction_cost_12m": [900.0],
            "net_interest_12m": [50.0],
        }
    )
    assert reasons(people, load_policy("models/retail.toml").tiers).to_list() == [
        ["INCOME_BELOW_COST", "COUNTER_USE_HIGH", "OWN_FIGURES_OVER_CLUSTER"]
    ]


def test_reasons_after_change_of_a_case_computed_by_hand() -> None:
    held = pl.DataFrame(
        {
            "tier": ["valuable"],
            "own_tier": ["break_even"],
            "contribution_12m": [40.0],
            "border_high": [900.0],
            "tier_source": ["hysteresis"],
            "tier_note": ["awaits_fall"],
            "standing": ["active"],
            "main_bank_elsewhere": [False],
            "cost_coverage": [1.1],
            "mean_cost": [400.0],
            "reasons": [["INCOME_ABOUT_COST", "COUNTER_USE_HIGH", "FEES_HIGH"]],
        }
    )
    assert reasons_after_change(held, load_policy("models/retail.toml").tiers).to_list() == [
        ["FALL_NOT_CONFIRMED", "FEES_HIGH", "COUNTER_USE_HIGH"]
    ]


GROUNDS = {
    "high_value": Reason.INCOME_FAR_ABOVE_COST,
    "valuable": Reason.INCOME_COVERS_COST,
    "break_even": (Reason.INCOME_ABOUT_COST, Reason.LITTLE_EITHER_WAY),
    "loss_making": Reason.INCOME_BELOW_COST,
}


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        ({"tier": "high_value", "contribution_12m": 400.0}, Reason.INCOME_FAR_ABOVE_COST),
        ({"tier": "high_value", "contribution_12m": 399.0}, Reason.YEAR_AND_FORECAST),
        ({"tier": "valuable", "cost_coverage": 1.26}, Reason.INCOME_COVERS_COST),
        ({"tier": "valuable", "cost_coverage": 1.25}, Reason.YEAR_AND_FORECAST),
        ({"tier": "break_even", "cost_coverage": 1.25, "contribution_12m": 90.0}, Reason.INCOME_ABOUT_COST),
        ({"tier": "break_even", "cost_coverage": 9.0, "contribution_12m": 50.0}, Reason.LITTLE_EITHER_WAY),
        ({"tier": "break_even", "cost_coverage": 0.01, "contribution_12m": -51.0}, Reason.YEAR_AND_FORECAST),
        ({"tier": "loss_making", "contribution_12m": -1.0}, Reason.INCOME_BELOW_COST),
        ({"tier": "loss_making", "contribution_12m": 0.0}, Reason.YEAR_AND_FORECAST),
        ({"tier": "break_even", "own_tier": "valuable", "cost_coverage": 1.0}, Reason.SIMILAR_CUSTOMERS),
        ({"tier": "break_even", "standing": "new", "cost_coverage": 1.0}, Reason.NEW_CUSTOMER),
        ({"tier": "break_even", "standing": "excluded", "cost_coverage": 1.0}, Reason.EXCLUDED),
        ({"tier": "break_even", "standing": "provisional", "cost_coverage": 0.1}, Reason.PROVISIONAL),
    ],
)
def test_the_ground_of_a_tier_by_hand(figures: dict[str, object], code: Reason) -> None:
    # 200 a mean cost, so little either way is 50; income covers its cost well above 1.25
    assert said(**{"own_tier": figures["tier"], **figures}) == [code]


@given(
    value=money,
    past=money,
    coverage=st.floats(0, 50) | st.none(),
    own_cost=st.floats(0, 1e4),
    cluster_tier=st.sampled_from(get_args(Tier)),
    standing=st.sampled_from(["active", "active", "dormant", "new", "provisional", "excluded"]),
    growth=st.floats(0, 1),
)
def test_reasons_of_a_tier_never_contradict_the_tier_or_the_figures(
    value: float, past: float, coverage: float | None, own_cost: float, cluster_tier: str, standing: str, growth: float
) -> None:
    # coverage is said of the sums that are published
    sums = {"income_12m": 100.0 * (coverage or 0.0), "cost_12m": 0.0 if coverage is None else 100.0}
    figures = {"contribution_12m": past, "cost_annual": own_cost, **sums}
    frame = placed(
        **LINES,
        **figures,
        blended_contribution_12m=value,
        cluster_tier=cluster_tier,
        standing=standing,
        growth_probability=growth,
        main_bank_elsewhere_probability=0.9,
        main_bank_state="main_elsewhere",
        wallet_elsewhere_12m=1e6,
    )
    (row,) = (
        assign_tiers(frame, POLICY).with_columns(reasons=reasons(assign_tiers(frame, POLICY), POLICY.tiers)).to_dicts()
    )
    codes, covers = set(row["reasons"]), float("inf") if coverage is None else coverage
    assert codes
    of_others = {tier: codes_ for tier, codes_ in GROUNDS.items() if tier != row["tier"]}
    for tier, grounds in of_others.items():
        assert not codes & set(grounds if isinstance(grounds, tuple) else (grounds,)), tier
    assert Reason.INCOME_FAR_ABOVE_COST not in codes or past >= row["border_high"]
    assert Reason.INCOME_COVERS_COST not in codes or (covers > 1.25 and past > 0)
    assert Reason.INCOME_ABOUT_COST not in codes or 0.8 <= covers <= 1.25
    assert Reason.LITTLE_EITHER_WAY not in codes or abs(past) <= 0.25 * row["mean_cost"]
    assert Reason.INCOME_BELOW_COST not in codes or past < 0
    assert Reason.YEAR_AND_FORECAST not in codes or row["own_tier"] == row["tier"]
    assert Reason.GROWTH not in codes or row["tier"] == "valuable"
    assert Reason.MAIN_BANK_ELSEWHERE not in codes or row["tier"] == "break_even"
