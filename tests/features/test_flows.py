"""Flows by kind, counts by channel, and bookings that tell of other banks."""

from __future__ import annotations

import pytest

from tests.features.small_ledger import booking, ledger, month_of


def test_flows_are_summed_by_kind_with_their_sign() -> None:
    bookings = [
        booking("06-01", -20.0, "card_payment"),
        booking("06-30", -5.5, "card_payment"),
        booking("06-02", 7, "other"),
    ]
    row = month_of(ledger(transactions=bookings))
    assert (row["flow_card_payment"], row["flow_other"], row["flow_fee"]) == (-25.5, 7.0, 0.0)


def test_bookings_of_other_months_are_left_out() -> None:
    row = month_of(ledger(transactions=[booking("05-31", -20.0, "fee"), booking("07-01", -5.0, "fee")]))
    assert row["flow_fee"] == 0.0


def test_each_owner_sees_the_own_share_of_a_joint_account() -> None:
    holders = [
        {"share": 0.25},
        {"customer_id": "y", "share": 0.75},
        {"customer_id": "z", "role": "authorised", "share": 0.0},
    ]
    tables = ledger(
        customers=[{}, {"customer_id": "y"}, {"customer_id": "z"}],
        holdings=holders,
        transactions=[booking("06-03", -100.0, "cash_withdrawal", channel="atm")],
    )
    flows = [month_of(tables, customer=name)["flow_cash_withdrawal"] for name in "xyz"]
    counts = [month_of(tables, customer=name)["count_atm"] for name in "xyz"]
    assert flows == [-25.0, -75.0, 0.0]
    assert counts == [0.25, 0.75, 0.0]


def test_a_loan_payment_booked_on_both_accounts_counts_once() -> None:
    tables = ledger(
        accounts=[{}, {"account_id": "L", "product": "mortgage"}],
        holdings=[{}, {"account_id": "L"}],
        transactions=[
            booking("06-05", -900.0, "loan_payment"),
            booking("06-05", 900.0, "loan_payment", account_id="L"),
        ],
    )
    row = month_of(tables)
    assert row["flow_loan_payment"] == -900.0
    assert (row["loan_instalments"], row["instalment_amount"]) == (1.0, 900.0)


@pytest.mark.parametrize(("kind", "paid"), [("investment_buy", -500.0), ("investment_sell", 500.0)])
@pytest.mark.parametrize("sides", [("A",), ("W",), ("A", "W")])
def test_a_trade_in_investments_counts_once_whichever_of_its_sides_are_booked(
    kind: str, paid: float, sides: tuple[str, ...]
) -> None:
    amounts = {"A": paid, "W": -paid}
    tables = ledger(
        accounts=[{"account_id": "A"}, {"account_id": "W", "product": "wealth"}],
        holdings=[{"account_id": "A"}, {"account_id": "W"}],
        transactions=[booking("06-05", amounts[side], kind, account_id=side, transaction_id=side) for side in sides],
    )
    assert month_of(tables)[f"flow_{kind}"] == paid


def test_money_from_outside_leaves_out_loans_sales_reversals_and_moves_within_the_bank() -> None:
    inside = [
        "own_transfer_in",
        "loan_disbursement",
        "investment_sell",
        "fee_refund",
        "interest_credit",
        "card_payment",
    ]
    bookings = [booking("06-05", 100.0, kind) for kind in inside]
    bookings += [booking("06-06", 10.0, "salary"), booking("06-06", 1.0, "own_transfer_in", "OB1")]
    row = month_of(ledger(transactions=bookings))
    assert (row["external_inflow"], row["own_in_other_bank"]) == (11.0, 1.0)


def test_money_paid_into_a_loan_is_no_inflow() -> None:
    tables = ledger(accounts=[{"product": "mortgage"}], transactions=[booking("06-05", 100.0, "transfer_in", "OB1")])
    assert month_of(tables)["external_inflow"] == 0.0


def test_links_to_other_banks_need_a_bank_at_the_other_end() -> None:
    bookings = [
        booking("06-05", -10.0, "own_transfer_out", "OB1"),
        booking("06-05", -20.0, "own_transfer_out"),
        booking("06-05", -40.0, "loan_payment", "OB1"),
        booking("06-05", -80.0, "direct_debit", "OB1"),
        booking("06-05", -160.0, "direct_debit"),
        booking("06-05", 320.0, "transfer_in", "OB1"),
    ]
    row = month_of(ledger(transactions=bookings))
    assert row["own_out_other_bank"] == 10.0
    assert row["other_bank_loan_payments"] == 40.0
    assert (row["other_bank_card_payments"], row["other_bank_card_months"]) == (80.0, 1.0)
    assert (row["other_bank_outflow"], row["other_bank_inflow"]) == (130.0, 320.0)


def test_salary_and_benefit_months_are_zero_or_one() -> None:
    bookings = [booking("06-05", 10.0, "salary"), booking("06-25", 10.0, "pension"), booking("06-25", -10.0, "tax")]
    row = month_of(ledger(transactions=bookings))
    assert (row["salary_months"], row["benefit_months"], row["bill_types"]) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("kind", "channel", "initiated"),
    [
        ("cash_deposit", "counter", 1.0),
        ("fee", "counter", 0.0),
        ("transfer_out", "automatic", 0.0),
        ("salary", "mobile", 0.0),
    ],
)
def test_only_what_the_customer_began_is_activity(kind: str, channel: str, initiated: float) -> None:
    row = month_of(ledger(transactions=[booking("06-05", 1.0, kind, channel=channel)]))
    assert row["initiated_events"] == initiated


@pytest.mark.parametrize(("salaries", "months"), [(1, 0.5), (2, 1.0), (3, 1.0)])
def test_a_salary_on_a_joint_account_is_one_owners_and_counts_by_share(salaries: int, months: float) -> None:
    tables = ledger(
        customers=[{}, {"customer_id": "y"}],
        holdings=[{"share": 0.5}, {"customer_id": "y", "role": "co_owner", "share": 0.5}],
        transactions=[booking(f"06-0{day + 1}", 900.0, "salary", transaction_id=f"{day}") for day in range(salaries)],
    )
    assert [month_of(tables, customer=name)["salary_months"] for name in "xy"] == [months, months]


def test_investments_bought_at_other_houses_are_told_from_those_bought_here() -> None:
    bookings = [
        booking("06-05", -100.0, "investment_buy", "FUND1", transaction_id="a"),
        booking("06-06", 30.0, "investment_sell", "FUND1", transaction_id="b"),
        booking("06-07", -500.0, "investment_buy", transaction_id="c"),
        booking("06-08", -60.0, "card_payment", channel="pos", transaction_id="d"),
    ]
    row = month_of(ledger(transactions=bookings))
    assert (row["securities_out"], row["external_outflow"]) == (70.0, 160.0)


@pytest.mark.parametrize(("channel", "months"), [("mobile", 1.0), ("online", 1.0), ("pos", 0.0)])
def test_a_card_payment_by_phone_binds_a_wallet_to_the_account(channel: str, months: float) -> None:
    row = month_of(ledger(transactions=[booking("06-05", -1.0, "card_payment", channel=channel)]))
    assert row["wallet_months"] == months
