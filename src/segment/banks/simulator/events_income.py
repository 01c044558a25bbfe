"""Money that comes in: salaries, pensions, business, families, rents, benefits, gifts (DOMAIN.md 6.4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from segment.banks.simulator import calendar
from segment.banks.simulator.draws import NONE, BoolArray, CustomerStream, FloatArray, IntArray, round_to
from segment.banks.simulator.events import OTHER_BANKS, Channel, Kind, some_bank
from segment.banks.simulator.parameters import HOMEMAKER, PENSIONER, SELF_EMPLOYED, SPLIT, STUDENT, WORKER
from segment.banks.simulator.state import Bank


def receive_income(bank: Bank) -> None:
    """Book all income of the month, and note what did not come here as held elsewhere."""
    rng = bank.rng["income"]
    _salaries(bank, rng)
    _side_jobs(bank, rng)
    _pensions(bank, rng)
    _businesses(bank, rng)
    _families(bank, rng)
    _cash_wages(bank, rng)
    _rents(bank, rng)
    _public_money(bank, rng)
    _between_people(bank, rng)
    missing = np.where(bank.acts, np.maximum(bank.monthly_income - bank.paid, 0.0), 0.0)
    bank.relation.elsewhere += missing


def _receive(
    bank: Bank, who: IntArray, day: IntArray, amount: FloatArray, kind: Kind, channel: Channel, other: ArrayLike = NONE
) -> None:
    bank.book.add(bank.current[who], day, amount, kind, channel, other)
    np.add.at(bank.paid, who, amount)
    bank.pay_day[who] = day
    bank.receipts.append((who, day, amount))


def working_here(bank: Bank) -> BoolArray:
    """Workers in work whose salary is paid into this bank."""
    people = bank.people
    paid: BoolArray = (people.occupation == WORKER) & bank.ties.income_here & ~bank.relation.cash_paid
    paid &= people.workless_until < bank.month.first
    return paid


def _salaries(bank: Bank, rng: CustomerStream) -> None:
    people, month = bank.people, bank.month
    who = bank.acting(working_here(bank))
    day = calendar.business_day_on_or_before(month.day(people.payday[who]))
    # early paydays of the next month can move back into this one, over a holiday at the start of the month
    early = calendar.business_day_on_or_before(month.last + people.payday[who])
    now, soon = day >= month.first, (early <= month.last) & (people.payday[who] < 28)
    who, day = np.concatenate([who[now], who[soon]]), np.concatenate([day[now], early[soon]])
    parts = np.where(people.thirteenth[who], 13.0, 12.0)
    amount = people.income[who] / parts * (1 + rng.normal(who, 0.0, bank.parameters.money.pay_noise))
    # the employer's bank, the same every month
    other = np.where(people.employer[who] % 3 == 0, NONE, people.employer[who] % OTHER_BANKS)
    _receive(bank, who, day, np.round(amount, 2), Kind.SALARY, Channel.AUTOMATIC, other)
    if calendar.pays_thirteenth_salary(month):
        has = people.thirteenth[who]
        bonus = amount[has] * rng.uniform(who[has], 0.6, 1.4)
        _receive(bank, who[has], day[has], bonus, Kind.SALARY, Channel.AUTOMATIC, other[has])


def _side_jobs(bank: Bank, rng: CustomerStream) -> None:
    """Book a second, smaller salary of people whose first one is paid elsewhere (a trap)."""
    people, month = bank.people, bank.month
    who = bank.acting((bank.ties.side_pay > 0) & (people.occupation == WORKER))
    day = np.maximum(calendar.business_day_on_or_before(month.day(8 + people.habit[who] % 18)), month.first)
    amount = people.income[who] / 12.0 * bank.ties.side_pay[who] * rng.normal(who, 1.0, 0.05)
    bank.book.add(bank.current[who], day, amount, Kind.SALARY, Channel.AUTOMATIC, people.habit[who] % OTHER_BANKS)
    np.add.at(bank.paid, who, amount)


def _pensions(bank: Bank, rng: CustomerStream) -> None:
    people, month = bank.people, bank.month
    who = bank.acting((people.occupation == PENSIONER) & bank.ties.income_here)
    day = np.maximum(calendar.business_day_on_or_before(month.day(people.payday[who])), month.first)
    amount = people.income[who] / 12.0 * (1 + rng.normal(who, 0.0, 0.003))
    _receive(bank, who, day, amount, Kind.PENSION, Channel.AUTOMATIC)


def _businesses(bank: Bank, rng: CustomerStream) -> None:
    """The self-employed: irregular payments from customers, and cash; no salary (a trap of 6.4)."""
    people = bank.people
    who = bank.acting((people.occupation == SELF_EMPLOYED) & bank.ties.income_here)
    year = bank.monthly_income[who] * rng.lognormal(who, -0.06, 0.35)
    rows = np.repeat(np.arange(len(who)), 1 + rng.poisson(who, 5.0))
    whose = who[rows]
    part = rng.gamma(whose, 1.5, 1.0)
    part = part / np.bincount(rows, part, minlength=len(who))[rows]
    cash = rng.chance(whose, 0.3)
    kind = np.where(cash, Kind.CASH_DEPOSIT, Kind.TRANSFER_IN)
    channel = np.where(cash, np.where(rng.chance(whose, 0.5), Channel.ATM, Channel.COUNTER), Channel.MOBILE)
    other = np.where(cash, NONE, some_bank(rng, whose, 0.6))
    amount = np.round(year[rows] * part, 0)
    bank.book.add(bank.current[whose], bank.days(rng, whose), amount, kind, channel, other)
    np.add.at(bank.paid, whose, amount)


def _families(bank: Bank, rng: CustomerStream) -> None:
    """Students and homemakers live on what their families send, from an account here where the family has one."""
    people = bank.people
    lives_on_it = (people.occupation == STUDENT) | (people.occupation == HOMEMAKER)
    who = bank.acting(lives_on_it & bank.ties.income_here)
    amount = round_to(bank.monthly_income[who] * rng.uniform(who, 0.8, 1.2), 50.0)
    day = bank.month.first + rng.integers(who, 0, 6)
    parent = people.parent[who]
    here = (parent >= 0) & bank.acts[parent] & (bank.ties.state[parent] <= SPLIT)
    other = np.where(here, NONE, some_bank(rng, who, 0.5))
    _receive(bank, who, day, amount, Kind.TRANSFER_IN, Channel.MOBILE, other)
    bank.book.add(bank.current[parent[here]], day[here], -amount[here], Kind.TRANSFER_OUT, Channel.MOBILE)


def _cash_wages(bank: Bank, rng: CustomerStream) -> None:
    """Workers paid in cash bring a part of it to the bank, when they have time (a trap of 6.4)."""
    who = bank.acting(bank.relation.cash_paid & (bank.ties.activity > 0.3))
    rows = np.repeat(who, rng.integers(who, 0, 3))
    amount = round_to(bank.monthly_income[rows] * rng.uniform(rows, 0.2, 0.6), 100.0)
    channel = np.where(rng.chance(rows, 0.6), Channel.ATM, Channel.COUNTER)
    bank.book.add(bank.current[rows], bank.days(rng, rows), amount, Kind.CASH_DEPOSIT, channel)
    np.add.at(bank.paid, rows, amount)


def _rents(bank: Bank, rng: CustomerStream) -> None:
    """Landlords receive round rents from a tenant at another bank: regular, own to no one (a trap of 6.4)."""
    who = bank.acting(bank.relation.landlord & (bank.ties.state <= 2))
    amount = np.maximum(round_to(bank.people.income[who] / 12 * 0.35, 100.0), 600.0)
    habit = bank.people.habit[who]
    day = bank.month.first + habit % 5
    bank.book.add(bank.current[who], day, amount, Kind.TRANSFER_IN, Channel.MOBILE, habit % OTHER_BANKS)


def _public_money(bank: Bank, rng: CustomerStream) -> None:
    """Unemployment benefits, housing-fund credits, and the yearly settlement of income tax."""
    people, month = bank.people, bank.month
    out_of_work = people.workless_until >= month.first
    who = bank.acting(out_of_work & bank.ties.income_here)
    day, amount = np.full(len(who), month.first + 19), np.round(people.income[who] / 12 * 0.25, 2)
    _receive(bank, who, day, amount, Kind.BENEFIT, Channel.AUTOMATIC)
    if month.quarter_end:
        who = bank.acting(working_here(bank) & (people.employer % 8 == 0))
        bank.book.add(bank.current[who], month.first + 12, people.income[who] * 0.02, Kind.BENEFIT, Channel.AUTOMATIC)
    if month.number in (4, 5):
        who = bank.acting((people.occupation == WORKER) & (bank.ties.state <= 1))
        who = who[rng.chance(who, 0.08)]
        amount = people.income[who] * rng.uniform(who, -0.006, 0.012)
        bank.book.add(bank.current[who], bank.days(rng, who), amount, Kind.TAX, Channel.ONLINE)


def _between_people(bank: Bank, rng: CustomerStream) -> None:
    """Transfers from friends, gifts at weddings, and red packets around New Year."""
    _gifts(bank, rng, rng.poisson(bank.everyone, 0.8 * bank.ties.activity * bank.acts), 0.03, None)
    weights = calendar.red_packet_weights(bank.month)
    if weights.sum() >= 3:
        _gifts(bank, rng, rng.poisson(bank.everyone, 2.0 * bank.ties.activity * bank.acts), 0.01, weights)


def _gifts(bank: Bank, rng: CustomerStream, counts: IntArray, income_share: float, weights: FloatArray | None) -> None:
    who = np.repeat(np.arange(bank.count), counts)
    mean = bank.people.income[who] / 12 * income_share * 2
    amount = np.maximum(round_to(mean * rng.lognormal(who, -0.5, 1.0), 10.0), 10.0)
    inside = bank.days(rng, who) if weights is None else bank.month.first + rng.days(who, weights)
    bank.book.add(bank.current[who], inside, amount, Kind.TRANSFER_IN, Channel.MOBILE, some_bank(rng, who, 0.4))
