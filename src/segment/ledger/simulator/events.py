"""The month's transactions and service events, collected as columns (DOMAIN.md 6.4: events, never features)."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from segment.ledger.simulator.accounts import Accounts
from segment.ledger.simulator.calendar import Month
from segment.ledger.simulator.draws import NONE, FloatArray, IntArray


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

Columns = tuple[IntArray, IntArray, FloatArray, IntArray, IntArray, IntArray]


class EventBook:
    """Transactions of one month; those that fall after its end wait for the next.

    Parameters
    ----------
    accounts : Accounts
        Their `planned` balances follow every booking.
    """

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
        """Book one transaction per account number; rows without an account or an amount are dropped.

        Parameters
        ----------
        account : array of int
        day : array-like of int
        amount : array-like of float
            Signed from the customer's side.
        kind, channel : array-like of int
        bank : array-like of int
            Position in `BANK_CODES`, or -1.
        """
        shape = account.shape
        cents = np.broadcast_to(np.asarray(amount, dtype=np.float64), shape).round(2)
        keep = np.flatnonzero((account >= 0) & (cents != 0.0))
        columns = [np.broadcast_to(np.asarray(c, dtype=np.int64), shape)[keep] for c in (day, kind, channel, bank)]
        self._book((account[keep], columns[0], cents[keep], columns[1], columns[2], columns[3]))

    def _book(self, columns: Columns) -> None:
        later = columns[1] > self._last
        if later.any():
            a, d, m, k, c, b = columns
            self._waiting.append((a[later], d[later], m[later], k[later], c[later], b[later]))
            now = ~later
            columns = (a[now], d[now], m[now], k[now], c[now], b[now])
        np.add.at(self._accounts.planned, columns[0], columns[2])
        self._rows.append(columns)

    def columns(self) -> Columns:
        """The month's account, day, amount, kind, channel and bank columns, in the order of booking."""
        account, day, amount, kind, channel, bank = zip(*self._rows, strict=True)
        return (
            np.concatenate(account),
            np.concatenate(day),
            np.concatenate(amount),
            np.concatenate(kind),
            np.concatenate(channel),
            np.concatenate(bank),
        )


class ServiceBook:
    """Service events of one month: visits, calls, meetings, sessions."""

    def __init__(self) -> None:
        self._rows: list[tuple[IntArray, IntArray, IntArray, FloatArray]] = []

    def add(self, customer: IntArray, day: IntArray, channel: int, minutes: FloatArray | None = None) -> None:
        """Record one service event per customer number; minutes are unknown where they are not given."""
        known = np.full(len(customer), np.nan) if minutes is None else np.maximum(np.round(minutes, 1), 0.5)
        self._rows.append((customer, day, np.full(len(customer), channel, dtype=np.int64), known))

    def take(self) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
        """Return the customer, day, channel and minutes columns by day, and forget them."""
        customer, day, channel, minutes = (np.concatenate(column) for column in zip(*self._rows, strict=True))
        self._rows = []
        order = np.argsort(day, kind="stable")
        return customer[order], day[order], channel[order], minutes[order]
