"""Customers who end the relation, and estates that are settled: what is owed is repaid, what is left is paid out."""

from __future__ import annotations

import numpy as np

from segment.ledger.simulator.accounts import CURRENT, PRODUCTS
from segment.ledger.simulator.draws import IntArray, chance
from segment.ledger.simulator.events import Channel, Kind
from segment.ledger.simulator.state import Bank


def leave(bank: Bank) -> None:
    """Close the relations that end this month: those who go, and estates four to eight months after a death."""
    rng, people, month = bank.rng["life"], bank.people, bank.month
    rate = np.array(bank.parameters.relation.leave_annual)[bank.ties.state] / 12
    settled = bank.relation.progress(month.index) >= 1.0
    goes = bank.acting(chance(rng, rate) & settled & (bank.accounts.joint < 0))
    wait = 120 + people.habit % 120
    unsettled = (people.died < month.first) & (people.left > month.last)
    estate = np.flatnonzero(unsettled & (people.died + wait <= month.last))
    bank.acts[goes] = False
    bank.life.add(goes, month.index, "left")
    _close(bank, np.concatenate([goes, estate]))


def _close(bank: Bank, who: IntArray) -> None:
    """Empty and close every account of a customer on one day, late enough for all that was under way."""
    rng, month = bank.rng["life"], bank.month
    day = month.first + rng.integers(14, month.days, len(who))
    current = bank.current[who]
    for product in range(len(PRODUCTS)):
        if product == CURRENT:
            continue
        account = bank.accounts.of[product, who]
        held = account >= 0
        _settle(bank, account[held], current[held], day[held])
        bank.accounts.close(account[held], day[held])
    held = current >= 0
    left_over = np.where(held, bank.accounts.planned[current], 0.0)
    kind = np.where(left_over > 0, Kind.TRANSFER_OUT, Kind.TRANSFER_IN)
    bank.book.add(current, day, -left_over, kind, Channel.COUNTER, bank.ties.bank[who])
    bank.accounts.close(current[held], day[held])
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
