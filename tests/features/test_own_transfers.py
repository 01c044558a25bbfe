"""Own transfers that name no bank: within this bank where the other end is on record, elsewhere where it is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.features.small_ledger import JUNE, booking, ledger, month_of

TWO_ACCOUNTS = {
    "accounts": [{}, {"account_id": "S", "product": "savings"}],
    "holdings": [{}, {"account_id": "S"}],
}
SAVED = [
    booking("06-05", -300.0, "own_transfer_out", transaction_id="s1"),
    booking("06-05", 300.0, "own_transfer_in", account_id="S", transaction_id="s2"),
]


def month(*bookings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return month_of(ledger(**TWO_ACCOUNTS, transactions=list(bookings), **more))


def test_a_transfer_with_both_ends_here_stays_within_the_bank() -> None:
    row = month(*SAVED)
    assert (row["own_out_other_bank"], row["own_in_other_bank"], row["external_inflow"]) == (0.0, 0.0, 0.0)


def test_a_transfer_whose_other_end_is_nowhere_here_went_elsewhere() -> None:
    row = month(*SAVED, booking("06-10", -700.0, "own_transfer_out", transaction_id="t1"))
    assert (row["own_out_other_bank"], row["other_bank_outflow"]) == (700.0, 700.0)
    row = month(*SAVED, booking("06-10", 700.0, "own_transfer_in", transaction_id="t1"))
    assert (row["own_in_other_bank"], row["external_inflow"]) == (700.0, 700.0)


def test_in_a_ledger_that_books_one_end_only_nothing_is_taken_for_elsewhere() -> None:
    lonely = [booking(f"06-{day}", -50.0 - day, "own_transfer_out", transaction_id=f"l{day}") for day in range(10, 20)]
    assert month(*SAVED, *lonely)["own_out_other_bank"] == 0.0


@pytest.mark.parametrize(("day", "elsewhere"), [("06-08", 0.0), ("06-09", 300.0)])
def test_the_other_end_may_be_booked_three_days_later(day: str, elsewhere: float) -> None:
    late = SAVED[0], SAVED[1] | {"booked_on": booking(day, 1.0, "fee")["booked_on"]}
    other = [
        booking("06-20", -10.0, "own_transfer_out", transaction_id="o1"),
        booking("06-20", 10.0, "own_transfer_in", account_id="S", transaction_id="o2"),
    ]
    assert month(*late, *other)["own_out_other_bank"] == elsewhere


def test_the_other_end_may_be_on_the_partners_side_of_a_joint_account() -> None:
    tables = ledger(
        customers=[{}, {"customer_id": "y"}],
        accounts=[{}, {"account_id": "S", "product": "savings"}],
        holdings=[
            {"share": 0.5},
            {"customer_id": "y", "role": "co_owner", "share": 0.5},
            {"account_id": "S", "customer_id": "y"},
        ],
        transactions=SAVED,
    )
    assert [month_of(tables, customer=name)["own_out_other_bank"] for name in "xy"] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("amount", "emptied"), [(-800.0, 800.0), (-900.0, 900.0), (-700.0, 0.0), (-850.0, 0.0)], ids=str
)
def test_a_round_transfer_that_takes_four_fifths_empties_the_account(amount: float, emptied: float) -> None:
    bookings = [
        booking("06-02", 400.0, "transfer_in", transaction_id="i"),
        booking("06-10", 600.0, "transfer_in", transaction_id="j"),
        booking("06-10", amount, "own_transfer_out", "OB1", transaction_id="o"),
        booking("06-20", 5000.0, "salary", transaction_id="k"),
    ]
    closing = {"month": JUNE, "closing_balance": 6000.0 + amount}
    assert month(*bookings, balances=[closing])["round_own_out"] == emptied


def test_nothing_is_said_of_an_account_without_a_balance() -> None:
    assert month(booking("06-10", -800.0, "own_transfer_out", "OB1"))["round_own_out"] == 0.0
