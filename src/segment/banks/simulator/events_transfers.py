"""Money that moves to and from other banks: sweeps, feeders, and habits that look alike (DOMAIN.md 6.4)."""

from __future__ import annotations

import numpy as np

from segment.banks.simulator.accounts import CURRENT
from segment.banks.simulator.draws import NONE, CustomerStream, FloatArray, IntArray, round_to
from segment.banks.simulator.events import OTHER_BANKS, Channel, Kind
from segment.banks.simulator.parameters import ELSEWHERE
from segment.banks.simulator.state import Bank


def move_between_banks(bank: Bank) -> None:
    """Sweeps out, feeders in, and the habits of main-here customers that look alike."""
    rng = bank.rng["saving"]
    _sweep(bank, rng)
    _traps(bank, rng)
    _relatives(bank, rng)
    _rebalance(bank, rng)
    _window_dressing(bank, rng)


def _sweep(bank: Bank, rng: CustomerStream) -> None:
    """Those paid here by the employer's choice move most of the pay on within three days."""
    who, day, paid = (np.concatenate(column) for column in zip(*bank.receipts, strict=True))
    sweeps = bank.ties.sweeps[who]
    who, day, paid = who[sweeps], day[sweeps], paid[sweeps]
    amount = paid * rng.beta(who, *bank.parameters.relation.sweep_beta)
    amount = np.where(bank.people.habit[who] % 3 == 0, amount.round(2), round_to(amount, 100.0))
    bank.own_transfer(who, day + rng.integers(who, 0, 4), -amount, bank.ties.bank[who])


def feed_from_elsewhere(bank: Bank) -> None:
    """Top up the account here from the main bank elsewhere, when what is here will not do for the month."""
    rng, ties = bank.rng["saving"], bank.ties
    planned = bank.accounts.planned_of(CURRENT)
    income = bank.monthly_income
    use = income * (0.45 * ties.spend_share + 0.05 * ties.activity)
    short = (planned < 1.3 * use) & (ties.state <= ELSEWHERE) & ~ties.income_here
    fed = ties.feeder & (planned < 1.5 * use + 0.1 * income)
    who = bank.acting(fed & rng.chance(bank.everyone, 0.8))
    low, high = bank.parameters.relation.feeder_income_share
    amount = np.clip(1.4 * use[who] - planned[who], low * income[who], high * income[who])
    amount = np.maximum(amount, ties.feeder_share[who] * income[who] * rng.uniform(who, 0.6, 1.2))
    amount = np.minimum(amount, np.maximum(bank.relation.elsewhere[who], 0.3 * income[who]))
    day = bank.month.first + rng.integers(who, 0, 12)
    bank.own_transfer(who, day, round_to(amount, 100.0) + 100.0 * (amount < 100), ties.bank[who])
    who = bank.acting(short & ~ties.feeder & rng.chance(bank.everyone, 0.6))
    _feed_without_trace(bank, rng, who, np.maximum(1.2 * use[who] - planned[who], 50.0))


def _feed_without_trace(bank: Bank, rng: CustomerStream, who: IntArray, amount: FloatArray) -> None:
    """Bring money that names no bank of one's own: cash, or a transfer through a relative or a payment app."""
    cash = rng.chance(who, 0.4)
    kind = np.where(cash, Kind.CASH_DEPOSIT, Kind.TRANSFER_IN)
    channel = np.where(cash, np.where(rng.chance(who, 0.7), Channel.ATM, Channel.COUNTER), Channel.MOBILE)
    day = bank.month.first + rng.integers(who, 0, 15)
    other = np.where(~cash & rng.chance(who, 0.3), bank.ties.bank[who], NONE)
    bank.book.add(bank.current[who], day, np.ceil(amount / 50) * 50, kind, channel, other)
    bank.take_elsewhere(who, amount)


def _traps(bank: Bank, rng: CustomerStream) -> None:
    """Fund apps and savings banks: money leaves to one's own name although the main bank may be here."""
    ties, month = bank.ties, bank.month
    base = np.minimum(np.maximum(bank.paid, 0.3 * bank.monthly_income), 0.6 * bank.accounts.planned_of(CURRENT))
    who = bank.acting(ties.fund_app & (base > 500) & rng.chance(bank.everyone, 0.7))
    amount = round_to(base[who] * rng.uniform(who, 0.1, 0.4), 100.0)
    bank.own_transfer(who, bank.pay_day[who] + rng.integers(who, 0, 8), -amount, ties.fund_house[who])
    who = bank.acting(ties.fund_app & rng.chance(bank.everyone, 0.35))
    amount = round_to(np.minimum(0.2 * bank.monthly_income[who], bank.relation.elsewhere[who]), 100.0)
    bank.own_transfer(who, bank.days(rng, who), amount, ties.fund_house[who])
    who = bank.acting(ties.other_savings & (base > 500) & rng.chance(bank.everyone, 0.75))
    amount = round_to(base[who] * rng.uniform(who, 0.2, 0.6), 100.0)
    lag = np.where(bank.people.habit[who] % 2 == 0, rng.integers(who, 0, 3), rng.integers(who, 3, 12))
    bank.own_transfer(who, np.minimum(bank.pay_day[who] + lag, month.last + 5), -amount, ties.bank[who])


