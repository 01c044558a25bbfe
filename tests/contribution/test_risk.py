from __future__ import annotations

import narwhals as nw
import polars as pl
import pytest

from segment.contribution.risk import capital_cost, expected_loss, exposure
from segment.policy import load_policy
from tests.contribution.small_bank import account_row


def test_expected_loss_is_probability_times_loss_times_debt() -> None:
    # 1.2 % / 12 * 0.2 * 120,000 = 24
    assert account_row({"product": "mortgage"}, {"average_balance": -120_000.0})["expected_loss"] == pytest.approx(24.0)


def test_capital_costs_the_spread_on_risk_weighted_debt() -> None:
    # 120,000 * 0.5 * 12 % * (11 - 1) % / 12 = 60
    assert account_row({"product": "mortgage"}, {"average_balance": -120_000.0})["capital_cost"] == pytest.approx(60.0)


@pytest.mark.parametrize(("product", "balance"), [("mortgage", 500.0), ("wealth", -500.0), ("current", 0.0)])
def test_no_debt_no_risk(product: str, balance: float) -> None:
    row = account_row({"product": product}, {"average_balance": balance, "days_past_due": 200})
    assert (row["expected_loss"], row["capital_cost"]) == (0.0, 0.0)


def test_a_debt_that_is_kept_bears_its_probability_alone() -> None:
    frame = nw.from_native(pl.LazyFrame({"product": ["mortgage"], "average_balance": [-12e4]}))
    loss = frame.select(loss=expected_loss(load_policy("models/retail.toml")).round(2))
    assert loss.collect()["loss"].to_list() == [10.0]


def test_the_capital_of_a_mortgage_by_hand() -> None:
    frame = nw.from_native(pl.LazyFrame({"product": ["mortgage"], "average_balance": [-12e4]}))
    assert frame.select(capital=capital_cost(load_policy("models/retail.toml")).round(2)).collect()[
        "capital"
    ].to_list() == [51.75]


def test_only_debt_is_exposed() -> None:
    frame = nw.from_native(pl.LazyFrame({"average_balance": [-5.0, 7.0, None]}))
    assert frame.select(exposure=exposure()).collect()["exposure"].to_list() == [5.0, 0.0, 0.0]
