"""Life events, jobs, switching of the main bank, payers that leave, and death (DOMAIN.md 6.3, 6.4)."""

from __future__ import annotations

import numpy as np

from segment.banks.simulator.accounts import CARD, INSURANCE, MORTGAGE
from segment.banks.simulator.draws import NONE, BoolArray, CustomerStream, IntArray
from segment.banks.simulator.lending import grant_mortgages
from segment.banks.simulator.living_together import live_as_families
from segment.banks.simulator.opening import new_cards
from segment.banks.simulator.parameters import ELSEWHERE, MAIN_HERE, PENSIONER, SPLIT, WORKER
from segment.banks.simulator.relations import draw_ties
from segment.banks.simulator.state import Bank

BOOSTED_MONTHS = 6.0
"""A new employer, a mortgage or a move moves the thoughts of half a year into its month."""

PAYERS = ((6, 0.5), (5, None))
"""Employers that leave the bank, by their rank in size: one halfway through, and one three months before the end."""


def live(bank: Bank) -> None:
    """Let a month of life happen before any money moves."""
    rng = bank.rng["life"]
    thinks = _jobs(bank, rng) | live_as_families(bank, rng) | _buy_homes(bank, rng)
    _retire(bank)
    _payers_leave(bank, rng)
    _switch(bank, rng, thinks)
    _products(bank, rng)
    _die(bank, rng)


def _jobs(bank: Bank, rng: CustomerStream) -> BoolArray:
    """Raises once a year; jobs lost and found. Returns who began with a new employer."""
    people, month, p = bank.people, bank.month, bank.parameters.people
    raised = (people.raise_month == month.number) & (people.occupation != PENSIONER)
    people.income = np.where(raised, people.income * (1 + rng.uniform(bank.everyone, 0.0, p.raise_max)), people.income)
    pension_raise = (people.occupation == PENSIONER) & (month.number == 7)
    people.income = np.where(pension_raise, people.income * 1.03, people.income)
    works = (people.occupation == WORKER) & bank.acts
    hired = works & (people.workless_until >= month.first) & (people.workless_until <= month.last)
    moved = works & ~hired & rng.chance(bank.everyone, 0.05 / 12)
    starts = np.flatnonzero(hired | moved)
    people.employer[starts] = rng.pick(starts, people.employers.share)
    people.payday[starts] = people.employers.payday[people.employer[starts]]
    lost = works & (people.workless_until < month.first) & rng.chance(bank.everyone, p.job_loss_monthly)
    lost = np.flatnonzero(lost)
    people.workless_until[lost] = month.last + rng.integers(lost, 2, 9) * 30
    bank.life.add(lost, month.index, "job_lost")
    bank.life.add(starts, month.index, "new_employer")
    return hired | moved


def _buy_homes(bank: Bank, rng: CustomerStream) -> BoolArray:
    """Homes are bought, and paid for by a mortgage here or elsewhere. Returns whose mortgage was granted here."""
    p, people = bank.parameters.life, bank.people
    buys = bank.acts & rng.chance(bank.everyone, p.home / 0.62 / 12) & (people.age_band >= 1) & (people.age_band <= 3)
    here = rng.chance(bank.everyone, np.array([0.55, 0.35, 0.15, 0.0])[bank.ties.state])
    here &= (bank.accounts.by_owner[MORTGAGE] == NONE) & (bank.relation.mortgage_elsewhere == 0)
    grant_mortgages(bank, np.flatnonzero(buys & here))
    other = buys & ~here & (bank.accounts.by_owner[MORTGAGE] == NONE)
    bank.relation.mortgage_elsewhere = np.where(other, people.income * 3.0, bank.relation.mortgage_elsewhere * 0.996)
    bank.life.add(np.flatnonzero(buys), bank.month.index, "home_purchase")
    return buys & here


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


