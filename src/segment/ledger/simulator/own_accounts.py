"""Moves between a customer's own accounts, here and at other banks.

A move within this bank is an own transfer whose counterparty bank is null; one to or from another bank names it.
"""

from __future__ import annotations

import numpy as np

from segment.ledger.simulator.accounts import SAVINGS
from segment.ledger.simulator.draws import NONE, FloatArray, IntArray
from segment.ledger.simulator.events import Channel, Kind
from segment.ledger.simulator.state import Bank


def own_transfer(bank: Bank, who: IntArray, day: IntArray, amount: FloatArray, other: IntArray) -> None:
    """Move money to (negative) or from (positive) the customer's own account at another bank."""
    kind = np.where(amount > 0, Kind.OWN_TRANSFER_IN, Kind.OWN_TRANSFER_OUT)
    channel = np.where(bank.people.habit[who] % 10 < 8, Channel.MOBILE, Channel.ONLINE)
    bank.book.add(bank.current[who], day, amount, kind, channel, other)
    bank.take_elsewhere(who, amount)


def withdraw_savings(bank: Bank, who: IntArray, amount: FloatArray, day: int | IntArray) -> None:
    """Move money from savings to the current account, as far as there is any."""
    savings = bank.accounts.of[SAVINGS, who]
    available = np.minimum(
        bank.accounts.planned_of(SAVINGS, who), np.where(savings >= 0, bank.accounts.balance[savings], 0)
    )
    moved = np.where(savings >= 0, np.clip(amount, 0.0, np.maximum(available, 0.0)), 0.0).round(2)
    bank.book.add(savings, day, -moved, Kind.OWN_TRANSFER_OUT, Channel.MOBILE)
    bank.book.add(np.where(savings >= 0, bank.current[who], NONE), day, moved, Kind.OWN_TRANSFER_IN, Channel.MOBILE)
