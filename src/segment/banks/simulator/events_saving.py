"""Money put aside at this bank: savings, term deposits, investments, and large single flows (DOMAIN.md 6.4)."""

from __future__ import annotations

import numpy as np

from segment.banks.simulator import calendar
from segment.banks.simulator.accounts import CURRENT, SAVINGS, TERM, WEALTH
from segment.banks.simulator.draws import NONE, CustomerStream, FloatArray, IntArray, round_to
from segment.banks.simulator.events import Channel, Kind, some_bank
from segment.banks.simulator.opening import TERMS, term_rate
from segment.banks.simulator.parameters import ELSEWHERE, MAIN_HERE
from segment.banks.simulator.state import Bank


def refill_from_savings(bank: Bank) -> None:
    """Draw on savings when the current account will not do for the month."""
    planned = bank.accounts.planned_of(CURRENT)
    need = bank.monthly_income * 0.6 * bank.ties.spend_share - planned
    who = bank.acting((need > 50.0) & (bank.accounts.by_owner[SAVINGS] >= 0))
    bank.withdraw_savings(who, np.ceil(need[who] / 100) * 100, bank.month.first + 1)


def save(bank: Bank) -> None:
    """Put aside what the month leaves: to savings, term deposits and investments at this bank."""
    rng = bank.rng["saving"]
    _lumps(bank, rng)
    here = bank.liquid_here()
    target = np.maximum(bank.relation.demand_share * here, bank.monthly_income * 0.5 * bank.ties.spend_share)
    excess = bank.accounts.planned_of(CURRENT) - target
    busy = calendar.deposit_weights(bank.month).mean()
    often = np.where(bank.ties.state == MAIN_HERE, 0.5, 0.2) * busy * (bank.ties.state <= ELSEWHERE)
    who = bank.acting((excess > 1_000.0) & rng.chance(bank.everyone, np.minimum(often, 0.95)) & ~bank.ties.sweeps)
    _open_savings(bank, who[bank.accounts.by_owner[SAVINGS, who] == NONE])
    amount = round_to(excess[who] * rng.uniform(who, 0.4, 0.9), 100.0)
    day = np.minimum(bank.pay_day[who] + rng.integers(who, 1, 6), bank.month.last)
    _to_product(bank, who, SAVINGS, amount, day, Kind.OWN_TRANSFER_OUT, Kind.OWN_TRANSFER_IN)


def _open_savings(bank: Bank, who: IntArray) -> None:
    first = np.full(len(who), bank.month.first, dtype=np.int64)
    bank.accounts.open(SAVINGS, who, first, rate=bank.parameters.product.rate_savings)


def _to_product(
    bank: Bank, who: IntArray, product: int, amount: FloatArray, day: IntArray, out: Kind, into: Kind
) -> None:
    bank.book.add(bank.current[who], day, -amount, out, Channel.MOBILE)
    bank.book.add(bank.accounts.by_owner[product, who], day, amount, into, Channel.MOBILE)


def _lumps(bank: Bank, rng: CustomerStream) -> None:
    """Large single flows, in and out alike: a car, tuition, a bonus, a sale. They move balances by σ .35 a year."""
    p, month = bank.parameters.money, bank.month
    here = bank.accounts.planned_of(CURRENT) + bank.accounts.planned_of(SAVINGS, np.arange(bank.count))
    lump = bank.acting((here > 1_000.0) & rng.chance(bank.everyone, 2 * p.lump_monthly) & (bank.ties.state <= 2))
    out = rng.chance(lump, 0.5)
    amount = round_to(here[lump] * rng.uniform(lump, *p.lump_share), 100.0)
    day = month.first + rng.integers(lump, 10, 26)
    who, spent = lump[out], amount[out]
    bank.withdraw_savings(who, spent - 0.6 * bank.accounts.planned_of(CURRENT, who), month.first + 9)
    spent = np.minimum(spent, round_to(0.8 * np.maximum(bank.accounts.planned_of(CURRENT, who), 0.0), 100.0))
    other = some_bank(rng, who, 0.6)
    bank.book.add(bank.current[who], day[out], -spent, Kind.TRANSFER_OUT, Channel.MOBILE, other)
    who = lump[~out]
    other = some_bank(rng, who, 0.6)
    bank.book.add(bank.current[who], day[~out], amount[~out], Kind.TRANSFER_IN, Channel.MOBILE, other)
    drift = rng.normal(bank.everyone, 0.0, p.elsewhere_sigma_monthly)
    bank.relation.elsewhere *= np.exp(np.where(bank.acts, drift - p.elsewhere_sigma_monthly**2 / 2, 0.0))


def invest(bank: Bank) -> None:
    """Renew or drain term deposits that mature, open new ones, buy and sell investments, and revalue them."""
    rng = bank.rng["saving"]
    _mature(bank, rng)
    _open_terms(bank, rng)
    _trade(bank, rng)
    _revalue(bank, rng)


