"""The intervention twin in memory: one bank that is lived on from one day as often as one likes."""

# What an act is worth to a customer is its chance times what its outcome changes. The chances stand in `act_chances`;
# what an outcome changes is the difference between two runs on the same dice: one in which nothing is done, and one in
# which the outcome comes about for everybody. A household's members change together there, which no list would do.

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from segment.banks.simulator.act_chances import calmed, fee_chances, offer_chance, woken_chance
from segment.banks.simulator.act_outcomes import GOES, MOVES_AWAY, OUTCOMES
from segment.banks.simulator.act_parameters import AIMS
from segment.banks.simulator.acts_file import Acts
from segment.banks.simulator.balance_rows import close_month
from segment.banks.simulator.bank import DEFAULT_END, draw_bank, live_a_month
from segment.banks.simulator.books import ADVISER_MINUTE, BY_HAND, COMPLAINT, VAT, close_books, contributions
from segment.banks.simulator.departures import departures_annual
from segment.banks.simulator.draws import FloatArray
from segment.banks.simulator.parameters import SETTINGS
from segment.banks.simulator.state import Bank


def live_and_account(bank: Bank, month: int) -> FloatArray:
    """Let a month pass, and say what each customer brought in it."""
    bank.begin(bank.months[month])
    live_a_month(bank)
    columns = bank.book.columns()
    closed = close_month(bank, columns)
    return contributions(bank, close_books(bank, columns, closed, bank.service.take()))


@dataclass
class Twin:
    """A bank at the end of its months, and what becomes of it in those that follow.

    Examples
    --------
    >>> twin = Twin.of(customers=60, months=2, run_on=2, seed=1)
    >>> twin.run().shape
    (2, 60)
    """

    bank: Bank
    _runs: dict[str | None, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        customers: int,
        months: int,
        seed: int,
        *,
        run_on: int = 36,
        setting: str = "base",
        end: date = DEFAULT_END,
        effect: float = 1.0,
    ) -> Twin:
        """Live a bank up to the end of its months: the bank that `simulate_bank` writes for the same arguments."""
        bank = draw_bank(customers, months, seed, SETTINGS[setting], end, run_on)
        bank.effect = effect
        for month in range(months):
            live_and_account(bank, month)
        return cls(bank)

    @property
    def now(self) -> int:
        """The index of the first month that follows."""
        return self.bank.drawn_for

    def run(self, acts: pl.DataFrame | None = None, surely: str | None = None) -> FloatArray:
        """Live on with some acts, or with an outcome for everybody: contribution by month and customer."""
        if acts is None and surely in self._runs:
            return self._runs[surely]
        bank = copy.deepcopy(self.bank)
        if acts is not None:
            bank.interventions = self.acts(acts)
        elif surely is not None:
            bank.interventions = Acts(surely={self.now: surely})
        months = np.array([live_and_account(bank, month) for month in range(self.now, len(bank.months))])
        if acts is None:
            self._runs[surely] = months
        return months

    def acts(self, frame: pl.DataFrame) -> Acts:
        """Acts from a table, as `simulate_bank` takes them."""
        return Acts.of_frame(frame, self.bank.count, self.bank.months)

    def value_if(self, outcome: str) -> FloatArray:
        """What an outcome changes in each customer's contribution, by month and customer."""
        return self.run(surely=outcome) - self.run()

    def as_of_today(self) -> Bank:
        """A copy of the bank at the beginning of the first month that follows, to read chances from."""
        bank = copy.deepcopy(self.bank)
        bank.begin(bank.months[self.now])
        return bank


@dataclass
class TrueEffects:
    """What acts are truly worth to each customer: chance times value if it takes, discounted to the day of the act."""

    twin: Twin
    months: int  # that count
    discount_annual: float

    def __post_init__(self) -> None:
        self._bank = self.twin.as_of_today()
        passed = np.arange(1, self.months + 1) / 12
        self._weight = (1.0 + self.discount_annual) ** -passed
        self._value = {name: self._sum(self.twin.value_if(name)) for name in OUTCOMES}

    def _sum(self, by_month: FloatArray) -> FloatArray:
        total: FloatArray = self._weight @ by_month[: self.months]
        return total

    def value_if(self, outcome: str) -> FloatArray:
        """What an outcome is worth, of each customer."""
        return self._value[outcome]

    def chance(self, aim: str, channel: str) -> FloatArray:
        """The chance that an offer reaches its aim, of each customer; below zero for those who are put off."""
        return offer_chance(self._bank, aim, channel)

    def offer(self, aim: str, channel: str) -> FloatArray:
        """The worth of an offer to each customer, without what the contact costs."""
        woken = woken_chance(self._bank, aim) * self._value[GOES]
        worth: FloatArray = self.chance(aim, channel) * self._value[aim] + woken
        return worth

    def fee(self, amount_month: FloatArray) -> FloatArray:
        """The worth of a new fee a month: those pay who neither avoid it nor go; with those who go much is lost."""
        goes, avoided, complains = fee_chances(self._bank, amount_month)
        paid = self._sum(self._here()) * amount_month / VAT
        asked = amount_month > 0
        stays = avoided * self._value[AIMS[3]] + (1.0 - avoided) * paid
        worth: FloatArray = goes * self._value[GOES] + (1.0 - goes) * stays - COMPLAINT * complains
        return np.where(asked, worth, 0.0)

    def service(self, name: str, contacts_annual: FloatArray | float = 0.0) -> FloatArray:
        """The worth of a year's service, with the cost of its contacts: who stays, what comes over, fewer visits."""
        bank, p = self._bank, self._bank.parameters.acts
        leaves, moves = departures_annual(bank)
        lost = leaves * self._value[GOES] + moves * self._value[MOVES_AWAY]
        worth = -lost * calmed(bank, name) * p.service_months / 12
        if name == "personal":
            grows = np.minimum(bank.effect * p.personal_grows[1], 1.0) * bank.traits.place
            each = p.contact_minutes * ADVISER_MINUTE + BY_HAND
            held = self._weight[: p.service_months] @ self._here()[: p.service_months] / 12
            worth = worth + grows * self._value[AIMS[1]] - contacts_annual * each * held
        if name == "self_service":
            worth = worth + self._value[AIMS[3]]
        return np.asarray(worth, dtype=np.float64)

    def _here(self) -> FloatArray:
        """Months in which something was booked for a customer, in the run without any act."""
        return (self.twin.run() != 0.0).astype(np.float64)
