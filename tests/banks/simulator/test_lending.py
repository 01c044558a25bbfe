from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from segment.banks.simulator.lending import annuity
from tests.banks.simulator.conftest import SimulatedBank


@given(st.floats(1_000, 1e6), st.floats(0.01, 0.2), st.integers(6, 360))
def test_the_instalments_repay_the_debt_to_nothing(debt: float, rate: float, months: int) -> None:
    instalment = annuity(np.array([debt]), np.array([rate]), np.array([months]))[0]
    left = debt
    for _ in range(months):
        left = left * (1 + rate / 12) - instalment
    assert abs(left) < 1e-6 * debt


def test_an_instalment_leaves_one_account_and_reaches_the_other(bank: SimulatedBank) -> None:
    paid = bank.booked().filter((pl.col("kind") == "loan_payment") & pl.col("counterparty_bank").is_null())
    loan = paid.filter(pl.col("product").is_in(["mortgage", "consumer_loan"]))
    keys = ["customer_id", "booked_on"]
    current = paid.filter(pl.col("product") == "current").select(*keys, amount=-pl.col("amount"))
    assert loan.height > 2_000
    assert loan.join(current, on=[*keys, "amount"], how="anti").height == 0


def test_most_instalments_of_other_banks_customers_are_funded_just_in_time(bank: SimulatedBank) -> None:
    elsewhere = bank.truth().filter(pl.col("main_bank_elsewhere")).select("customer_id", "month")
    linked = bank.truth("truth_customers").filter(pl.col("linked"))["customer_id"]
    rows = bank.booked().with_columns(month=pl.col("booked_on").dt.truncate("1mo"))
    due = rows.filter((pl.col("kind") == "loan_payment") & pl.col("product").is_in(["mortgage", "consumer_loan"]))
    due = due.join(elsewhere, on=["customer_id", "month"]).filter(pl.col("customer_id").is_in(linked.to_list()))
    own = rows.filter(pl.col("kind") == "own_transfer_in").select("customer_id", came="booked_on", came_in="amount")
    pairs = due.join(own, on="customer_id").filter(
        (pl.col("booked_on") - pl.col("came")).dt.total_days().is_between(0, 3)
        & (pl.col("came_in") / pl.col("amount")).is_between(0.94, 1.11)
    )
    share = pairs.select("transaction_id").n_unique() / due.height
    assert 0.5 < share < 0.85


def test_cards_paid_in_full_carry_no_interest_and_the_others_do(bank: SimulatedBank) -> None:
    cards = bank.table("balances").join(
        bank.table("accounts").filter(pl.col("product") == "credit_card"), on="account_id"
    )
    by_card = cards.group_by("account_id").agg(pl.col("interest_rate_annual").first())
    assert 0.12 < (by_card["interest_rate_annual"] > 0).mean() < 0.32
    charged = bank.table("transactions").filter(pl.col("kind") == "interest_charge")["account_id"].unique()
    free = by_card.filter(pl.col("interest_rate_annual") == 0)["account_id"]
    assert not free.is_in(charged.to_list()).any()


def test_days_past_due_belong_to_debts_alone_and_grow_until_they_are_cured(bank: SimulatedBank) -> None:
    balances = bank.table("balances").join(bank.table("accounts").select("account_id", "product"), on="account_id")
    debts = pl.col("product").is_in(["mortgage", "consumer_loan", "credit_card"])
    assert balances.filter(~debts)["days_past_due"].null_count() == balances.filter(~debts).height
    late = balances.filter(debts)
    assert late["days_past_due"].null_count() == 0
    assert 0.003 < (late["days_past_due"] > 0).mean() < 0.06
    assert 0 < (late["days_past_due"] >= 90).mean() < 0.02


def test_equal_instalments_repay_a_debt() -> None:
    assert repr(annuity(np.array([1200.0]), np.array([0.12]), np.array([12])).round(2)) == "array([106.62])"
