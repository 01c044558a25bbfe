"""The month's transactions and service events, collected as columns (DOMAIN.md 6.4: events, never features)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from segment.banks.simulator.accounts import Accounts
from segment.banks.simulator.calendar import Month
from segment.banks.simulator.draws import NONE, CustomerStream, FloatArray, IntArray


class Kind(IntEnum):
    """Kinds of transaction, in the contract's order."""

    SALARY = 0
    PENSION = 1
    BENEFIT = 2
    TRANSFER_IN = 3
    TRANSFER_OUT = 4
    OWN_TRANSFER_IN = 5
    OWN_TRANSFER_OUT = 6
    STANDING_ORDER = 7
    DIRECT_DEBIT = 8
    CARD_PAYMENT = 9
    CASH_DEPOSIT = 10
    CASH_WITHDRAWAL = 11
    LOAN_DISBURSEMENT = 12
    LOAN_PAYMENT = 13
    INTEREST_CREDIT = 14
    INTEREST_CHARGE = 15
    FEE = 16
    FEE_REFUND = 17
    INSURANCE_PREMIUM = 18
    INVESTMENT_BUY = 19
    INVESTMENT_SELL = 20
    TAX = 21
    OTHER = 22


class Channel(IntEnum):
    """Channels of transactions, and `adviser` for service events."""

    COUNTER = 0
    ATM = 1
    POS = 2
    MOBILE = 3
    ONLINE = 4
    PHONE = 5
    AUTOMATIC = 6
    ADVISER = 7


KIND_NAMES = tuple(kind.name.lower() for kind in Kind)
CHANNEL_NAMES = tuple(channel.name.lower() for channel in Channel)

OTHER_BANKS = 12
FUND_HOUSES = 3
BANK_CODES = tuple(f"OB{i:02d}" for i in range(1, OTHER_BANKS + 1)) + tuple(
    f"FH{i:02d}" for i in range(1, FUND_HOUSES + 1)
)
"""Codes of other banks, then of fund houses."""


class Columns(NamedTuple):
    """Transactions, column by column, in the order of booking."""

    account: IntArray
    day: IntArray
    amount: FloatArray
    kind: IntArray
    channel: IntArray
    bank: IntArray


def some_bank(rng: CustomerStream, who: IntArray, named_share: float) -> IntArray:
    """Another bank for a part of the rows; the others stay within this bank, or name none."""
    return np.where(rng.chance(who, named_share), rng.integers(who, 0, OTHER_BANKS), NONE)


class EventBook:
    """Transactions of one month; those that fall after its end wait for the next."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._rows: list[Columns] = []
        self._waiting: list[Columns] = []
        self._last = 0

    def turn_to(self, month: Month) -> None:
        """Start a month with what was waiting for it."""
        self._last = month.last
        waiting, self._rows, self._waiting = self._waiting, [], []
        for columns in waiting:
            self._book(columns)

    def add(
        self,
        account: IntArray,
        day: ArrayLike,
        amount: ArrayLike,
        kind: ArrayLike,
        channel: ArrayLike,
        bank: ArrayLike = NONE,
    ) -> None:
        """Book one transaction per account number; rows without an account or an amount are dropped."""
        shape = account.shape
        cents = np.broadcast_to(np.asarray(amount, dtype=np.float64), shape).round(2)
        moves = np.flatnonzero((account >= 0) & (cents != 0.0))
        days, kinds, channels, banks = (
            np.broadcast_to(np.asarray(column, dtype=np.int64), shape)[moves] for column in (day, kind, channel, bank)
        )
        self._book(Columns(account[moves], days, cents[moves], kinds, channels, banks))

    def _book(self, columns: Columns) -> None:
        later = columns.day > self._last
        if later.any():
            self._waiting.append(Columns._make(column[later] for column in columns))
            columns = Columns._make(column[~later] for column in columns)
        np.add.at(self._accounts.planned, columns.account, columns.amount)
        self._rows.append(columns)

    def columns(self) -> Columns:
        """The month's transactions."""
        return Columns._make(np.concatenate(column) for column in zip(*self._rows, strict=True))


class ServiceBook:
    """Service events of one month: visits, calls, meetings, sessions."""

    def __init__(self) -> None:
        self._rows: list[tuple[IntArray, IntArray, IntArray, FloatArray]] = []

    def add(self, customer: IntArray, day: IntArray, channel: int, minutes: FloatArray | None = None) -> None:
        """Record one service event per customer number; minutes are unknown where they are not given."""
        took = np.full(len(customer), np.nan) if minutes is None else np.maximum(np.round(minutes, 1), 0.5)
        self._rows.append((customer, day, np.full(len(customer), channel, dtype=np.int64), took))

    def take(self) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
        """Return the customer, day, channel and minutes columns by day, and forget them."""
        customer, day, channel, minutes = (np.concatenate(column) for column in zip(*self._rows, strict=True))
        self._rows = []
        order = np.argsort(day, kind="stable")
        return customer[order], day[order], channel[order], minutes[order]
