"""Arrears that are caught up with or become defaults, and defaults that are cured or written off (DOMAIN.md 3.10)."""

# The chance to miss a first instalment is such that the yearly rate of default is that of 1.4. In the month of a
# write-off the ledger shows a debt that is gone and still past due; what is paid back later comes to the debt's own
# account and leaves it the same day, because the books no longer hold the debt.

from __future__ import annotations

import numpy as np

from segment.banks.simulator.accounts import CARD, CONSUMER, DEBTS, DEFAULT_DAYS, MORTGAGE
from segment.banks.simulator.draws import BoolArray, CustomerStream, IntArray
from segment.banks.simulator.events import Channel, Kind
from segment.banks.simulator.state import Bank

CURES = (0.60, 0.45, 0.30, 0.06)
"""Chance to catch up after one, two, three, and more missed instalments."""
REACHES_DEFAULT = (1 - CURES[0]) * (1 - CURES[1]) * (1 - CURES[2])

WRITTEN_OFF_DAYS = {MORTGAGE: 720, CONSUMER: 360, CARD: 180}
SOLD_FOR = {MORTGAGE: 0.75, CONSUMER: 0.0, CARD: 0.0}
"""What the collateral brings, of the debt."""
WORKLESS_MISS = 6.0
WORKLESS_MEAN = 1.11
"""How much likelier people out of work miss an instalment, and what that makes of the mean."""
CLAIM_MONTHS = 24
RECOVERY_MONTHLY, RECOVERED_FROM, RECOVERED_TO = 0.05, 0.05, 0.25


def pays(bank: Bank, rng: CustomerStream, owner: IntArray, account: IntArray, default_annual: float) -> BoolArray:
    """Draw who pays this month; note the day since which the others are late."""
    late_since = bank.accounts.overdue[account]
    missed = np.clip((bank.month.first - late_since) // 30, 0, len(CURES) - 1)
    fails = default_annual / 12.0 / REACHES_DEFAULT * bank.people.risk[owner]
    fails *= np.where(bank.people.workless_until[owner] >= bank.month.first, WORKLESS_MISS, 1.0) / WORKLESS_MEAN
    paid = rng.random(owner) < np.where(late_since > 0, np.array(CURES)[missed], 1.0 - np.minimum(fails, 0.5))
    due = bank.month.day(bank.accounts.due_day[account])
    bank.accounts.overdue[account] = np.where(paid, 0, np.where(late_since > 0, late_since, due))
    return paid


def in_default(bank: Bank, account: IntArray) -> BoolArray:
    """Accounts that are ninety days late at the month's beginning: no more interest is charged."""
    since = bank.accounts.overdue[account]
    late: BoolArray = (since > 0) & (bank.month.first - since >= DEFAULT_DAYS)
    return late


def settle_losses(bank: Bank) -> None:
    """Write off what has been past due for too long, and take in what is paid back of earlier losses."""
    accounts, month, people = bank.accounts, bank.month, bank.people
    size = accounts.size
    lost = np.flatnonzero((accounts.lost[:size] >= 0) & (accounts.closed[:size] > month.last))
    accounts.overdue[lost] = 0
    _recover(bank, lost)
    debts = np.flatnonzero(np.isin(accounts.product[:size], DEBTS) & (accounts.overdue[:size] > 0))
    owner = accounts.owner[debts]
    here = people.left[owner] > month.last
    product = accounts.product[debts]
    limit = np.select([product == code for code in DEBTS], [WRITTEN_OFF_DAYS[code] for code in DEBTS])
    due = here & (month.last - accounts.overdue[debts] >= limit) & (accounts.planned[debts] < 0)
    _write_off(bank, debts[due])


def _write_off(bank: Bank, account: IntArray) -> None:
    accounts, day = bank.accounts, bank.month.day(np.full(len(account), 25))
    product = accounts.product[account]
    debt = -accounts.planned[account]
    sold = np.round(debt * np.select([product == code for code in DEBTS], [SOLD_FOR[code] for code in DEBTS]), 2)
    bank.book.add(account, day, sold, Kind.LOAN_PAYMENT, Channel.COUNTER)
    bank.book.add(account, day, debt - sold, Kind.OTHER, Channel.AUTOMATIC)
    accounts.lost[account] = day
    accounts.arrears[account] = debt - sold
    bank.life.add(accounts.owner[account], bank.month.index, "written_off")


def _recover(bank: Bank, account: IntArray) -> None:
    """Some pay a part of an old claim; after two years it is given up, and the account closed."""
    accounts, month, rng = bank.accounts, bank.month, bank.rng["lending"]
    old = month.last - accounts.lost[account] > CLAIM_MONTHS * 30.44
    accounts.close(account[old], np.full(int(old.sum()), month.last))
    account = account[~old]
    owner = accounts.owner[account]
    paid = rng.chance(owner, RECOVERY_MONTHLY) & bank.acts[owner] & (bank.current[owner] >= 0)
    part = rng.uniform(owner, RECOVERED_FROM, RECOVERED_TO)
    amount = np.round(np.where(paid, part * accounts.arrears[account], 0.0), 2)
    day = month.first + rng.integers(owner, 2, 26)
    bank.book.add(bank.current[owner], day, -amount, Kind.LOAN_PAYMENT, Channel.COUNTER)
    bank.book.add(account, day, amount, Kind.LOAN_PAYMENT, Channel.COUNTER)
    bank.book.add(account, day, -amount, Kind.OTHER, Channel.AUTOMATIC)
    accounts.arrears[account] -= amount
