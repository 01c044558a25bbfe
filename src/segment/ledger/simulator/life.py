"""Life events, jobs, switching of the main bank, leaving and death (DOMAIN.md 6.3, 6.4)."""

from __future__ import annotations

import numpy as np

from segment.ledger.simulator.accounts import CARD, CURRENT, INSURANCE, MORTGAGE
from segment.ledger.simulator.draws import NONE, BoolArray, Generator, IntArray, chance
from segment.ledger.simulator.events import Channel, Kind
from segment.ledger.simulator.lending import grant_mortgages
from segment.ledger.simulator.opening import new_cards
from segment.ledger.simulator.parameters import ELSEWHERE, MAIN_HERE, PENSIONER, SPLIT, WORKER
from segment.ledger.simulator.relations import draw_ties
from segment.ledger.simulator.state import Bank

BOOSTED_MONTHS = 6.0
"""A new employer or a mortgage moves the thoughts of half a year into its month."""


def live(bank: Bank) -> None:
    """Let a month of life happen before any money moves."""
    rng = bank.rng["life"]
    new_employer = _jobs(bank, rng)
    home = _families(bank, rng)
    _retire(bank)
    _cluster_shock(bank, rng)
    _switch(bank, rng, new_employer | home)
    _products(bank, rng)
    _die(bank, rng)


def _yearly(bank: Bank, rng: Generator, rate: float) -> BoolArray:
    return bank.acts & chance(rng, np.full(bank.count, rate / 12))


def _jobs(bank: Bank, rng: Generator) -> BoolArray:
    """Raises once a year; jobs lost and found. Returns who began with a new employer."""
    people, month, p = bank.people, bank.month, bank.parameters.people
    raised = (people.raise_month == month.number) & (people.occupation != PENSIONER)
    people.income = np.where(raised, people.income * (1 + rng.uniform(0.0, p.raise_max, bank.count)), people.income)
    pension_raise = (people.occupation == PENSIONER) & (month.number == 7)
    people.income = np.where(pension_raise, people.income * 1.03, people.income)
    works = (people.occupation == WORKER) & bank.acts
    found = works & (people.workless_until >= month.first) & (people.workless_until <= month.last)
    moved = works & ~found & chance(rng, np.full(bank.count, 0.05 / 12))
    starts = np.flatnonzero(found | moved)
    people.employer[starts] = rng.permutation(people.employer[starts])
    lost = np.flatnonzero(
        works & (people.workless_until < month.first) & chance(rng, np.full(bank.count, p.job_loss_monthly))
    )
    people.workless_until[lost] = month.last + (rng.integers(2, 9, len(lost)) * 30)
    bank.life.add(lost, month.index, "job_lost")
    bank.life.add(starts, month.index, "new_employer")
    return found | moved


def _families(bank: Bank, rng: Generator) -> BoolArray:
    """Marriages, children, divorces, moves, inheritances, homes. Returns whose mortgage was granted here."""
    p, people, month = bank.parameters.life, bank.people, bank.month
    for event, rate in (("marriage", p.marriage), ("child", p.child), ("migration", p.migration)):
        bank.life.add(np.flatnonzero(_yearly(bank, rng, rate)), month.index, event)
    divorced = np.flatnonzero(_yearly(bank, rng, p.divorce) & (people.partner >= 0))
    bank.relation.elsewhere[divorced] *= 0.5
    _pay_out(bank, rng, divorced, 0.5)
    bank.life.add(divorced, month.index, "divorce")
    heirs = np.flatnonzero(_yearly(bank, rng, p.inheritance))
    amount = people.income[heirs] * rng.lognormal(
        np.log(p.inheritance_to_income[0]), p.inheritance_to_income[1], len(heirs)
    )
    main = bank.ties.state[heirs] <= SPLIT
    people.wealth_ratio[heirs] += amount / people.income[heirs]
    bank.relation.elsewhere[heirs[~main]] += amount[~main]
    day = month.first + rng.integers(5, 25, len(heirs))
    bank.book.add(bank.current[heirs[main]], day[main], np.round(amount[main], -2), Kind.TRANSFER_IN, Channel.COUNTER)
    bank.life.add(heirs, month.index, "inheritance")
    buys = _yearly(bank, rng, p.home / 0.62) & (people.age_band >= 1) & (people.age_band <= 3)
    here = chance(rng, np.array([0.55, 0.35, 0.15, 0.0])[bank.ties.state]) & (bank.accounts.of[MORTGAGE] == NONE)
    here &= bank.relation.mortgage_elsewhere == 0
    grant_mortgages(bank, np.flatnonzero(buys & here))
    other = buys & ~here & (bank.accounts.of[MORTGAGE] == NONE)
    bank.relation.mortgage_elsewhere = np.where(other, people.income * 3.0, bank.relation.mortgage_elsewhere * 0.996)
    bank.life.add(np.flatnonzero(buys), month.index, "home_purchase")
    return buys & here


