"""Weddings, children, divorces, moves and inheritances, and what the bank sees of each (DOMAIN.md 6.2, 6.4)."""

from __future__ import annotations

import numpy as np

from segment.banks.simulator.accounts import CURRENT
from segment.banks.simulator.draws import NONE, BoolArray, CustomerStream, FloatArray, IntArray
from segment.banks.simulator.events import Channel, Kind
from segment.banks.simulator.opening import open_joint
from segment.banks.simulator.parameters import SPLIT
from segment.banks.simulator.state import Bank

CHILDBEARING_BANDS, OF_THAT_AGE = 2, 0.56
COUPLES = 0.45


def live_as_families(bank: Bank, rng: CustomerStream) -> BoolArray:
    """Let families change. Returns who moved away, and thinks about the main bank."""
    _marry(bank, rng)
    _have_children(bank, rng)
    _part(bank, rng)
    _inherit(bank, rng)
    return _move_away(bank, rng)


def _marry(bank: Bank, rng: CustomerStream) -> None:
    """Two customers become one household: gifts in cash, a feast to pay for, and for some a joint account."""
    people, month = bank.people, bank.month
    first = np.flatnonzero((people.wedding == month.index) & (people.betrothed > bank.everyone) & bank.acts)
    first = first[bank.acts[people.betrothed[first]]]
    second = people.betrothed[first]
    people.partner[first], people.partner[second] = second, first
    people.household[second] = people.household[first]
    both = np.sort(np.concatenate([first, second]))
    gifts = np.round(
        bank.parameters.life.wedding_gifts_to_income * people.income[both] * rng.uniform(both, 0.5, 1.5), -2
    )
    day = month.first + rng.integers(both, 3, 20)
    bank.book.add(bank.current[both], day, gifts, Kind.CASH_DEPOSIT, Channel.COUNTER)
    bank.book.add(bank.current[both], day + 3, -np.round(0.6 * gifts, -2), Kind.TRANSFER_OUT, Channel.MOBILE)
    shares = rng.chance(first, bank.parameters.people.couple_joint_account)
    shares &= (bank.accounts.joint[first] == NONE) & (bank.accounts.joint[second] == NONE)
    open_joint(bank, first[shares], second[shares], np.full(int(shares.sum()), month.first))
    bank.life.add(both, month.index, "marriage")


def _have_children(bank: Bank, rng: CustomerStream) -> None:
    """A grant comes in once, and one bill more from then on."""
    people, month, p = bank.people, bank.month, bank.parameters.life
    who = bank.acting(rng.chance(bank.everyone, p.child / OF_THAT_AGE / 12) & (people.age_band <= CHILDBEARING_BANDS))
    people.has_child[who] = True
    paid = who[bank.ties.income_here[who]]
    grant = np.round(p.birth_grant_to_income * people.income[paid], 2)
    bank.book.add(bank.current[paid], month.first + rng.integers(paid, 5, 25), grant, Kind.BENEFIT, Channel.AUTOMATIC)
    bills = bank.relation.now.bills
    bills[who] = np.where((bills[who] > 0) & (bills[who] < 5), bills[who] + 1, bills[who])
    bank.life.add(who, month.index, "child")


def _part(bank: Bank, rng: CustomerStream) -> None:
    """A household becomes two: the joint account is closed, and half of what one holds goes to the other."""
    people, month = bank.people, bank.month
    parts = rng.chance(bank.everyone, bank.parameters.life.divorce / COUPLES / 12) & (people.partner > bank.everyone)
    first = bank.acting(parts)
    first = first[bank.acts[people.partner[first]]]
    second = people.partner[first]
    people.partner[first], people.partner[second], people.household[second] = NONE, NONE, second
    bank.relation.elsewhere[first] *= 0.5
    half = np.floor(0.5 * np.maximum(bank.accounts.planned_of(CURRENT, first), 0.0))
    day = month.first + rng.integers(first, 1, 10)
    bank.book.add(bank.current[first], day, -half, Kind.TRANSFER_OUT, Channel.COUNTER)
    bank.book.add(bank.current[second], day, half, Kind.TRANSFER_IN, Channel.COUNTER)
    _close_joint(bank, first, second, day)
    bank.life.add(np.concatenate([first, second]), month.index, "divorce")


def _close_joint(bank: Bank, first: IntArray, second: IntArray, day: IntArray) -> None:
    joint = bank.accounts.joint[first]
    has = joint >= 0
    first, second, joint, day = first[has], second[has], joint[has], day[has]
    left = np.maximum(bank.accounts.planned[joint], 0.0)
    half: FloatArray = np.floor(left / 2)
    bank.book.add(joint, day, -left, Kind.TRANSFER_OUT, Channel.COUNTER)
    bank.book.add(bank.current[first], day, left - half, Kind.TRANSFER_IN, Channel.COUNTER)
    bank.book.add(bank.current[second], day, half, Kind.TRANSFER_IN, Channel.COUNTER)
    bank.accounts.close(joint, day)
    bank.accounts.joint[first] = bank.accounts.joint[second] = NONE


def _inherit(bank: Bank, rng: CustomerStream) -> None:
    p, people, month = bank.parameters.life, bank.people, bank.month
    heirs = bank.acting(rng.chance(bank.everyone, p.inheritance / 12))
    median, sigma = p.inheritance_to_income
    amount = people.income[heirs] * rng.lognormal(heirs, float(np.log(median)), sigma)
    main = bank.ties.state[heirs] <= SPLIT
    people.wealth_ratio[heirs] += amount / people.income[heirs]
    bank.relation.elsewhere[heirs[~main]] += amount[~main]
    day = month.first + rng.integers(heirs, 5, 25)
    bank.book.add(bank.current[heirs[main]], day[main], np.round(amount[main], -2), Kind.TRANSFER_IN, Channel.COUNTER)
    bank.life.add(heirs, month.index, "inheritance")


def _move_away(bank: Bank, rng: CustomerStream) -> BoolArray:
    """Another region: the home outlet stays, and is seldom seen any more."""
    people, regions = bank.people, int(bank.branches.region.max()) + 1
    moves = bank.acts & rng.chance(bank.everyone, bank.parameters.life.migration / 12)
    who = np.flatnonzero(moves)
    people.region[who] = (people.region[who] + rng.integers(who, 1, max(regions, 2))) % regions
    people.heaviness[who] *= 0.2
    bank.life.add(who, bank.month.index, "migration")
    return moves
