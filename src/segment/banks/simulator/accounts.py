"""The accounts of the simulated bank: growing columns, and who holds which account."""

from __future__ import annotations

import numpy as np

from segment.banks.simulator.draws import NEVER, NONE, FloatArray, IntArray

PRODUCTS = (
    "current",
    "savings",
    "term_deposit",
    "wealth",
    "mortgage",
    "consumer_loan",
    "credit_card",
    "insurance",
)
CURRENT, SAVINGS, TERM, WEALTH, MORTGAGE, CONSUMER, CARD, INSURANCE = range(8)
DEBTS = (MORTGAGE, CONSUMER, CARD)
DEFAULT_DAYS = 90

ACCOUNTS_EACH = 1_000
"""More accounts than anybody opens."""


class Accounts:
    """Columns of account attributes, addressed by account number."""

    # Columns are longer than the number of accounts, so that opening accounts seldom copies them; read `[:size]`.
    # `by_owner` (products, customers) is the live account of a product that a customer owns, `joint` (customers,) the
    # joint current account that a customer co-owns; -1 where there is none.
    _INTEGERS = (
        "product",
        "owner",
        "co_owner",
        "authorised",
        "opened",
        "closed",
        "maturity",
        "due_day",
        "overdue",
        "number",
        "lost",
    )
    _FLOATS = ("owner_share", "balance", "planned", "rate", "instalment", "arrears")

    def __init__(self, customers: int) -> None:
        self.size = 0
        capacity = customers * 4 + 64
        self.product: IntArray
        self.owner: IntArray
        self.co_owner: IntArray
        self.authorised: IntArray
        self.opened: IntArray
        self.closed: IntArray
        self.maturity: IntArray
        self.due_day: IntArray
        self.overdue: IntArray  # the day since which it is late, 0 where it is not
        self.number: IntArray  # of which its id is made: the owner's number, and how many accounts came before
        self.lost: IntArray  # the day on which its debt was written off, -1 where it was not
        self.owner_share: FloatArray
        self.balance: FloatArray
        self.planned: FloatArray
        self.rate: FloatArray
        self.instalment: FloatArray
        self.arrears: FloatArray
        for name in self._INTEGERS:
            setattr(self, name, np.full(capacity, NONE, dtype=np.int64))
        for name in self._FLOATS:
            setattr(self, name, np.zeros(capacity))
        self.by_owner = np.full((len(PRODUCTS), customers), NONE, dtype=np.int64)
        self._opened_by = np.zeros(customers, dtype=np.int64)
        self.joint = np.full(customers, NONE, dtype=np.int64)

    def _reserve(self, size: int) -> None:
        if size <= len(self.product):
            return
        more = max(len(self.product), size - len(self.product))
        for name in self._INTEGERS:
            setattr(self, name, np.concatenate([getattr(self, name), np.full(more, NONE, dtype=np.int64)]))
        for name in self._FLOATS:
            setattr(self, name, np.concatenate([getattr(self, name), np.zeros(more)]))

    def open(
        self,
        product: int,
        owner: IntArray,
        opened: IntArray,
        *,
        balance: FloatArray | None = None,
        rate: float = np.nan,
    ) -> IntArray:
        """Open one account for each owner, at a rate a year, and return the new account numbers."""
        start, self.size = self.size, self.size + len(owner)
        self._reserve(self.size)
        new = np.arange(start, self.size, dtype=np.int64)
        self.product[new] = product
        self.owner[new] = owner
        self.owner_share[new] = 1.0
        self.opened[new] = opened
        self.closed[new] = NEVER
        self.overdue[new] = 0
        self.rate[new] = rate
        if balance is not None:
            self.balance[new] = np.round(balance, 2)
            self.planned[new] = self.balance[new]
        self.by_owner[product, owner] = new
        self._opened_by[owner] += 1
        self.number[new] = (owner + 1) * ACCOUNTS_EACH + self._opened_by[owner]
        return new

    def close(self, account: IntArray, day: IntArray) -> None:
        """Close accounts on a day; the owners no longer have one of that product."""
        self.closed[account] = day
        product, owner = self.product[account], self.owner[account]
        live = self.by_owner[product, owner] == account
        self.by_owner[product[live], owner[live]] = NONE

    def planned_of(self, product: int, owner: IntArray | None = None) -> FloatArray:
        """What is left on each owner's account of a product, every customer's by default; 0 where there is none."""
        account = self.by_owner[product] if owner is None else self.by_owner[product, owner]
        return np.where(account >= 0, self.planned[account], 0.0)
