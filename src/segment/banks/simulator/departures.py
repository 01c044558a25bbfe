"""Departures: customers who end the relation or bank mainly elsewhere, and estates (DOMAIN.md 3.7, 6.3)."""

# A customer who makes up their mind either shows it for some months - money, payments and visits move away bit by bit,
# then bills, in the last month the pay, and some complain - or goes without a sign. The share of each stands in
# `RelationParameters.departures_with_signs`.

from __future__ import annotations

import numpy as np

from segment.banks.simulator.accounts import CURRENT, DEBTS, PRODUCTS
from segment.banks.simulator.draws import NONE, BoolArray, FloatArray, IntArray
from segment.banks.simulator.events import Channel, Kind
from segment.banks.simulator.life import move_to
from segment.banks.simulator.parameters import ELSEWHERE, SPLIT, STATES
from segment.banks.simulator.state import Bank

LEAVES = len(STATES)
"""The goal of those who end the relation, beside the states."""


def decide(bank: Bank) -> None:
    """Let customers make up their minds to go: soon and with signs of it, or at once."""
    rng, p, relation, everyone = bank.rng["departures"], bank.parameters.relation, bank.relation, bank.everyone
    index, state = bank.month.index, relation.now.state
    free = bank.acts & (relation.progress(index) >= 1.0) & (relation.goal == NONE) & ~owes_overdue(bank)
    inclined = _inclination(bank) / 12
    ends = free & (bank.accounts.joint == NONE)
    ends &= rng.chance(everyone, np.array(p.leave_annual)[state] * inclined)
    may_move = free & ~ends & (state <= SPLIT)
    moves = may_move & rng.chance(everyone, np.array(p.away_annual)[state] * inclined)
    partner = bank.people.partner
    moves |= may_move & (partner >= 0) & moves[partner] & rng.chance(everyone, p.partner_follows)
    goes = np.flatnonzero(ends | moves)
    signs = rng.chance(goes, p.departures_with_signs)
    low, high = p.signs_months
    relation.goal[goes] = np.where(ends[goes], LEAVES, ELSEWHERE)
    relation.decided[goes] = index
    relation.departs[goes] = index + np.where(signs, rng.integers(goes, low, high + 1), 0)
    bank.ties = relation.in_effect(index)
    bank.life.add(goes[signs], index, "signs_begin")


def owes_overdue(bank: Bank) -> BoolArray:
    """Who is late with a debt here: nobody of them goes."""
    owes = np.zeros(bank.count, dtype=np.bool_)
    for product in DEBTS:
        account = bank.accounts.by_owner[product]
        owes |= (account >= 0) & (bank.accounts.overdue[account] > 0)
    return owes


def _inclination(bank: Bank) -> FloatArray:
    """How much likelier than on average a customer goes: in the first year, when young, or when well off (3.8)."""
    p, people, first = bank.parameters.relation, bank.people, bank.month.first
    age = people.age_on(first)
    factor = np.where(first - people.joined < 365, p.first_year_leaves, 1.0)
    factor *= np.where(age < 25, 1.5, np.where(age >= 65, 0.4, 1.0))
    factor *= np.where(people.income > p.well_off_from, 1.5, 1.0)
    factor *= np.where(bank.in_force.served_until > bank.month.index, 1.0 - bank.in_force.calmed, 1.0)
    inclined: FloatArray = factor / p.mean_inclination
    return inclined


def departures_annual(bank: Bank) -> tuple[FloatArray, FloatArray]:
    """The chances that a customer decides within a year to end the relation, or to move the main bank away."""
    p, state = bank.parameters.relation, bank.relation.now.state
    alone, inclined = bank.acts & (bank.accounts.joint == NONE), _inclination(bank)
    leaves: FloatArray = np.array(p.leave_annual)[state] * inclined
    moves: FloatArray = np.array(p.away_annual)[state] * inclined
    return np.where(alone, leaves, 0.0), np.where(bank.acts, moves, 0.0)


def depart(bank: Bank) -> None:
    """Let go those whose month has come, and settle estates four to eight months after a death."""
    people, month, relation = bank.people, bank.month, bank.relation
    due = bank.acts & (relation.goal != NONE) & (relation.departs <= month.index)
    goes = np.flatnonzero(due & (relation.goal == LEAVES) & (bank.accounts.joint == NONE))
    moves = np.flatnonzero(due & (relation.goal == ELSEWHERE))
    move_to(bank, bank.rng["departures"], moves, ELSEWHERE)
    relation.goal[due] = NONE
    bank.ties = relation.in_effect(month.index)
    wait = 120 + people.habit % 120
    unsettled = (people.died < month.first) & (people.left > month.last)
    estate = np.flatnonzero(unsettled & (people.died + wait <= month.last))
    bank.acts[goes] = False
    bank.life.add(goes, month.index, "left")
    _close(bank, np.concatenate([goes, estate]))


def _close(bank: Bank, who: IntArray) -> None:
    """Empty and close every account of a customer on one day, late enough for all that was under way."""
    rng, month = bank.rng["departures"], bank.month
    day = month.first + rng.integers(who, 14, month.days)
    current = bank.current[who]
    for product in range(len(PRODUCTS)):
        if product == CURRENT:
            continue
        account = bank.accounts.by_owner[product, who]
        has = account >= 0
        _settle(bank, account[has], current[has], day[has])
        bank.accounts.close(account[has], day[has])
    has = current >= 0
    left_over = np.where(has, bank.accounts.planned[current], 0.0)
    kind = np.where(left_over > 0, Kind.TRANSFER_OUT, Kind.TRANSFER_IN)
    bank.book.add(current, day, -left_over, kind, Channel.COUNTER, bank.ties.bank[who])
    bank.accounts.close(current[has], day[has])
    bank.people.left[who] = day


def _settle(bank: Bank, account: IntArray, current: IntArray, day: IntArray) -> None:
    """Bring what stands on an account to the current account, or repay what it owes from there."""
    standing = bank.accounts.planned[account]
    owes = standing < 0
    bank.book.add(account[~owes], day[~owes], -standing[~owes], Kind.OWN_TRANSFER_OUT, Channel.COUNTER)
    bank.book.add(current[~owes], day[~owes], standing[~owes], Kind.OWN_TRANSFER_IN, Channel.COUNTER)
    bank.book.add(account[owes], day[owes], -standing[owes], Kind.LOAN_PAYMENT, Channel.COUNTER)
    bank.book.add(current[owes], day[owes], -standing[owes], Kind.TRANSFER_IN, Channel.COUNTER)
    bank.book.add(current[owes], day[owes], standing[owes], Kind.LOAN_PAYMENT, Channel.COUNTER)
