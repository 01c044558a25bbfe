"""The accounts of the simulated bank: growing columns, and who holds which account."""

from __future__ import annotations

import numpy as np

from segment.ledger.simulator.draws import NONE, FloatArray, IntArray
from segment.ledger.simulator.people import NEVER

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


class Accounts:
    """Columns of account attributes, addressed by account number.

    Columns are longer than the number of accounts, so that opening accounts seldom copies them; read `[:size]`.

    Parameters
    ----------
    customers : int
        Number of customers; each has at most one live account of a product, joint accounts apart.

    Attributes
    ----------
    of : array, shape (products, customers)
        The live account of a product that a customer owns, or -1.
    joint : array, shape (customers,)
        The joint current account that a customer co-owns, or -1.
    balance : array
        Closing balance of the month before.
    planned : array
        `balance` and everything booked since: what is left to spend.
    """

    _INTEGERS = ("product", "owner", "co_owner", "authorised", "opened", "closed", "maturity", "due_day", "overdue")
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
        self.overdue: IntArray
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
        self.of = np.full((len(PRODUCTS), customers), NONE, dtype=np.int64)
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
        """Open one account for each owner and return the new account numbers.

        Parameters
        ----------
        product : int
        owner : array of int
        opened : array of int
            Day of opening.
        balance : array of float, optional
            What already stood on accounts opened before the first month; 0 if not given.
        rate : float
            Interest a year.
        """
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
        self.of[product, owner] = new
        return new

    def close(self, account: IntArray, day: IntArray) -> None:
        """Close accounts on a day; the owners no longer have one of that product."""
        self.closed[account] = day
        product, owner = self.product[account], self.owner[account]
        held = self.of[product, owner] == account
        self.of[product[held], owner[held]] = NONE

    def planned_of(self, product: int, owner: IntArray) -> FloatArray:
        """What is left on an owner's account of a product; 0 where there is none."""
        account = self.of[product, owner]
        return np.where(account >= 0, self.planned[account], 0.0)
