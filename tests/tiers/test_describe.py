from __future__ import annotations

import polars as pl
import pytest

from segment.policy import load_policy
from segment.tiers.describe import describe_customers
from tests.tiers.people import POLICY, placed

ELSEWHERE = {
    "tier": "break_even",
    "main_bank_state": "main_elsewhere",
    "main_bank_elsewhere_probability": 0.6,
    "wallet_elsewhere_12m": 100.0,
}


def described(**columns) -> dict[str, object]:
    return describe_customers(placed(**columns), POLICY).row(0, named=True)


def test_a_break_even_customer_with_a_proven_bank_and_wallet_elsewhere_is_flagged():
    customer = described(**ELSEWHERE)
    assert customer["main_bank_elsewhere"] is True
    assert customer["sub_state"] == "be_main_elsewhere"
    assert customer["upgrade_potential_12m"] == 100.0


def test_what_could_be_gained_of_a_flagged_customer_is_the_mean_wallet():
    assert described(**ELSEWHERE, wallet_elsewhere_mean_12m=163.0)["upgrade_potential_12m"] == 163.0


@pytest.mark.parametrize(
    "short_of",
    [
        {"tier": "valuable"},
        {"main_bank_state": "unknown"},
        {"main_bank_elsewhere_probability": 0.59},
        {"wallet_elsewhere_12m": 99.99},
        {"wallet_elsewhere_12m": None},
        {"standing": "excluded"},
    ],
)
def test_each_condition_of_the_flag_is_needed(short_of):
    assert described(**ELSEWHERE | short_of)["main_bank_elsewhere"] is False


@pytest.mark.parametrize(("wallet", "flagged"), [(306.0, False), (307.0, True)])
def test_a_wallet_that_pays_for_a_contact_is_worth_moving_below_a_high_reference_too(wallet, flagged):
    # a message costs 0.2 and adds .002 to .005 without it, so an incentive of 50 costs 0.35; 0.55 is what
    # .002 of 40 % of 306.55 brings over the years of DOMAIN.md 3.8's test value, 26.9 months
    columns = {"wallet_elsewhere_12m": [wallet, *[5e4] * 9], "branch_reference": [1e4] * 10}
    frame = placed(10, **{name: [value] * 10 for name, value in ELSEWHERE.items()} | columns)
    assert describe_customers(frame, POLICY)["main_bank_elsewhere"][0] is flagged


@pytest.mark.parametrize(("ceiling", "flagged"), [(94.0, False), (110.0, True)])
def test_a_wallet_that_may_well_pass_the_reference_is_worth_moving(ceiling, flagged):
    # log-normal with P50 90: 100 is passed with a chance of 15 % from a P80 of 98.0 on
    columns = {"wallet_elsewhere_12m": [90.0, *[5e4] * 9], "wallet_elsewhere_p80": [ceiling, *[5e4] * 9]}
    frame = placed(10, **{name: [value] * 10 for name, value in ELSEWHERE.items()} | columns)
    assert describe_customers(frame, POLICY)["main_bank_elsewhere"][0] is flagged


def test_the_largest_wallets_of_the_candidates_are_worth_moving_below_the_reference_too():
    wallets = [float(wallet) for wallet in range(1, 11)]
    columns = {name: [value] * 10 for name, value in ELSEWHERE.items()} | {"wallet_elsewhere_12m": wallets}
    flagged = describe_customers(placed(10, **columns), POLICY).filter("main_bank_elsewhere")
    assert flagged["wallet_elsewhere_12m"].to_list() == [8.0, 9.0, 10.0]


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({"tier": "break_even", "future_value_p90": 51.0}, "be_potential"),
        ({"tier": "break_even", "future_value_p90": 50.0}, "be_mass"),
        ({"tier": "loss_making", "direct_contribution_12m": -0.01}, "loss_direct"),
        ({"tier": "loss_making", "direct_contribution_12m": 0.0}, "loss_full_only"),
        ({"tier": "loss_making", "direct_contribution_12m": -9.0, "standing": "dormant"}, "dormant"),
        ({"tier": "break_even", "standing": "new"}, "new"),
        ({"tier": "valuable", "standing": "provisional"}, "provisional"),
        ({"tier": "break_even", "standing": "excluded"}, "excluded"),
        ({"tier": "valuable"}, None),
        ({"tier": "high_value"}, None),
    ],
)
def test_the_sub_state_is_the_first_that_fits(columns, state):
    assert described(**columns)["sub_state"] == state


def test_the_multiple_is_of_the_reference_that_decides_the_tier():
    frame = placed(3, tier="valuable", contribution_12m=[450.0, -50.0, 0.0], branch_reference=[100.0, 100.0, 25.0])
    assert describe_customers(frame, POLICY)["branch_multiple"].to_list() == [4.5, -0.5, 0.0]


def test_a_branch_that_loses_as_a_whole_turns_no_customer_s_multiple():
    # the plain mean of the branch is -80, so the multiple of the one who brings something was negative
    frame = placed(3, tier="valuable", branch_id="b", contribution_12m=[60.0, -200.0, -100.0], branch_reference=40.0)
    assert describe_customers(frame, POLICY)["branch_multiple"].to_list() == [1.5, -5.0, -2.5]


def test_a_multiple_of_nothing_is_unknown():
    frame = placed(tier="valuable", contribution_12m=60.0, branch_reference=0.0)
    assert describe_customers(frame, POLICY)["branch_multiple"].to_list() == [None]


def test_coverage_is_income_over_cost_and_unknown_without_cost():
    frame = placed(2, tier="valuable", income_12m=30.0, cost_12m=[20.0, 0.0])
    assert describe_customers(frame, POLICY)["cost_coverage"].to_list() == [1.5, None]


def test_the_potential_of_others_is_what_the_mean_forecast_adds_and_never_negative():
    frame = placed(3, tier="valuable", future_value_12m=[90.0, 10.0, 90.0], standing=["active", "active", "excluded"])
    assert describe_customers(frame, POLICY)["upgrade_potential_12m"].to_list() == [30.0, 0.0, 0.0]


def test_describing_again_after_a_change_of_tier_replaces_what_was_said():
    once = describe_customers(placed(**ELSEWHERE), POLICY)
    again = describe_customers(once.with_columns(tier=pl.lit("valuable")), POLICY)
    assert again.columns == once.columns
    assert again.select("main_bank_elsewhere", "sub_state").row(0) == (False, None)


def test_describe_customers_of_a_case_computed_by_hand() -> None:
    people = pl.DataFrame(
        {
            "tier": ["break_even"],
            "branch_id": ["b"],
            "standing": ["active"],
            "branch_reference": [100.0],
            "blended_contribution_12m": [10.0],
            "income_12m": [90.0],
            "cost_12m": [80.0],
            "contribution_12m": [10.0],
            "direct_contribution_12m": [30.0],
            "main_bank_elsewhere_probability": [0.8],
            "main_bank_state": ["main_elsewhere"],
            "wallet_elsewhere_12m": [250.0],
            "future_value_12m": [20.0],
            "future_value_p90": [30.0],
            "border_break_even": [50.0],
            "chance_high_value": [0.0],
            "chance_valuable": [0.1],
            "chance_break_even": [0.8],
            "chance_loss_making": [0.1],
        }
    )
    described = describe_customers(people, load_policy("models/retail.toml"))
    assert described.select("main_bank_elsewhere", "sub_state", "upgrade_potential_12m", "cost_coverage").row(0) == (
        True,
        "be_main_elsewhere",
        250.0,
        1.125,
    )
