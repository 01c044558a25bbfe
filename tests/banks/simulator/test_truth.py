from __future__ import annotations

from datetime import date

import polars as pl

from segment.banks.simulator.parameters import STATES
from segment.banks.simulator.truth import LEAK_CANARY
from tests.banks.simulator.conftest import LAST_MONTH, SimulatedBank


def test_there_is_one_row_per_customer_and_month(bank: SimulatedBank) -> None:
    truth = bank.truth()
    assert truth.select("customer_id", "month").is_duplicated().sum() == 0
    assert truth["month"].n_unique() == 24
    joined = truth.join(bank.table("customers"), on="customer_id")
    assert joined.filter(pl.col("month").dt.month_end() < pl.col("joined_on")).height == 0
    assert joined.filter(pl.col("left_on") < pl.col("month")).height == 0


def test_the_main_bank_flags_follow_the_state(bank: SimulatedBank) -> None:
    truth = bank.truth()
    assert set(truth["state"]) == set(STATES)
    assert (truth["main_bank_here"] == (truth["state"] == "main_here")).all()
    assert (truth["main_bank_elsewhere"] == (truth["state"] == "elsewhere")).all()


def test_the_canary_is_the_answer_itself(bank: SimulatedBank) -> None:
    truth = bank.truth()
    assert (truth[LEAK_CANARY] == truth["wallet_elsewhere_12m"]).all()


def test_customers_of_other_banks_have_the_larger_wallet_there(bank: SimulatedBank) -> None:
    wallets = (
        bank.truth()
        .filter(pl.col("month") == LAST_MONTH)
        .group_by("state")
        .agg(pl.col("wallet_elsewhere_12m").median())
    )
    by_state = dict(zip(wallets["state"], wallets["wallet_elsewhere_12m"], strict=True))
    assert by_state["elsewhere"] > 2 * by_state["main_here"]
    assert bank.truth()["wallet_elsewhere_12m"].min() >= 0


def test_only_customers_of_other_banks_can_be_won_and_one_in_ten_is_put_off(bank: SimulatedBank) -> None:
    offers = bank.truth("truth_customers").join(bank.truth().filter(pl.col("month") == LAST_MONTH), on="customer_id")
    elsewhere = offers.filter(pl.col("state") == "elsewhere")
    assert (offers.filter(pl.col("state") != "elsewhere")["uplift_manager"] == 0).all()
    assert 0.05 < (elsewhere["uplift_manager"] < 0).mean() < 0.16
    assert elsewhere["uplift_manager"].mean() > 1.5 * elsewhere["uplift_message"].mean() > 0


def test_wealth_is_what_lies_here_and_what_lies_elsewhere(bank: SimulatedBank) -> None:
    truth = bank.truth().filter(pl.col("month") == date(2025, 12, 1))
    balances = (
        bank.table("balances")
        .filter(pl.col("month") == date(2025, 12, 1))
        .join(bank.table("accounts").select("account_id", "product"), on="account_id")
    )
    joint = bank.table("holdings").filter(pl.col("role") == "co_owner")["account_id"].to_list()
    deposits = balances.filter(
        pl.col("product").is_in(["current", "savings", "term_deposit", "wealth"]) & ~pl.col("account_id").is_in(joint)
    )
    owner = bank.table("holdings").filter(pl.col("role") == "owner").select("account_id", "customer_id")
    here = deposits.join(owner, on="account_id").group_by("customer_id").agg(pl.col("closing_balance").sum())
    joined = truth.join(here, on="customer_id")
    assert (joined["wealth_total"] - joined["deposits_elsewhere"] - joined["closing_balance"]).abs().max() < 0.05
