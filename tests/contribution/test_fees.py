from __future__ import annotations

import datetime as dt

import narwhals as nw
import polars as pl
import pytest

from segment.contribution.fees import interchange_income, trail_fee_income, transaction_fees
from segment.policy import load_policy
from tests.contribution.small_bank import account_row


def test_fees_less_refunds_are_income_without_vat() -> None:
    # (12.50 + 25.00 - 5.00) / 1.25 = 26
    amounts = [("fee", -12.5), ("fee", -25.0), ("fee_refund", 5.0), ("tax", -99.0)]
    rows = [{"kind": kind, "amount": amount} for kind, amount in amounts]
    assert account_row({}, transactions=rows)["fee_income"] == pytest.approx(26.0)


@pytest.mark.parametrize(
    ("product", "amount", "interchange"),
    # kept: (1 - 0.5) / 1.25 = 0.4 of 1 % up to 5, or of 2 %
    [
        ("current", -100.0, 0.4),
        ("current", -499.0, 1.996),
        ("current", -500.0, 2.0),  # exactly the cap of 5
        ("current", -501.0, 2.0),
        ("current", 100.0, -0.4),  # a refund gives it back
        ("current", 9_000.0, -2.0),
        ("credit_card", -9_000.0, 72.0),
        ("credit_card", 100.0, -0.8),
        ("wealth", -100.0, 0.0),
        ("mortgage", -100.0, 0.0),
    ],
)
def test_interchange_by_card_with_the_debit_card_s_cap(product: str, amount: float, interchange: float) -> None:
    row = account_row({"product": product}, transactions=[{"kind": "card_payment", "amount": amount}])
    assert row["interchange_income"] == pytest.approx(interchange)


def test_the_cap_holds_for_each_payment_and_not_for_their_sum() -> None:
    # twice 400 * 1 % = 4 stays under the cap of 5: 8 * 0.4
    rows = [{"kind": "card_payment", "amount": -400.0}] * 2
    assert account_row({}, transactions=rows)["interchange_income"] == pytest.approx(3.2)


def test_trail_fee_is_a_share_of_positive_assets_by_the_product_s_days() -> None:
    # 10,000 * 0.73 % * 30 / 365 / 1.25 = 4.80
    assert account_row({"product": "wealth"}, {"average_balance": 10_000.0})["trail_fee_income"] == pytest.approx(4.8)
    assert account_row({"product": "wealth"}, {"average_balance": -10_000.0})["trail_fee_income"] == 0.0
    assert account_row({"product": "current"}, {"average_balance": 10_000.0})["trail_fee_income"] == 0.0


def test_commission_is_booked_whole_in_the_month_of_the_sale() -> None:
    # (1,000 * 10 % + 5,000 * 1 %) / 1.25 = 120
    rows = [{"kind": "insurance_premium", "amount": -1_000.0}, {"kind": "investment_buy", "amount": -5_000.0}]
    assert account_row({}, transactions=rows)["commission_income"] == pytest.approx(120.0)


def test_what_was_bought_at_another_bank_pays_no_commission() -> None:
    rows = [{"kind": "insurance_premium", "amount": -1_000.0, "counterparty_bank": "other"}]
    assert account_row({}, transactions=rows)["commission_income"] == 0.0


def test_a_fee_and_a_premium_are_income_without_tax() -> None:
    row = {"kind": ["fee", "insurance_premium"], "amount": [-10.6, -1060.0], "counterparty_bank": [None, None]}
    fees = transaction_fees(load_policy("models/retail.toml").fees)
    frame = nw.from_native(pl.LazyFrame(row, schema_overrides={"counterparty_bank": pl.String}))
    assert frame.select(fees["fee_income"].round(2), sale=fees["commission_income"].round(2)).collect().rows() == [
        (10.0, 0.0),
        (0.0, 100.0),
    ]


def test_a_product_chooses_its_interchange() -> None:
    row = {"product": ["current", "credit_card"], "interchange_debit": 1.0, "interchange_credit": 2.0}
    chosen = interchange_income(load_policy("models/retail.toml"))
    assert nw.from_native(pl.LazyFrame(row)).select(income=chosen).collect()["income"].to_list() == [1.0, 2.0]


def test_a_trail_fee_is_a_share_of_the_average_balance() -> None:
    frame = nw.from_native(pl.LazyFrame({"product": ["wealth"], "average_balance": [106_000.0]}))
    trail = trail_fee_income(load_policy("models/retail.toml"), dt.date(2025, 6, 1))
    assert frame.select(trail=trail.round(2)).collect()["trail"].to_list() == [
        32.88
    ]  # 106,000 * 0.4 % * 30 / 365 / 1.06
