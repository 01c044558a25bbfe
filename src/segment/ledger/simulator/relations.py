"""The true relation of each customer with this bank and with others, and how it switches (DOMAIN.md 6.3)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from segment.ledger.simulator.draws import BoolArray, FloatArray, Generator, IntArray, beta_by, chance, pick
from segment.ledger.simulator.events import FUND_HOUSES, OTHER_BANKS
from segment.ledger.simulator.parameters import (
    ELSEWHERE,
    MAIN_HERE,
    PENSIONER,
    SELF_EMPLOYED,
    WORKER,
    RelationParameters,
)
from segment.ledger.simulator.people import People

LONG_AGO = -(10**4)


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


def _income_here(rng: Generator, p: RelationParameters, state: IntArray, occupation: IntArray) -> BoolArray:
    probability = np.select(
        [occupation == WORKER, occupation == PENSIONER, occupation == SELF_EMPLOYED],
        [np.array(p.salary_here)[state], np.array(p.pension_here)[state], np.array(p.business_here)[state]],
        np.array(p.business_here)[state],
    )
    return chance(rng, probability)


def _spend_share(rng: Generator, p: RelationParameters, state: IntArray) -> FloatArray:
    """Share of card spend that is made here, with the two groups that spend against their main bank."""
    share = beta_by(rng, p.spend_share_beta, state)
    count = len(state)
    here = (state == ELSEWHERE) & chance(rng, np.full(count, p.spend_elsewhere_here))
    away = (state == MAIN_HERE) & chance(rng, np.full(count, p.spend_here_elsewhere))
    share = np.where(here, rng.beta(4, 4, count), share)
    mixed: FloatArray = np.where(away, rng.beta(2, 8, count), share)
    return mixed


def draw_ties(rng: Generator, p: RelationParameters, state: IntArray, occupation: IntArray) -> Ties:
    """Draw the ties that go with a state.

    Parameters
    ----------
    rng : Generator
    p : RelationParameters
    state, occupation : array of int, shape (n,)

    Returns
    -------
    Ties
    """
    count = len(state)

    def by_state(probabilities: tuple[float, ...]) -> BoolArray:
        return chance(rng, np.array(probabilities)[state])

    elsewhere = state == ELSEWHERE
    income_here = _income_here(rng, p, state, occupation)
    sweeps = elsewhere & income_here & (occupation == WORKER)
    side = by_state(p.side_pay) & ~income_here & (occupation == WORKER)
    linked = ~elsewhere | sweeps | ~chance(rng, np.full(count, p.no_link))
    spend_share = _spend_share(rng, p, state)
    # those who spend here use the app as often, whatever their main bank is
    activity = np.maximum(np.array(p.activity)[state] * rng.uniform(0.6, 1.4, count), 0.9 * spend_share)
    bills = np.where(by_state(p.bills_probability), 1 + rng.binomial(4, 0.45, count), 0)
    other_banks = 1.0 / np.arange(1, OTHER_BANKS + 1)
    return Ties(
        state=state.copy(),
        share=beta_by(rng, p.wallet_share_beta, state),
        spend_share=spend_share,
        activity=activity,
        bills=np.where(elsewhere, np.minimum(bills, 2), bills),
        income_here=income_here,
        side_pay=np.where(side, rng.uniform(*p.side_pay_part, count), 0.0),
        feeder=by_state(p.feeder) & linked & ~sweeps,
        feeder_share=rng.uniform(*p.feeder_income_share, count),
        sweeps=sweeps,
        just_in_time=linked & elsewhere,
        other_card=by_state(p.other_card) & linked,
        fund_app=by_state(p.fund_app) & linked,
        other_savings=by_state(p.other_savings_bank) & linked,
        other_loan=by_state(p.other_loan) & linked,
        linked=linked,
        bank=pick(rng, other_banks / other_banks.sum(), count),
        card_bank=pick(rng, other_banks / other_banks.sum(), count),
        fund_house=OTHER_BANKS + rng.integers(0, FUND_HOUSES, count),
    )


def draw_states(rng: Generator, p: RelationParameters, branch: IntArray, branches: int) -> IntArray:
    """Draw the state at the start; the mix varies between outlets."""
    mix = rng.dirichlet(np.array(p.state_probabilities) * p.state_concentration, branches)
    return pick(rng, mix[branch], len(branch))


@dataclass
class Relation:
    """Ties now, ties before the last switch, and how far the switch has come.

    Attributes
    ----------
    now, before : Ties
    switch_index, switch_months : array of int
        Month index at which the last switch began, and how many months it takes. Joining works like a switch from
        nothing, so that a new relation grows over months.
    switched : array of int
        Month index of the last change of the main bank; joining does not count.
    elsewhere : array of float
        Liquid wealth held at other banks.
    mortgage_elsewhere, loan_elsewhere, card_elsewhere : array of float
        Debt owed to other banks.
    demand_share, wealth_share : array of float
        How a customer splits liquid wealth, wherever it is held.
    """

    now: Ties
    before: Ties
    switch_index: IntArray
    switch_months: IntArray
    switched: IntArray
    elsewhere: FloatArray
    mortgage_elsewhere: FloatArray
    loan_elsewhere: FloatArray
    card_elsewhere: FloatArray
    demand_share: FloatArray
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
        return ties

    def switch(self, customers: IntArray, new: Ties, index: int, months: IntArray) -> None:
        """Begin to move customers to new ties."""
        self.before.assign(customers, self.in_effect(index - 1).at(customers))
        self.now.assign(customers, new)
        self.switch_index[customers] = index
        self.switch_months[customers] = months


def draw_relation(rng: Generator, p: RelationParameters, people: People, branches: int) -> Relation:
    """Draw the relation of every customer at the start, or on joining."""
    count = people.count
    state = draw_states(rng, p, people.branch, branches)
    now = draw_ties(rng, p, state, people.occupation)
    share = now.share
    return Relation(
        now=now,
        before=now.at(np.arange(count)),
        switch_index=np.full(count, LONG_AGO, dtype=np.int64),
        switch_months=np.full(count, 4, dtype=np.int64),
        switched=np.full(count, LONG_AGO, dtype=np.int64),
        elsewhere=people.wealth * (1.0 - share),
        mortgage_elsewhere=np.zeros(count),
        loan_elsewhere=np.zeros(count),
        card_elsewhere=np.zeros(count),
        demand_share=rng.beta(*p.demand_share_beta, count),
        wealth_share=rng.beta(*p.wealth_share_beta, count),
        relative=chance(rng, np.full(count, p.same_name_relative)),
        landlord=chance(rng, np.full(count, p.landlord)),
        cash_paid=(people.occupation == WORKER) & chance(rng, np.full(count, p.cash_paid)),
        mortgage_only=(state == ELSEWHERE) & chance(rng, np.full(count, p.mortgage_only)),
    )