def _pay_out(bank: Bank, rng: Generator, who: IntArray, part: float) -> None:
    amount = np.floor(part * np.maximum(bank.accounts.planned_of(CURRENT, who), 0.0))
    day = bank.month.first + rng.integers(1, 10, len(who))
    bank.book.add(bank.current[who], day, -amount, Kind.TRANSFER_OUT, Channel.COUNTER)


def _retire(bank: Bank) -> None:
    """Workers retire in the month of their 60th birthday, and draw a pension from then on."""
    people, month = bank.people, bank.month
    birthday = people.birth_day + int(60 * 365.25)
    retires = (birthday >= month.first) & (birthday <= month.last) & (people.occupation == WORKER)
    who = np.flatnonzero(retires)
    people.occupation[who] = PENSIONER
    people.payday[who] = 10 + people.habit[who] % 11
    people.income[who] *= 0.65
    bank.life.add(who[bank.acts[who]], month.index, "retirement")


def _cluster_shock(bank: Bank, rng: Generator) -> None:
    """One payroll employer leaves the bank halfway through: its people are paid elsewhere from then on."""
    if not bank.parameters.life.employer_leaves or bank.month.index != len(bank.months) // 2:
        return
    people = bank.people
    sizes = np.bincount(people.employer[people.employer >= 0])
    chosen = int(np.argsort(-sizes, kind="stable")[min(6, len(sizes) - 1)])
    hit = np.flatnonzero(bank.acts & (people.employer == chosen) & (bank.relation.now.state == MAIN_HERE))
    hit = hit[people.occupation[hit] == WORKER]
    _move_to(bank, rng, hit, ELSEWHERE)
    bank.life.add(hit, bank.month.index, "employer_left_bank")


def _switch(bank: Bank, rng: Generator, boosted: BoolArray) -> None:
    """Begin switches of the main bank; a new employer or a mortgage granted here makes them likelier."""
    p, state = bank.parameters.relation, bank.relation.now.state.copy()
    settled = (bank.relation.progress(bank.month.index) >= 1.0) & ~bank.relation.mortgage_only
    factor = np.where(boosted, p.switch_boost * BOOSTED_MONTHS, 1.0)
    for origin, rates in enumerate(p.switching_annual):
        draw = rng.random(bank.count)
        reached = np.zeros(bank.count)
        for target, rate in enumerate(rates):
            low, reached = reached, reached + np.minimum(rate / 12 * factor, 0.4)
            hit = settled & (state == origin) & (draw >= low) & (draw < reached)
            _move_to(bank, rng, bank.acting(hit), target)


def _move_to(bank: Bank, rng: Generator, who: IntArray, state: int) -> None:
    relation, index = bank.relation, bank.month.index
    new = draw_ties(rng, bank.parameters.relation, np.full(len(who), state), bank.people.occupation[who])
    if state == ELSEWHERE:
        # a switch away is the customer's own move: nobody's employer pays on here against the customer's will
        new.income_here &= bank.people.occupation[who] != WORKER
        new.sweeps[:] = False
    low, high = bank.parameters.relation.switch_months
    relation.switch(who, new, index, rng.integers(low, high + 1, len(who)))
    relation.switched[who] = index
    bank.ties = relation.in_effect(index)
    bank.life.add(who, index, ("to_main_here", "to_split", "to_elsewhere", "to_dormant")[state])


def _products(bank: Bank, rng: Generator) -> None:
    """Cards and insurances come and go so that the share of holders stays what the state implies."""
    p, accounts, month = bank.parameters.product, bank.accounts, bank.month
    recent = np.where(month.first - bank.people.joined < 365, 12.0, 1.0)
    for product, share in ((CARD, p.card), (INSURANCE, p.insurance)):
        wanted = np.array(share)[bank.ties.state]
        who = bank.acting((accounts.of[product] == NONE) & chance(rng, 0.005 * wanted * recent))
        day = month.first + rng.integers(0, 25, len(who))
        if product == CARD:
            new_cards(bank, rng, who, day)
        else:
            accounts.open(product, who, day)
        account = accounts.of[product]
        idle = (account >= 0) & (np.abs(accounts.planned[account]) < 0.005) & (accounts.opened[account] < month.first)
        who = bank.acting(idle & chance(rng, 0.015 * (1 - wanted)))
        accounts.close(account[who], month.first + rng.integers(0, 3, len(who)))


def _die(bank: Bank, rng: Generator) -> None:
    people, month = bank.people, bank.month
    scale = np.exp((people.age_on(month.first) - 50.0) * 0.085)
    rate = bank.parameters.relation.death_annual / 12 * scale / scale.mean()
    who = bank.acting(chance(rng, np.minimum(rate, 0.5)))
    people.died[who] = month.first + rng.integers(0, month.days, len(who))
    bank.acts[who] = False
    bank.life.add(who, month.index, "death")
