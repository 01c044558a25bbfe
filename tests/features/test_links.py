"""Sweeps, retention, instalments and maturities: windows count in the month in which they end."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest

from tests.features.small_ledger import JUNE, booking, ledger, month_of

MAY, JULY = dt.date(2025, 5, 1), dt.date(2025, 7, 1)


def test_a_salary_forwarded_within_three_days_is_swept() -> None:
    bookings = [booking("06-10", 1000.0, "salary"), booking("06-13", -900.0, "own_transfer_out", "OB1")]
    row = month_of(ledger(transactions=bookings))
    assert (row["large_inflow"], row["swept_inflow"]) == (1000.0, 900.0)


@pytest.mark.parametrize(
    "leaving",
    [
        booking("06-14", -900.0, "own_transfer_out", "OB1"),
        booking("06-09", -900.0, "own_transfer_out", "OB1"),
        booking("06-11", -900.0, "own_transfer_out"),
        booking("06-11", -499.0, "standing_order", "OB1"),
        booking("06-11", -900.0, "card_payment", "OB1"),
    ],
    ids=["too late", "before", "within the bank", "a rent", "spending"],
)
def test_other_outflows_are_no_sweep(leaving: dict[str, object]) -> None:
    row = month_of(ledger(transactions=[booking("06-10", 1000.0, "salary"), leaving]))
    assert (row["large_inflow"], row["swept_inflow"]) == (1000.0, 0.0)


@pytest.mark.parametrize(
    ("figure", "leaving"),
    [
        ({"sweep_days": 4}, booking("06-14", -900.0, "own_transfer_out", "OB1")),
        ({"forwarded_share": 0.4}, booking("06-11", -499.0, "standing_order", "OB1")),
    ],
)
def test_a_policy_says_what_a_sweep_is(figure: dict[str, float], leaving: dict[str, object]) -> None:
    tables = ledger(transactions=[booking("06-10", 1000.0, "salary"), leaving])
    assert month_of(tables)["swept_inflow"] == 0.0
    assert month_of(tables, **figure)["swept_inflow"] == -leaving["amount"]  # type: ignore[operator]


def test_half_a_salary_sent_on_to_another_bank_is_swept_whoever_holds_the_account() -> None:
    bookings = [booking("06-10", 1000.0, "salary"), booking("06-11", -500.0, "transfer_out", "OB1")]
    assert month_of(ledger(transactions=bookings))["swept_inflow"] == 500.0


@pytest.mark.parametrize("order", list(permutations((123.03, 639.45, 37.16))))
def test_just_half_a_days_pay_sent_on_is_swept_in_whatever_order_it_came(order: tuple[float, ...]) -> None:
    came = [booking("06-10", amount, "salary") for amount in order]
    bookings = [*came, booking("06-11", -399.82, "transfer_out", "OB1")]
    assert month_of(ledger(transactions=bookings))["swept_inflow"] == 399.82


def test_a_sweep_takes_at_most_the_inflow_and_small_inflows_are_left_out() -> None:
    bookings = [
        booking("06-10", 1000.0, "salary"),
        booking("06-20", 299.0, "transfer_in"),
        booking("06-10", -5000.0, "own_transfer_out", "OB1"),
    ]
    row = month_of(ledger(transactions=bookings))
    assert (row["large_inflow"], row["swept_inflow"]) == (1000.0, 1000.0)


def test_an_inflow_of_the_last_days_counts_in_the_month_in_which_its_window_ends() -> None:
    bookings = [booking("05-30", 1000.0, "salary"), booking("06-01", -700.0, "own_transfer_out", "OB1")]
    tables = ledger(transactions=bookings)
    assert month_of(tables, MAY)["large_inflow"] == 0.0
    assert month_of(tables, JUNE)["swept_inflow"] == 700.0


def test_retained_is_what_flows_leave_of_the_biggest_inflow_ten_days_later() -> None:
    bookings = [
        booking("06-05", 1000.0, "salary"),
        booking("06-02", 400.0, "transfer_in"),
        booking("06-05", -100.0, "card_payment"),
        booking("06-15", -200.0, "transfer_out", "OB1"),
        booking("06-12", 50.0, "transfer_in"),
        booking("06-16", -500.0, "cash_withdrawal"),
        booking("06-06", -300.0, "own_transfer_out"),
    ]
    row = month_of(ledger(transactions=bookings))
    assert (row["retention_base"], row["retained_10d"]) == (1000.0, 750.0)


def test_retained_is_never_negative() -> None:
    bookings = [booking("06-05", 100.0, "salary"), booking("06-06", -500.0, "card_payment")]
    assert month_of(ledger(transactions=bookings))["retained_10d"] == 0.0


def test_an_inflow_of_the_25th_is_known_on_the_5th_of_the_next_month() -> None:
    tables = ledger(transactions=[booking("06-25", 100.0, "salary"), booking("07-05", -40.0, "card_payment")])
    assert month_of(tables, JUNE)["retention_base"] == 0.0
    july = month_of(tables, JULY)
    assert (july["retention_base"], july["retained_10d"]) == (100.0, 60.0)


def with_loan(*bookings: dict[str, object]) -> dict[str, object]:
    return month_of(
        ledger(
            accounts=[{}, {"account_id": "L", "product": "mortgage"}, {"account_id": "K", "product": "credit_card"}],
            holdings=[{}, {"account_id": "L"}, {"account_id": "K"}],
            transactions=list(bookings),
        )
    )


@pytest.mark.parametrize(
    ("day", "amount", "funded"),
    [("05-31", 95.0, 1.0), ("06-03", 110.0, 1.0), ("05-30", 100.0, 0.0), ("06-01", 94.0, 0.0), ("06-04", 100.0, 0.0)],
)
def test_an_instalment_is_just_in_time_if_its_money_came_in_the_three_days_before(
    day: str, amount: float, funded: float
) -> None:
    row = with_loan(
        booking(day, amount, "own_transfer_in", "OB1"),
        booking("06-03", -100.0, "loan_payment"),
        booking("06-03", 100.0, "loan_payment", account_id="L"),
    )
    assert (row["loan_instalments"], row["jit_instalments"]) == (1.0, funded)


def test_a_loan_paid_straight_from_another_bank_is_just_in_time() -> None:
    row = with_loan(booking("06-03", 100.0, "loan_payment", "OB1", account_id="L"))
    assert (row["loan_instalments"], row["jit_instalments"]) == (1.0, 1.0)


def test_the_repayment_of_a_card_here_is_no_instalment() -> None:
    row = with_loan(booking("06-03", -100.0, "loan_payment"), booking("06-03", 100.0, "loan_payment", account_id="K"))
    assert row["loan_instalments"] == 0.0


def with_deposit(*bookings: dict[str, object], closed: str = "2025-06-10", month: dt.date = JUNE) -> dict[str, object]:
    deposit = {"account_id": "T", "product": "term_deposit", "closed_on": dt.date.fromisoformat(closed)}
    tables = ledger(accounts=[{}, deposit], holdings=[{}, {"account_id": "T"}], transactions=list(bookings))
    return month_of(tables, month)


MATURED = (
    booking("06-10", -500.0, "own_transfer_out", account_id="T"),
    booking("06-10", 500.0, "own_transfer_in"),
)


@pytest.mark.parametrize(
    ("leaving", "drained"),
    [
        (booking("06-20", -400.0, "own_transfer_out", "OB1"), 400.0),
        (booking("06-20", -800.0, "transfer_out", "OB1"), 500.0),
        (booking("06-21", -400.0, "own_transfer_out", "OB1"), 0.0),
        (booking("06-12", -400.0, "own_transfer_out"), 0.0),
        (booking("06-12", -400.0, "card_payment", "OB1"), 0.0),
    ],
)
def test_matured_principal_drains_if_it_leaves_within_ten_days(leaving: dict[str, object], drained: float) -> None:
    row = with_deposit(*MATURED, leaving)
    assert (row["matured_principal"], row["drained_principal"]) == (500.0, drained)


def test_a_deposit_without_bookings_of_its_own_matures_by_what_the_current_account_receives() -> None:
    row = with_deposit(MATURED[1], booking("06-11", -100.0, "own_transfer_out", "OB1"))
    assert (row["matured_principal"], row["drained_principal"]) == (500.0, 100.0)


def test_a_closing_of_the_last_days_counts_in_the_next_month() -> None:
    shift = [{**row, "booked_on": dt.date(2025, 6, 28)} for row in MATURED]
    assert with_deposit(*shift, closed="2025-06-28")["matured_principal"] == 0.0
    assert with_deposit(*shift, closed="2025-06-28", month=JULY)["matured_principal"] == 500.0


def test_sold_investments_are_matured_principal() -> None:
    bookings = [booking("06-10", 300.0, "investment_sell"), booking("06-12", -300.0, "own_transfer_out", "OB1")]
    row = month_of(ledger(transactions=bookings))
    assert (row["matured_principal"], row["drained_principal"]) == (300.0, 300.0)


def test_weeks_of_spending_end_on_their_sunday() -> None:
    # Sundays of June 2025: 1, 8, 15, 22, 29
    days = ["05-26", "06-02", "06-08", "06-30"]
    tables = ledger(transactions=[booking(day, -1.0, "card_payment") for day in days])
    assert month_of(tables, JUNE)["spend_weeks"] == 2.0
    assert month_of(tables, JULY)["spend_weeks"] == 1.0
