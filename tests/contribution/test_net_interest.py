from __future__ import annotations

import datetime as dt

import narwhals as nw
import polars as pl
import pytest

from segment.contribution.net_interest import by_product, net_interest
from segment.policy import load_policy
from tests.contribution.small_bank import FTP, account_row, policy


def test_demand_deposit_earns_core_and_short_rate_less_what_it_costs() -> None:
    # core: March on the old curve 3 %, April to June on the new one 4 %: mean 3.75 %; overnight 2 %
    # (0.5 * 3.75 + 0.5 * 2.00 - 0.20 - 0.10) % = 2.575 %; * 10,000 * 30 / 360 = 21.4583
    row = account_row({}, {"average_balance": 10_000.0})
    assert row["net_interest"] == pytest.approx(21.458333333)


def test_the_ledger_s_rate_replaces_the_policy_s_on_the_natural_side() -> None:
    # (2.875 - 1.00 - 0.10) % * 10,000 / 12 = 14.7917
    row = account_row({}, {"average_balance": 10_000.0, "interest_rate_annual": 0.01})
    assert row["net_interest"] == pytest.approx(14.791666667)


def test_an_overdraft_earns_the_policy_s_debt_rate_whatever_the_ledger_says_of_the_deposit() -> None:
    # (12 - 2 - 0.2) % * 1,200 / 12 = 9.80
    row = account_row({}, {"average_balance": -1_200.0, "interest_rate_annual": 0.01})
    assert row["net_interest"] == pytest.approx(9.80)


@pytest.mark.parametrize(
    ("opened_on", "interest"),
    # 12,000 / 12 * (2.0 - 1.5) % = 5 on the old curve, (3.0 - 1.5) % = 15 on the new one
    [
        (dt.date(2019, 7, 1), 5.0),
        (dt.date(2025, 3, 31), 5.0),
        (dt.date(2025, 4, 1), 15.0),
        (dt.date(2025, 6, 30), 15.0),
    ],
)
def test_term_deposit_keeps_the_curve_of_its_origination(opened_on: dt.date, interest: float) -> None:
    row = account_row({"product": "term_deposit", "opened_on": opened_on}, {"average_balance": 12_000.0})
    assert row["net_interest"] == pytest.approx(interest)


def test_mortgage_earns_its_rate_over_funding_and_liquidity() -> None:
    # 30 months lie half way from 2 % to 3 %: (5.0 - 2.5 - 0.2) % * 120,000 / 12 = 230; at 4 %: 130
    balance = {"average_balance": -120_000.0}
    mortgage = {"product": "mortgage", "opened_on": dt.date(2024, 1, 1)}
    assert account_row(mortgage, balance)["net_interest"] == pytest.approx(230.0)
    assert account_row(mortgage, balance | {"interest_rate_annual": 0.04})["net_interest"] == pytest.approx(130.0)


@pytest.mark.parametrize(
    ("product", "balance"),
    [("mortgage", 100.0), ("credit_card", 100.0), ("term_deposit", -100.0), ("wealth", 100.0), ("insurance", 100.0)],
)
def test_a_side_that_the_product_lacks_earns_nothing(product: str, balance: float) -> None:
    assert account_row({"product": product}, {"average_balance": balance})["net_interest"] == 0.0


def test_a_zero_or_missing_balance_earns_nothing() -> None:
    assert account_row({}, {"average_balance": 0.0})["net_interest"] == 0.0
    assert account_row({}, None)["net_interest"] == 0.0


def test_pool_method_uses_one_rate_for_everything() -> None:
    # deposit (2.2 - 0.2 - 0.1) % * 12,000 / 12 = 19; overdraft (12 - 2.2 - 0.2) % * 12,000 / 12 = 96
    pool = policy(ftp=FTP | {"method": "pool"})
    assert account_row({}, {"average_balance": 12_000.0}, of=pool)["net_interest"] == pytest.approx(19.0)
    assert account_row({}, {"average_balance": -12_000.0}, of=pool)["net_interest"] == pytest.approx(96.0)


def test_an_expression_is_chosen_by_product() -> None:
    frame = nw.from_native(pl.LazyFrame({"product": ["wealth", "savings"]}))
    assets = by_product(load_policy("models/retail.toml"), lambda item: nw.lit(item.trail_fee_annual))
    assert frame.select(trail=assets).collect()["trail"].to_list() == [0.004, 0.0]


def test_the_margin_of_a_mortgage_by_hand() -> None:
    loan = {
        "product": "mortgage",
        "opened_on": dt.date(2020, 5, 4),
        "average_balance": [-12e4],
        "interest_rate_annual": 0.04,
    }
    margin = net_interest(load_policy("models/retail.toml"), dt.date(2025, 6, 1))
    frame = nw.from_native(pl.LazyFrame(loan))
    assert frame.select(margin=margin.round(2)).collect()["margin"].to_list() == [
        170.0
    ]  # 120,000 * (4.0 - 2.1 - 0.2) % * 30 / 360