def _payers_leave(bank: Bank, rng: CustomerStream) -> None:
    """Employers change their bank: most of their people are paid elsewhere at once, the others a month later."""
    if not bank.parameters.life.employers_leave:
        return
    people, index = bank.people, bank.month.index
    for rank, part in PAYERS:
        begins = bank.drawn_for // 2 if part else bank.drawn_for - 3
        hit = bank.ties.income_here & (people.occupation == WORKER)
        hit &= people.employer == people.employers.of_size(rank)
        hit &= (index - begins == 1) | ((index == begins) & rng.chance(bank.everyone, 0.75))
        who = bank.acting(hit & (begins > 0))
        bank.relation.now.income_here[who] = False
        bank.life.add(who, index, "employer_left_bank")
        follow = rng.chance(who, bank.parameters.life.staff_follow) & (bank.relation.now.state[who] == MAIN_HERE)
        move_to(bank, rng, who[follow], ELSEWHERE)
    bank.ties = bank.relation.in_effect(index)


def _switch(bank: Bank, rng: CustomerStream, thinks: BoolArray) -> None:
    """Begin switches of the main bank; whoever thinks about it anyway is likelier to go, and gives no sign before."""
    p, state = bank.parameters.relation, bank.relation.now.state.copy()
    settled = (bank.relation.progress(bank.month.index) >= 1.0) & ~bank.relation.mortgage_only
    settled &= bank.relation.goal == NONE
    factor = np.where(thinks, p.switch_boost * BOOSTED_MONTHS, 1.0)
    away = np.array(p.away_annual)
    for origin, rates in enumerate(p.switching_annual):
        draw = rng.random(bank.everyone)
        reached = np.zeros(bank.count)
        for target, rate in enumerate(rates):
            beyond = away[origin] * (factor - 1.0) if target == ELSEWHERE else 0.0
            low, reached = reached, reached + np.minimum((rate * factor + beyond) / 12, 0.4)
            hit = settled & (state == origin) & (draw >= low) & (draw < reached)
            if target <= SPLIT:
                hit &= bank.in_force.stays_away_until <= bank.month.index
            if rate > 0 or (target == ELSEWHERE and away[origin] > 0):
                move_to(bank, rng, bank.acting(hit), target)


def move_to(bank: Bank, rng: CustomerStream, who: IntArray, state: int) -> None:
    """Begin to move customers' main bank."""
    relation, index = bank.relation, bank.month.index
    occupation = bank.people.occupation[who]
    new = draw_ties(rng, bank.parameters.relation, who, np.full(len(who), state), occupation)
    if state == ELSEWHERE:
        # a switch away is the customer's own move: nobody's employer pays on here against the customer's will
        new.income_here &= occupation != WORKER
        new.sweeps[:] = False
    low, high = bank.parameters.relation.switch_months
    relation.switch(who, new, index, rng.integers(who, low, high + 1))
    relation.switched[who], relation.goal[who] = index, NONE
    if len(who):
        bank.ties = relation.in_effect(index)
    bank.life.add(who, index, ("to_main_here", "to_split", "to_elsewhere", "to_dormant")[state])


def _products(bank: Bank, rng: CustomerStream) -> None:
    """Cards and insurances come and go so that the share of holders stays what the state implies."""
    p, accounts, month = bank.parameters.product, bank.accounts, bank.month
    recent = np.where(month.first - bank.people.joined < 365, 12.0, 1.0)
    for product, share in ((CARD, p.card), (INSURANCE, p.insurance)):
        wanted = np.array(share)[bank.ties.state]
        who = bank.acting((accounts.by_owner[product] == NONE) & rng.chance(bank.everyone, 0.005 * wanted * recent))
        day = month.first + rng.integers(who, 0, 25)
        if product == CARD:
            new_cards(bank, rng, who, day)
        else:
            accounts.open(product, who, day)
        account = accounts.by_owner[product]
        idle = (account >= 0) & (np.abs(accounts.planned[account]) < 0.005) & (accounts.opened[account] < month.first)
        idle &= accounts.lost[account] < 0
        who = bank.acting(idle & rng.chance(bank.everyone, 0.015 * (1 - wanted)))
        accounts.close(account[who], month.first + rng.integers(who, 0, 3))


def _die(bank: Bank, rng: CustomerStream) -> None:
    people, month = bank.people, bank.month
    scale = np.exp((people.age_on(month.first) - 50.0) * 0.085)
    rate = bank.parameters.relation.death_annual / 12 * scale / scale.mean()
    who = bank.acting(rng.chance(bank.everyone, np.minimum(rate, 0.5)))
    people.died[who] = month.first + rng.integers(who, 0, month.days)
    bank.acts[who] = False
    bank.life.add(who, month.index, "death")
