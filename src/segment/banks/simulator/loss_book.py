"""The losses on debts in the bank's own books (DOMAIN.md 1.4, 3.10)."""

# A debt that is kept well bears the loss expected of a month. One that is ninety days late bears the loss given
# default, once: what its allowance lacks of it. When less is owed, or the debt is cured, that much comes back; a
# write-off changes nothing any more; what is paid afterwards comes back in proportion.

from __future__ import annotations

import numpy as np

from segment.banks.simulator.accounts import DEBTS, DEFAULT_DAYS, Accounts
from segment.banks.simulator.calendar import Month
from segment.banks.simulator.draws import BoolArray, FloatArray, IntArray
from segment.banks.simulator.events import Columns, Kind

CHANCE_ANNUAL = np.array([0.0, 0.0, 0.0, 0.0, 0.005, 0.020, 0.025, 0.0])
LOSS_GIVEN_DEFAULT = np.array([0.0, 0.0, 0.0, 0.0, 0.20, 0.60, 0.70, 0.0])
MATERIAL, TECHNICAL_DAYS, CURE_MONTHS = 800.0, 7, 6


class LossBook:
    """The allowance for each debt, carried from month to month."""

    def __init__(self) -> None:
        self._allowance: FloatArray = np.zeros(0)
        self._owed: FloatArray = np.zeros(0)
        self._kept: IntArray = np.zeros(0, dtype=np.int64)  # months in a row in which nothing was overdue
        self._default: BoolArray = np.zeros(0, dtype=np.bool_)
        self._off: BoolArray = np.zeros(0, dtype=np.bool_)  # written off in an earlier month

    def _grow(self, size: int) -> None:
        for name in ("_allowance", "_owed", "_kept", "_default", "_off"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros(size - len(old), dtype=old.dtype)]))

    def month(
        self, accounts: Accounts, month: Month, live: IntArray, average: FloatArray, late: IntArray, booked: Columns
    ) -> FloatArray:
        """Carry every debt on by a month: what is booked for each account, less what comes back."""
        size = accounts.size
        self._grow(size)
        product, closed = accounts.product[:size], accounts.closed[:size] <= month.last
        seen, owed, days = (
            np.zeros(size, dtype=np.bool_),
            np.where(closed, 0.0, self._owed),
            np.zeros(size, dtype=np.int64),
        )
        seen[live], owed[live], days[live] = True, np.maximum(-average, 0.0), late
        most = np.maximum(owed, self._owed)
        unpaid = (days >= DEFAULT_DAYS) | ~seen & (self._kept == 0)
        self._kept = np.where(days > TECHNICAL_DAYS, 0, self._kept + 1)
        default = (days >= DEFAULT_DAYS) & (most >= MATERIAL) | self._default & (self._kept <= CURE_MONTHS)
        gone = unpaid & (closed | seen & (accounts.balance[:size] >= 0.0))
        at_risk = np.where(gone, most, owed)
        needed = LOSS_GIVEN_DEFAULT[product] * at_risk
        monthly = CHANCE_ANNUAL[product] / 12 * LOSS_GIVEN_DEFAULT[product] * np.where(seen, owed, 0.0)
        had, before = self._default, self._allowance
        new = [monthly - before * had, np.maximum(needed - before, 0.0), np.minimum(needed - before, 0.0)]
        change = np.select([~default, ~had], new[:2], new[2])
        after = np.select(
            [~default, ~had],
            [np.where(had | (owed == 0.0), 0.0, before) + monthly, needed],
            np.minimum(before, needed),
        )
        back = self._paid_back(booked, size) * np.divide(before, self._owed, out=np.zeros(size), where=self._owed > 0)
        off = self._off
        change = np.where(off, -back, change)
        self._allowance, self._owed = np.where(off, before, after), np.where(off, self._owed, at_risk)
        self._off, self._default = off | default & gone, default & ~off
        return np.where(np.isin(product, DEBTS), change, 0.0)

    def _paid_back(self, booked: Columns, size: int) -> FloatArray:
        pays = (booked.kind == Kind.LOAN_PAYMENT) & (booked.amount > 0)
        return np.bincount(booked.account[pays], booked.amount[pays], size).astype(np.float64)
