"""The true relation of each customer with this bank and with others, and how it switches (DOMAIN.md 6.3)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from segment.banks.simulator.draws import NONE, BoolArray, CustomerStream, FloatArray, Generator, IntArray
from segment.banks.simulator.events import FUND_HOUSES, OTHER_BANKS
from segment.banks.simulator.parameters import (
    ELSEWHERE,
    MAIN_HERE,
    PENSIONER,
    SELF_EMPLOYED,
    WORKER,
    RelationParameters,
)
from segment.banks.simulator.people import Population

LONG_AGO = -(10**4)

BILLS_BEYOND_ONE = (0.0915, 0.2995, 0.3675, 0.2005, 0.0410)
"""Of those who pay bills from here: four more may each come with a chance of .45."""


@dataclass
class Ties:
    """What a customer does here, and the habits that tie the customer to other banks; one entry per customer."""

    state: IntArray
    share: FloatArray
    spend_share: FloatArray
    activity: FloatArray
    bills: IntArray
    income_here: BoolArray
    side_pay: FloatArray
    feeder: BoolArray
    feeder_share: FloatArray
    sweeps: BoolArray
    just_in_time: BoolArray
    other_card: BoolArray
    fund_app: BoolArray
    other_savings: BoolArray
    other_loan: BoolArray
    linked: BoolArray
    bank: IntArray
    card_bank: IntArray
    fund_house: IntArray

    def assign(self, customers: IntArray, new: Ties) -> None:
        """Overwrite the entries of some customers."""
        for column in fields(self):
            getattr(self, column.name)[customers] = getattr(new, column.name)

    def at(self, customers: IntArray) -> Ties:
        """Copy the entries of some customers."""
        return Ties(**{column.name: getattr(self, column.name)[customers] for column in fields(self)})


def _income_here(
    rng: CustomerStream, p: RelationParameters, who: IntArray, state: IntArray, occupation: IntArray
) -> BoolArray:
    probability = np.select(
        [occupation == WORKER, occupation == PENSIONER, occupation == SELF_EMPLOYED],
        [np.array(p.salary_here)[state], np.array(p.pension_here)[state], np.array(p.business_here)[state]],
        np.array(p.business_here)[state],
    )
    return rng.chance(who, probability)


def _spend_share(rng: CustomerStream, p: RelationParameters, who: IntArray, state: IntArray) -> FloatArray:
    """Share of card spend that is made here, with the two groups that spend against their main bank."""
    share = rng.beta_by(who, p.spend_share_beta, state)
    here = (state == ELSEWHERE) & rng.chance(who, p.spend_elsewhere_here)
    away = (state == MAIN_HERE) & rng.chance(who, p.spend_here_elsewhere)
    share = np.where(here, rng.beta(who, 4, 4), share)
    mixed: FloatArray = np.where(away, rng.beta(who, 2, 8), share)
    return mixed


def draw_ties(rng: CustomerStream, p: RelationParameters, who: IntArray, state: IntArray, occupation: IntArray) -> Ties:
    """Draw the ties that go with a state."""

    def by_state(probabilities: tuple[float, ...]) -> BoolArray:
        return rng.chance(who, np.array(probabilities)[state])

    elsewhere = state == ELSEWHERE
    income_here = _income_here(rng, p, who, state, occupation)
    sweeps = elsewhere & income_here & (occupation == WORKER)
    side = by_state(p.side_pay) & ~income_here & (occupation == WORKER)
    linked = ~elsewhere | sweeps | ~rng.chance(who, p.no_link)
    spend_share = _spend_share(rng, p, who, state)
    # those who spend here use the app as often, whatever their main bank is
    activity = np.maximum(np.array(p.activity)[state] * rng.uniform(who, 0.6, 1.4), 0.9 * spend_share)
    bills = np.where(by_state(p.bills_probability), 1 + rng.pick(who, BILLS_BEYOND_ONE), 0)
    other_banks = 1.0 / np.arange(1, OTHER_BANKS + 1)
    return Ties(
        state=state.copy(),
        share=rng.beta_by(who, p.wallet_share_beta, state),
        spend_share=spend_share,
        activity=activity,
        bills=np.where(elsewhere, np.minimum(bills, 2), bills),
        income_here=income_here,
        side_pay=np.where(side, rng.uniform(who, *p.side_pay_part), 0.0),
        feeder=by_state(p.feeder) & linked & ~sweeps,
        feeder_share=rng.uniform(who, *p.feeder_income_share),
        sweeps=sweeps,
        just_in_time=linked & elsewhere,
        other_card=by_state(p.other_card) & linked,
        fund_app=by_state(p.fund_app) & linked,
        other_savings=by_state(p.other_savings_bank) & linked,
        other_loan=by_state(p.other_loan) & linked,
        linked=linked,
        bank=rng.pick(who, other_banks / other_banks.sum()),
        card_bank=rng.pick(who, other_banks / other_banks.sum()),
        fund_house=OTHER_BANKS + rng.integers(who, 0, FUND_HOUSES),
    )


def draw_states(
    rng: CustomerStream, general: Generator, p: RelationParameters, branch: IntArray, branches: int
) -> IntArray:
    """Draw the state at the start; the mix varies between outlets."""
    mix = general.dirichlet(np.array(p.state_probabilities) * p.state_concentration, branches)
    return rng.pick(np.arange(len(branch)), mix[branch])


@dataclass
class Relation:
    """Ties now, ties before the last switch, and how far the switch has come."""

    now: Ties
    before: Ties
    # joining works like a switch from nothing, so that a new relation grows over months
    switch_index: IntArray  # month index at which the last switch began
    switch_months: IntArray  # how many months it takes
    switched: IntArray  # month index of the last change of the main bank; joining does not count
    decided: IntArray  # month index at which the customer made up their mind to go, where signs show it beforehand
    departs: IntArray  # month index at which they go
    goal: IntArray  # the state that they go to, LEAVES, or NONE
    elsewhere: FloatArray  # liquid wealth held at other banks
    mortgage_elsewhere: FloatArray  # debt owed to other banks, as the next two
    loan_elsewhere: FloatArray
    card_elsewhere: FloatArray
    demand_share: FloatArray  # how a customer splits liquid wealth, wherever it is held
    wealth_share: FloatArray
    relative: BoolArray
    landlord: BoolArray
    cash_paid: BoolArray
    mortgage_only: BoolArray

    def progress(self, index: int) -> FloatArray:
        """How far the last switch has come in a month: 0 before it, 1 when it is over."""
        done: FloatArray = np.clip((index - self.switch_index + 1) / self.switch_months, 0.0, 1.0)
        return done

    def in_effect(self, index: int) -> Ties:
        """Ties of a month: salary follows a switch at once, bills after a third, balances and spending over time."""
        progress = self.progress(index)
        ties = self.now.at(np.arange(len(progress)))
        moving = np.flatnonzero(progress < 1.0)
        part = np.clip((progress[moving] - 0.2) / 0.8, 0.0, 1.0)
        for name in ("share", "spend_share", "activity"):
            old, new = getattr(self.before, name)[moving], getattr(self.now, name)[moving]
            getattr(ties, name)[moving] = old + (new - old) * part
        ties.bills[moving] = np.where(progress[moving] > 0.34, self.now.bills[moving], self.before.bills[moving])
        self._fade(ties, index)
        return ties

    def fading(self, index: int) -> FloatArray:
        """How far those who will go have turned away: 0 for all others, 1 in the month before they go."""
        span = np.maximum(self.departs - self.decided, 1)
        turned: FloatArray = np.where(self.goal >= 0, np.clip((index - self.decided + 1) / span, 0.0, 1.0), 0.0)
        return turned

    def _fade(self, ties: Ties, index: int) -> None:
        """Money, payments and visits move away bit by bit, then bills, and in the last month the pay."""
        turned = self.fading(index)
        who = np.flatnonzero(turned)
        ties.share[who] *= 1.0 - 0.75 * turned[who]
        ties.spend_share[who] *= 1.0 - 0.75 * turned[who]
        ties.activity[who] *= 1.0 - 0.65 * turned[who]
        ties.bills[who] = np.where(turned[who] > 0.5, ties.bills[who] // 2, ties.bills[who])
        ties.income_here[who] &= turned[who] < 1.0

    def switch(self, customers: IntArray, new: Ties, index: int, months: IntArray) -> None:
        """Begin to move customers to new ties."""
        if len(customers) == 0:
            return
        self.before.assign(customers, self.in_effect(index - 1).at(customers))
        self.now.assign(customers, new)
        self.switch_index[customers] = index
        self.switch_months[customers] = months


def draw_relation(
    rng: CustomerStream, general: Generator, p: RelationParameters, people: Population, branches: int
) -> Relation:
    """Draw the relation of every customer at the start, or on joining."""
    everyone = np.arange(people.count)
    state = draw_states(rng, general, p, people.branch, branches)
    now = draw_ties(rng, p, everyone, state, people.occupation)
    share = now.share
    return Relation(
        now=now,
        before=now.at(everyone),
        switch_index=np.full(people.count, LONG_AGO, dtype=np.int64),
        switch_months=np.full(people.count, 4, dtype=np.int64),
        switched=np.full(people.count, LONG_AGO, dtype=np.int64),
        decided=np.full(people.count, LONG_AGO, dtype=np.int64),
        departs=np.full(people.count, LONG_AGO, dtype=np.int64),
        goal=np.full(people.count, NONE, dtype=np.int64),
        elsewhere=people.wealth * (1.0 - share),
        mortgage_elsewhere=np.zeros(people.count),
        loan_elsewhere=np.zeros(people.count),
        card_elsewhere=np.zeros(people.count),
        demand_share=rng.beta(everyone, *p.demand_share_beta),
        wealth_share=rng.beta(everyone, *p.wealth_share_beta),
        relative=rng.chance(everyone, p.same_name_relative),
        landlord=rng.chance(everyone, p.landlord),
        cash_paid=(people.occupation == WORKER) & rng.chance(everyone, p.cash_paid),
        mortgage_only=(state == ELSEWHERE) & rng.chance(everyone, p.mortgage_only),
    )
