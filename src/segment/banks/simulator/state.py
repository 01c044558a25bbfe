"""The simulated bank as a whole: what every part of a month reads and changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from segment.banks.simulator.accounts import CURRENT, SAVINGS, TERM, WEALTH, Accounts
from segment.banks.simulator.acts_file import Acts
from segment.banks.simulator.calendar import Month
from segment.banks.simulator.draws import NONE, BoolArray, CustomerStream, FloatArray, Generator, IntArray
from segment.banks.simulator.events import Channel, EventBook, Kind, ServiceBook
from segment.banks.simulator.loss_book import LossBook
from segment.banks.simulator.parameters import Parameters
from segment.banks.simulator.people import Branches, Population
from segment.banks.simulator.relations import Relation, Ties

STREAMS = (
    "people", "relation", "opening", "life", "departures", "income", "lending", "spending", "saving", "service",
    "shortages", "labels", "truth", "defects", "hours", "acts", "contacts",
)  # fmt: skip
"""Topics, by their number: a new one goes to the end, or the same seed gives another bank. Within a month the order of
calls counts as well, so no call may depend on what anybody drew."""


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


@dataclass(frozen=True)
class Traits:
    """How customers answer to what is done to them; one entry per customer."""

    tenure_elsewhere: FloatArray  # how long the main bank has been another, from 0 to 1
    put_off: BoolArray
    place: FloatArray  # in every range of `ActParameters`, from 0 to 1


@dataclass
class InForce:
    """What acts have left in force; one entry per customer."""

    stays_away_until: IntArray  # month index until which nobody comes of their own accord
    served_until: IntArray
    calmed: FloatArray  # by how much less inclined to go, while served so
    contacts: FloatArray  # a year, while served so
    visits: FloatArray  # of what there would be
    fee: FloatArray  # a month
    complains: FloatArray  # chance in this month

    @classmethod
    def nothing(cls, customers: int) -> InForce:
        """Before any act."""
        return cls(
            stays_away_until=np.zeros(customers, dtype=np.int64),
            served_until=np.zeros(customers, dtype=np.int64),
            calmed=np.zeros(customers),
            contacts=np.zeros(customers),
            visits=np.ones(customers),
            fee=np.zeros(customers),
            complains=np.zeros(customers),
        )


@dataclass
class Bank:
    """Population, relations, accounts, and the month that is being lived."""

    parameters: Parameters
    rng: dict[str, CustomerStream]
    general: Generator  # for what concerns the whole bank: outlets, employers, the market
    months: list[Month]
    branches: Branches
    people: Population
    relation: Relation
    accounts: Accounts
    book: EventBook
    service: ServiceBook
    losses: LossBook
    life: LifeLog
    complaints: list[tuple[IntArray, IntArray]]
    month: Month
    ties: Ties  # in effect this month
    acts: BoolArray  # customers who live, stay, and joined before this month
    paid: FloatArray  # income that reached the current account here this month
    wallet_tenths: FloatArray  # borders between wallets elsewhere, at the start
    pay_day: IntArray  # day of the last regular inflow; the middle of the month where there is none
    drawn_for: int  # months for which people were drawn: who joins later, or whose employer leaves, stands within them
    traits: Traits
    in_force: InForce
    interventions: Acts
    effect: float  # of acts, against `ActParameters`
    # customers, days and amounts of the month's regular inflows
    receipts: list[tuple[IntArray, IntArray, FloatArray]] = field(default_factory=list)
    # customers and amounts of deposits that were pulled in for the end of the last quarter
    pulled: tuple[IntArray, FloatArray] | None = None

    @property
    def count(self) -> int:
        """Number of customers, past and future."""
        return self.people.count

    @cached_property
    def everyone(self) -> IntArray:
        """Every customer's number."""
        return np.arange(self.count)

    @property
    def current(self) -> IntArray:
        """Current account of each customer, or -1."""
        return self.accounts.by_owner[CURRENT]

    @property
    def monthly_income(self) -> FloatArray:
        """Income of a month, less while out of work."""
        full = self.people.income / 12.0
        return np.where(self.people.workless_until >= self.month.first, 0.25 * full, full)

    def begin(self, month: Month) -> None:
        """Turn to the next month."""
        self.month = month
        self.book.turn_to(month)
        for stream in self.rng.values():
            stream.turn_to(month.index)
        people = self.people
        self.acts = (people.joined < month.first) & (people.left > month.last) & (people.died > month.last)
        self.ties = self.relation.in_effect(month.index)
        self.paid = np.zeros(self.count)
        self.receipts = []
        self.pay_day = np.full(self.count, month.first + 14, dtype=np.int64)

    def acting(self, condition: BoolArray) -> IntArray:
        """Customer numbers of those who act this month and meet a condition."""
        return np.flatnonzero(condition & self.acts)

    def days(self, rng: CustomerStream, who: IntArray) -> IntArray:
        """Draw days of the month evenly."""
        return rng.integers(who, self.month.first, self.month.last + 1)

    def liquid_here(self) -> FloatArray:
        """Deposits and investments of each customer at this bank, as planned so far."""
        total = np.zeros(self.count)
        for product in (CURRENT, SAVINGS, TERM, WEALTH):
            total += self.accounts.planned_of(product)
        return total

    def take_elsewhere(self, customers: IntArray, amount: FloatArray) -> None:
        """Take money out of what customers hold at other banks (put in, if negative), never below zero."""
        left = self.relation.elsewhere
        np.subtract.at(left, customers, amount)
        left[customers] = np.maximum(left[customers], 0.0)

    def own_transfer(self, who: IntArray, day: IntArray, amount: FloatArray, other: IntArray) -> None:
        """Move money to (negative) or from (positive) the customer's own account at another bank, which it names."""
        kind = np.where(amount > 0, Kind.OWN_TRANSFER_IN, Kind.OWN_TRANSFER_OUT)
        channel = np.where(self.people.habit[who] % 10 < 8, Channel.MOBILE, Channel.ONLINE)
        self.book.add(self.current[who], day, amount, kind, channel, other)
        self.take_elsewhere(who, amount)

    def withdraw_savings(self, who: IntArray, amount: FloatArray, day: int | IntArray) -> None:
        """Move money from savings to the current account, as far as there is any: a move within names no bank."""
        savings = self.accounts.by_owner[SAVINGS, who]
        has = savings >= 0
        available = np.minimum(self.accounts.planned_of(SAVINGS, who), np.where(has, self.accounts.balance[savings], 0))
        moved = np.where(has, np.clip(amount, 0.0, np.maximum(available, 0.0)), 0.0).round(2)
        self.book.add(savings, day, -moved, Kind.OWN_TRANSFER_OUT, Channel.MOBILE)
        self.book.add(np.where(has, self.current[who], NONE), day, moved, Kind.OWN_TRANSFER_IN, Channel.MOBILE)