def _mature(bank: Bank, rng: CustomerStream) -> None:
    accounts, month = bank.accounts, bank.month
    account = accounts.by_owner[TERM]
    due = (account >= 0) & (accounts.maturity[account] >= month.first) & (accounts.maturity[account] <= month.last)
    who = bank.acting(due)
    account = account[who]
    day = accounts.maturity[account]
    interest = np.round(accounts.balance[account] * accounts.rate[account] * accounts.due_day[account] / 12, 2)
    bank.book.add(account, day, interest, Kind.INTEREST_CREDIT, Channel.AUTOMATIC)
    leaves = rng.chance(who, np.where(bank.ties.state[who] == MAIN_HERE, 0.20, 0.35))
    months = TERMS[rng.integers(who, 0, len(TERMS))]
    stays = account[~leaves]
    accounts.due_day[stays], accounts.rate[stays] = months[~leaves], term_rate(bank, rng, who[~leaves], months[~leaves])
    accounts.maturity[stays] = day[~leaves] + (months[~leaves] * 30.44).astype(np.int64)
    gone, owner, day = account[leaves], who[leaves], day[leaves]
    amount = accounts.planned[gone]
    bank.book.add(gone, day, -amount, Kind.OWN_TRANSFER_OUT, Channel.AUTOMATIC)
    bank.book.add(bank.current[owner], day, amount, Kind.OWN_TRANSFER_IN, Channel.AUTOMATIC)
    accounts.close(gone, day)
    drains = bank.ties.linked[owner] & rng.chance(owner, np.where(bank.ties.state[owner] == ELSEWHERE, 0.7, 0.25))
    bank.own_transfer(
        owner[drains],
        day[drains] + rng.integers(owner[drains], 0, 10),
        -round_to(amount[drains], 100.0),
        bank.ties.bank[owner[drains]],
    )


def _open_terms(bank: Bank, rng: CustomerStream) -> None:
    accounts = bank.accounts
    savings = accounts.planned_of(SAVINGS)
    can = (savings > 20_000) & (accounts.by_owner[TERM] == NONE) & rng.chance(bank.everyone, 0.12)
    who = bank.acting(can)
    amount = round_to(np.minimum(savings[who], accounts.balance[accounts.by_owner[SAVINGS, who]]) * 0.6, 1000.0)
    who, amount = who[amount > 0], amount[amount > 0]
    day = bank.month.first + rng.integers(who, 3, 20)
    bank.withdraw_savings(who, amount, day)
    account = accounts.open(TERM, who, day)
    months = TERMS[rng.integers(who, 0, len(TERMS))]
    accounts.rate[account], accounts.due_day[account] = term_rate(bank, rng, who, months), months
    accounts.maturity[account] = day + (months * 30.44).astype(np.int64)
    _to_product(bank, who, TERM, amount, day, Kind.OWN_TRANSFER_OUT, Kind.OWN_TRANSFER_IN)


def _trade(bank: Bank, rng: CustomerStream) -> None:
    accounts, p = bank.accounts, bank.parameters.relation
    here = bank.liquid_here()
    wealth = accounts.planned_of(WEALTH)
    fits = (here + bank.relation.elsewhere > p.wealth_from) & (here > 8_000)
    target = np.where(fits, here * bank.relation.wealth_share * (1 - bank.relation.demand_share), 0.0)
    available = 0.7 * np.maximum(accounts.planned_of(CURRENT), 0.0)
    buys = (target - wealth > 5_000) & (available > 1_000) & rng.chance(bank.everyone, 0.12)
    who = bank.acting(buys)
    new = who[accounts.by_owner[WEALTH, who] == NONE]
    accounts.open(WEALTH, new, np.full(len(new), bank.month.first, dtype=np.int64))
    amount = round_to(np.minimum((target - wealth)[who], available[who]) * rng.uniform(who, 0.5, 1.0), 100.0)
    day = bank.month.first + rng.integers(who, 12, 27)
    _to_product(bank, who, WEALTH, amount, day, Kind.INVESTMENT_BUY, Kind.INVESTMENT_BUY)
    sells = ~buys & (wealth > 2_000) & rng.chance(bank.everyone, np.where(wealth > 1.4 * target, 0.15, 0.02))
    who = bank.acting(sells)
    amount = round_to(wealth[who] * rng.uniform(who, 0.1, 0.6), 100.0)
    day = bank.month.first + rng.integers(who, 2, 20)
    _to_product(bank, who, WEALTH, -amount, day, Kind.INVESTMENT_SELL, Kind.INVESTMENT_SELL)


def _revalue(bank: Bank, rng: CustomerStream) -> None:
    """Book the month's gain or loss on investments, the same market for all and a part of one's own."""
    account = bank.accounts.by_owner[WEALTH]
    who = np.flatnonzero((account >= 0) & (bank.people.left > bank.month.last))
    market = bank.parameters.product.rate_wealth_growth / 12 + bank.general.normal(0.0, 0.008)
    gain = bank.accounts.balance[account[who]] * (market + rng.normal(who, 0.0, 0.004))
    bank.book.add(account[who], bank.month.last, gain, Kind.OTHER, Channel.AUTOMATIC)
