"""Money put aside at this bank: savings, term deposits, investments, and large single flows (DOMAIN.md 6.4)."""

from __future__ import annotations

import numpy as np

from segment.ledger.simulator import calendar
from segment.ledger.simulator.accounts import CURRENT, SAVINGS, TERM, WEALTH
from segment.ledger.simulator.draws import NONE, FloatArray, Generator, IntArray, chance, round_to
from segment.ledger.simulator.events import OTHER_BANKS, Channel, Kind
from segment.ledger.simulator.opening import TERMS, term_rate
from segment.ledger.simulator.own_accounts import own_transfer, withdraw_savings
from segment.ledger.simulator.parameters import ELSEWHERE, MAIN_HERE
from segment.ledger.simulator.state import Bank


def refill_from_savings(bank: Bank) -> None:
    """Draw on savings when the current account will not do for the month."""
    planned = bank.accounts.planned_of(CURRENT, np.arange(bank.count))
    need = bank.monthly_income * 0.6 * bank.ties.spend_share - planned
    who = bank.acting((need > 50.0) & (bank.accounts.of[SAVINGS] >= 0))
    withdraw_savings(bank, who, np.ceil(need[who] / 100) * 100, bank.month.first + 1)


def save(bank: Bank) -> None:
    """Put aside what the month leaves: to savings, term deposits and investments at this bank."""
    rng = bank.rng["saving"]
    _lumps(bank, rng)
    here = bank.liquid_here()
    target = np.maximum(bank.relation.demand_share * here, bank.monthly_income * 0.5 * bank.ties.spend_share)
    excess = bank.accounts.planned_of(CURRENT, np.arange(bank.count)) - target
    busy = calendar.deposit_weights(bank.month).mean()
    often = np.where(bank.ties.state == MAIN_HERE, 0.5, 0.2) * busy * (bank.ties.state <= ELSEWHERE)
    who = bank.acting((excess > 1_000.0) & chance(rng, np.minimum(often, 0.95)) & ~bank.ties.sweeps)
    _open_savings(bank, who[bank.accounts.of[SAVINGS, who] == NONE])
    amount = round_to(excess[who] * rng.uniform(0.4, 0.9, len(who)), 100.0)
    day = np.minimum(bank.pay_day[who] + rng.integers(1, 6, len(who)), bank.month.last)
    _to_product(bank, who, SAVINGS, amount, day, Kind.OWN_TRANSFER_OUT, Kind.OWN_TRANSFER_IN)


def _open_savings(bank: Bank, who: IntArray) -> None:
    first = np.full(len(who), bank.month.first, dtype=np.int64)
    bank.accounts.open(SAVINGS, who, first, rate=bank.parameters.product.rate_savings)


def _to_product(
    bank: Bank, who: IntArray, product: int, amount: FloatArray, day: IntArray, out: Kind, into: Kind
) -> None:
    bank.book.add(bank.current[who], day, -amount, out, Channel.MOBILE)
    bank.book.add(bank.accounts.of[product, who], day, amount, into, Channel.MOBILE)


def _lumps(bank: Bank, rng: Generator) -> None:
    """Large single flows, in and out alike: a car, tuition, a bonus, a sale. They move balances by σ .35 a year."""
    p, month = bank.parameters.money, bank.month
    here = bank.accounts.planned_of(CURRENT, np.arange(bank.count)) + bank.accounts.planned_of(
        SAVINGS, np.arange(bank.count)
    )
    lump = bank.acting((here > 1_000.0) & chance(rng, np.full(bank.count, 2 * p.lump_monthly)) & (bank.ties.state <= 2))
    out = rng.random(len(lump)) < 0.5
    amount = round_to(here[lump] * rng.uniform(*p.lump_share, len(lump)), 100.0)
    day = month.first + rng.integers(10, 26, len(lump))
    who, spent = lump[out], amount[out]
    withdraw_savings(bank, who, spent - 0.6 * bank.accounts.planned_of(CURRENT, who), month.first + 9)
    spent = np.minimum(spent, round_to(0.8 * np.maximum(bank.accounts.planned_of(CURRENT, who), 0.0), 100.0))
    other = np.where(rng.random(len(who)) < 0.6, rng.integers(0, OTHER_BANKS, len(who)), NONE)
    bank.book.add(bank.current[who], day[out], -spent, Kind.TRANSFER_OUT, Channel.MOBILE, other)
    who = lump[~out]
    other = np.where(rng.random(len(who)) < 0.6, rng.integers(0, OTHER_BANKS, len(who)), NONE)
    bank.book.add(bank.current[who], day[~out], amount[~out], Kind.TRANSFER_IN, Channel.MOBILE, other)
    drift = rng.normal(0.0, p.elsewhere_sigma_monthly, bank.count)
    bank.relation.elsewhere *= np.exp(np.where(bank.acts, drift - p.elsewhere_sigma_monthly**2 / 2, 0.0))


def invest(bank: Bank) -> None:
    """Renew or drain term deposits that mature, open new ones, buy and sell investments, and revalue them."""
    rng = bank.rng["saving"]
    _mature(bank, rng)
    _open_terms(bank, rng)
    _trade(bank, rng)
    _revalue(bank, rng)


