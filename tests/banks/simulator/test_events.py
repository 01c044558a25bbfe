from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from segment.banks.simulator.accounts import CURRENT, Accounts
from segment.banks.simulator.calendar import Month, months_until
from segment.banks.simulator.events import CHANNEL_NAMES, KIND_NAMES, Channel, EventBook, Kind
from segment.ledger.vocabulary import CHANNELS, KINDS, SERVICE_CHANNELS


@pytest.fixture
def months() -> list[Month]:
    return months_until(date(2025, 2, 28), 2)


@pytest.fixture
def accounts() -> Accounts:
    accounts = Accounts(2)
    accounts.open(CURRENT, np.array([0, 1]), np.array([0, 0]), balance=np.array([100.0, 50.0]))
    return accounts


def test_kinds_and_channels_are_those_of_the_contract_in_its_order() -> None:
    assert KIND_NAMES == KINDS
    assert CHANNEL_NAMES == SERVICE_CHANNELS == (*CHANNELS, "adviser")


def test_a_booking_lowers_what_is_left_to_spend(accounts: Accounts, months: list[Month]) -> None:
    book = EventBook(accounts)
    book.turn_to(months[0])
    book.add(np.array([0, 0]), months[0].first, [-30.0, -20.004], Kind.CARD_PAYMENT, Channel.POS)
    assert accounts.planned[:2].tolist() == [50.0, 50.0]


def test_rows_without_an_account_or_an_amount_are_dropped(accounts: Accounts, months: list[Month]) -> None:
    book = EventBook(accounts)
    book.turn_to(months[0])
    book.add(np.array([0, -1, 1]), months[0].first, [0.004, 5.0, 7.0], Kind.OTHER, Channel.MOBILE)
    assert book.columns()[2].tolist() == [7.0]


def test_what_falls_after_the_months_end_waits_for_the_next_month(accounts: Accounts, months: list[Month]) -> None:
    book = EventBook(accounts)
    book.turn_to(months[0])
    book.add(np.array([0, 1]), [months[0].last, months[0].last + 2], 10.0, Kind.TRANSFER_IN, Channel.MOBILE)
    assert book.columns()[0].tolist() == [0]
    assert accounts.planned[1] == 50.0
    book.turn_to(months[1])
    assert book.columns()[0].tolist() == [1]
    assert accounts.planned[1] == 60.0


def test_accounts_grow_beyond_their_first_capacity_and_keep_what_they_hold() -> None:
    accounts = Accounts(10)
    for _ in range(30):
        accounts.open(CURRENT, np.arange(10), np.zeros(10, dtype=np.int64), balance=np.arange(10.0))
    assert accounts.size == 300
    assert accounts.balance[:300].sum() == 45.0 * 30
    assert accounts.by_owner[CURRENT].tolist() == list(range(290, 300))