def _relatives(bank: Bank, rng: CustomerStream) -> None:
    """Relatives of the same name at another bank: the bank's name match takes them for the customer."""
    who = bank.acting(bank.relation.relative & (bank.ties.activity > 0.2) & rng.chance(bank.everyone, 0.4))
    amount = np.maximum(round_to(bank.monthly_income[who] * rng.uniform(who, 0.03, 0.25), 50.0), 50.0)
    room = np.maximum(bank.accounts.planned_of(CURRENT, who), 0.0) * 0.5
    out = rng.chance(who, 0.6)
    amount = np.where(out, -np.minimum(amount, round_to(room, 50.0)), amount)
    kind = np.where(amount > 0, Kind.OWN_TRANSFER_IN, Kind.OWN_TRANSFER_OUT)
    other = bank.people.habit[who] % OTHER_BANKS
    bank.book.add(bank.current[who], bank.days(rng, who), amount, kind, Channel.MOBILE, other)


def _rebalance(bank: Bank, rng: CustomerStream) -> None:
    """Bring what is held here towards the customer's share: quickly while a switch runs, seldom otherwise."""
    relation, month = bank.relation, bank.month
    here = bank.liquid_here()
    gap = bank.ties.share * (here + relation.elsewhere) - here
    moving = relation.progress(month.index) < 1.0
    wide = np.abs(gap) > np.maximum(0.15 * here, 1_500.0)
    often = np.where(moving, 0.8, np.where(gap < 0, 0.06, np.where(bank.ties.linked, 0.03, 0.01)))
    often = np.where(bank.ties.state <= ELSEWHERE, often, 0.0)
    who = bank.acting(wide & rng.chance(bank.everyone, often))
    part = np.where(moving[who], rng.uniform(who, 0.4, 0.9), rng.uniform(who, 0.2, 0.6))
    amount = round_to(np.abs(gap[who]) * part, 100.0)
    available = 0.9 * np.maximum(bank.accounts.planned_of(CURRENT, who), 0.0)
    out = gap[who] < 0
    bank.withdraw_savings(who[out], np.maximum(amount[out] - available[out], 0.0), bank.month.first + 7)
    available = 0.9 * np.maximum(bank.accounts.planned_of(CURRENT, who), 0.0)
    amount = np.where(out, -np.minimum(amount, round_to(available, 100.0)), np.minimum(amount, relation.elsewhere[who]))
    day = month.first + rng.integers(who, 8, 24)
    seen = bank.ties.linked[who] & rng.chance(who, 0.7)
    to_fund = out & rng.chance(who, 0.4)
    other = np.where(to_fund, bank.ties.fund_house[who], bank.ties.bank[who])
    bank.own_transfer(who[seen], day[seen], amount[seen], other[seen])
    hidden = ~seen
    kind = np.where(amount > 0, Kind.TRANSFER_IN, Kind.TRANSFER_OUT)
    bank.book.add(bank.current[who[hidden]], day[hidden], amount[hidden], kind[hidden], Channel.COUNTER)
    bank.take_elsewhere(who[hidden], amount[hidden])


def _window_dressing(bank: Bank, rng: CustomerStream) -> None:
    """At a quarter's end deposits are pulled in for a few days, and leave again."""
    if bank.pulled is not None:
        who, amount = bank.pulled
        stays = bank.acts[who]
        who, amount = who[stays], np.minimum(amount[stays], 0.95 * bank.accounts.planned_of(CURRENT, who[stays]))
        day = bank.month.first + rng.integers(who, 2, 7)
        bank.own_transfer(who, day, -round_to(np.maximum(amount, 0.0), 1000.0), bank.ties.bank[who])
        bank.pulled = None
    if bank.month.quarter_end:
        p = bank.parameters.money
        rich = (bank.relation.elsewhere > 40_000) & bank.ties.linked & (bank.ties.state <= ELSEWHERE)
        who = bank.acting(rich & rng.chance(bank.everyone, p.window_dressing))
        wanted = bank.liquid_here()[who] * rng.uniform(who, *p.window_dressing_share)
        amount = round_to(np.clip(wanted, 10_000, 0.6 * bank.relation.elsewhere[who]), 1000.0)
        bank.own_transfer(who, bank.month.last - rng.integers(who, 0, 4), amount, bank.ties.bank[who])
        bank.pulled = (who, amount)