def _mature(bank: Bank, rng: Generator) -> None:
    accounts, month = bank.accounts, bank.month
    account = accounts.of[TERM]
    due = (account >= 0) & (accounts.maturity[account] >= month.first) & (accounts.maturity[account] <= month.last)
    who = bank.acting(due)
    account = account[who]
    day = accounts.maturity[account]
    interest = np.round(accounts.balance[account] * accounts.rate[account] * accounts.due_day[account] / 12, 2)
    bank.book.add(account, day, interest, Kind.INTEREST_CREDIT, Channel.AUTOMATIC)
    leaves = chance(rng, np.where(bank.ties.state[who] == MAIN_HERE, 0.20, 0.35))
    months = TERMS[rng.integers(0, len(TERMS), len(who))]
    stays = account[~leaves]
    accounts.due_day[stays], accounts.rate[stays] = months[~leaves], term_rate(bank, rng, months[~leaves])
    accounts.maturity[stays] = day[~leaves] + (months[~leaves] * 30.44).astype(np.int64)
    gone, owner, day = account[leaves], who[leaves], day[leaves]
    amount = accounts.planned[gone]
    bank.book.add(gone, day, -amount, Kind.OWN_TRANSFER_OUT, Channel.AUTOMATIC)
    bank.book.add(bank.current[owner], day, amount, Kind.OWN_TRANSFER_IN, Channel.AUTOMATIC)
    accounts.close(gone, day)
    drains = bank.ties.linked[owner] & chance(rng, np.where(bank.ties.state[owner] == ELSEWHERE, 0.7, 0.25))
    own_transfer(
        bank,
        owner[drains],
        day[drains] + rng.integers(0, 10, int(drains.sum())),
        -round_to(amount[drains], 100.0),
        bank.ties.bank[owner[drains]],
    )


def _open_terms(bank: Bank, rng: Generator) -> None:
    accounts = bank.accounts
    savings = accounts.planned_of(SAVINGS, np.arange(bank.count))
    can = (savings > 20_000) & (accounts.of[TERM] == NONE) & chance(rng, np.full(bank.count, 0.12))
    who = bank.acting(can)
    amount = round_to(np.minimum(savings[who], accounts.balance[accounts.of[SAVINGS, who]]) * 0.6, 1000.0)
    who, amount = who[amount > 0], amount[amount > 0]
    day = bank.month.first + rng.integers(3, 20, len(who))
    withdraw_savings(bank, who, amount, day)
    account = accounts.open(TERM, who, day)
    months = TERMS[rng.integers(0, len(TERMS), len(who))]
    accounts.rate[account], accounts.due_day[account] = term_rate(bank, rng, months), months
    accounts.maturity[account] = day + (months * 30.44).astype(np.int64)
    _to_product(bank, who, TERM, amount, day, Kind.OWN_TRANSFER_OUT, Kind.OWN_TRANSFER_IN)


def _trade(bank: Bank, rng: Generator) -> None:
    accounts, p = bank.accounts, bank.parameters.relation
    here = bank.liquid_here()
    held = accounts.planned_of(WEALTH, np.arange(bank.count))
    fits = (here + bank.relation.elsewhere > p.wealth_from) & (here > 8_000)
    target = np.where(fits, here * bank.relation.wealth_share * (1 - bank.relation.demand_share), 0.0)
    free = 0.7 * np.maximum(accounts.planned_of(CURRENT, np.arange(bank.count)), 0.0)
    buys = (target - held > 5_000) & (free > 1_000) & chance(rng, np.full(bank.count, 0.12))
    who = bank.acting(buys)
    new = who[accounts.of[WEALTH, who] == NONE]
    accounts.open(WEALTH, new, np.full(len(new), bank.month.first, dtype=np.int64))
    amount = round_to(np.minimum((target - held)[who], free[who]) * rng.uniform(0.5, 1.0, len(who)), 100.0)
    day = bank.month.first + rng.integers(12, 27, len(who))
    _to_product(bank, who, WEALTH, amount, day, Kind.INVESTMENT_BUY, Kind.INVESTMENT_BUY)
    sells = ~buys & (held > 2_000) & chance(rng, np.where(held > 1.4 * target, 0.15, 0.02))
    who = bank.acting(sells)
    amount = round_to(held[who] * rng.uniform(0.1, 0.6, len(who)), 100.0)
    day = bank.month.first + rng.integers(2, 20, len(who))
    _to_product(bank, who, WEALTH, -amount, day, Kind.INVESTMENT_SELL, Kind.INVESTMENT_SELL)


def _revalue(bank: Bank, rng: Generator) -> None:
    """Book the month's gain or loss on investments, the same market for all and a part of one's own."""
    account = bank.accounts.of[WEALTH]
    who = np.flatnonzero((account >= 0) & (bank.people.left > bank.month.last))
    market = bank.parameters.product.rate_wealth_growth / 12 + rng.normal(0.0, 0.008)
    gain = bank.accounts.balance[account[who]] * (market + rng.normal(0.0, 0.004, len(who)))
    bank.book.add(account[who], bank.month.last, gain, Kind.OTHER, Channel.AUTOMATIC)
