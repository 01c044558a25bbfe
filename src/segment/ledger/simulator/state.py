"""The simulated bank as a whole: what every part of a month reads and changes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from segment.ledger.simulator.accounts import CURRENT, Accounts
from segment.ledger.simulator.calendar import Month
from segment.ledger.simulator.draws import BoolArray, FloatArray, Generator, IntArray
from segment.ledger.simulator.events import EventBook, ServiceBook
from segment.ledger.simulator.parameters import Parameters
from segment.ledger.simulator.people import Branches, People
from segment.ledger.simulator.relations import Relation, Ties

STREAMS = [
    "branches",
    "people",
    "relation",
    "opening",
    "life",
    "income",
    "lending",
    "spending",
    "saving",
    "service",
    "shortages",
    "labels",
    "truth",
    "defects",
]


@dataclass
class LifeLog:
    """What happened in customers' lives, for the truth only."""

    customer: list[IntArray] = field(default_factory=list)
    month: list[IntArray] = field(default_factory=list)
    event: list[str] = field(default_factory=list)

    def add(self, customers: IntArray, month: int, event: str) -> None:
        """Note an event for some customers in a month."""
        if len(customers):
            self.customer.append(customers)
            self.month.append(np.full(len(customers), month, dtype=np.int64))
            self.event.append(event)


@dataclass
class Bank:
    """People, relations, accounts, and the month that is being lived.

    Attributes
    ----------
    ties : Ties
        Relations in effect this month.
    acts : array of bool
        Customers who live, stay, and joined before this month.
    paid : array of float
        Income that reached the current account here this month.
    pay_day : array of int
        Day of the last regular inflow; the middle of the month where there is none.
    receipts : list
        Customers, days and amounts of the month's regular inflows.
    pulled : tuple, optional
        Customers and amounts of deposits that were pulled in for the end of the last quarter.
    """

    parameters: Parameters
    rng: dict[str, Generator]
    months: list[Month]
    branches: Branches
    people: People
    relation: Relation
    accounts: Accounts
    book: EventBook
    service: ServiceBook
    life: LifeLog
    complaints: list[tuple[IntArray, IntArray]]
    month: Month
    ties: Ties
    acts: BoolArray
    paid: FloatArray
    pay_day: IntArray
    receipts: list[tuple[IntArray, IntArray, FloatArray]] = field(default_factory=list)
    pulled: tuple[IntArray, FloatArray] | None = None

    @property
    def count(self) -> int:
        """Number of customers, past and future."""
        return self.people.count

    @property
    def current(self) -> IntArray:
        """Current account of each customer, or -1."""
        return self.accounts.of[CURRENT]

    @property
    def monthly_income(self) -> FloatArray:
        """Income of a month, less while out of work."""
        full = self.people.income / 12.0
        return np.where(self.people.workless_until >= self.month.first, 0.25 * full, full)

    def begin(self, month: Month) -> None:
        """Turn to the next month."""
        self.month = month
        self.book.turn_to(month)
        people = self.people
        self.acts = (people.joined < month.first) & (people.left > month.last) & (people.died > month.last)
        self.ties = self.relation.in_effect(month.index)
        self.paid = np.zeros(self.count)
        self.receipts = []
        self.pay_day = np.full(self.count, month.first + 14, dtype=np.int64)

    def acting(self, condition: BoolArray) -> IntArray:
        """Customer numbers of those who act this month and meet a condition."""
        return np.flatnonzero(condition & self.acts)

    def days(self, rng: Generator, size: int) -> IntArray:
        """Draw days of the month evenly."""
        return rng.integers(self.month.first, self.month.last + 1, size)

    def liquid_here(self) -> FloatArray:
        """Deposits and investments of each customer at this bank, as planned so far."""
        total = np.zeros(self.count)
        for product in range(4):
            total += self.accounts.planned_of(product, np.arange(self.count))
        return total

    def take_elsewhere(self, customers: IntArray, amount: FloatArray) -> None:
        """Take money out of what customers hold at other banks (put in, if negative), never below zero."""
        left = self.relation.elsewhere
        np.subtract.at(left, customers, amount)
        left[customers] = np.maximum(left[customers], 0.0)
