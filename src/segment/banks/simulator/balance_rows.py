"""Month-end balances that follow from the transactions to the cent, and the cover of shortages within a month."""

from __future__ import annotations

import numpy as np
import polars as pl

from segment.banks.simulator.accounts import CURRENT, DEBTS, SAVINGS
from segment.banks.simulator.draws import NONE, BoolArray, FloatArray, IntArray
from segment.banks.simulator.events import Channel, Columns, Kind
from segment.banks.simulator.parameters import ELSEWHERE
from segment.banks.simulator.state import Bank


def credit_interest(bank: Bank) -> None:
    """Credit a quarter's interest on demand and savings deposits on the 21st of its last month."""
    if not bank.month.quarter_end:
        return
    accounts, size = bank.accounts, bank.accounts.size
    account = np.flatnonzero(accounts.product[:size] <= SAVINGS)
    account = account[(accounts.closed[account] > bank.month.last) & (accounts.balance[account] > 0)]
    interest = accounts.balance[account] * accounts.rate[account] / 4
    bank.book.add(account, bank.month.first + 20, interest, Kind.INTEREST_CREDIT, Channel.AUTOMATIC)


def _lowest(opening: FloatArray, columns: Columns, chosen: BoolArray) -> tuple[IntArray, FloatArray, IntArray]:
    """Accounts whose running end-of-day balance falls below zero, how deep, and on which day first."""
    account, day, amount = (column[chosen] for column in columns[:3])
    key = account * 100_000 + day
    order = np.argsort(key, kind="stable")
    key, amount = key[order], amount[order]
    last_of_day = np.append(key[1:] != key[:-1], True)
    total = np.cumsum(amount)[last_of_day]
    account, day = key[last_of_day] // 100_000, key[last_of_day] % 100_000
    first = np.append(True, account[1:] != account[:-1])
    start = np.flatnonzero(first)
    before = np.append(0.0, total[start[1:] - 1])
    running = total - np.repeat(before - opening[account[start]], np.diff(np.append(start, len(account))))
    short = np.flatnonzero(running < -0.005)
    who, position = np.unique(account[short], return_index=True)
    depth = np.minimum.reduceat(running, start)[np.searchsorted(account[start], who)] if len(who) else np.empty(0)
    return who, -depth, day[short][position]


def cover_shortages(bank: Bank) -> None:
    """Bring money to current accounts before they would be overdrawn: from elsewhere, or from family."""
    rng, accounts = bank.rng["shortages"], bank.accounts
    columns = bank.book.columns()
    deposits = accounts.product[columns[0]] == CURRENT
    account, depth, day = _lowest(accounts.balance, columns, deposits)
    owner = accounts.owner[account]
    amount = np.ceil((depth + 1.0) / 50.0) * 50.0
    linked = bank.ties.linked[owner] & (bank.relation.elsewhere[owner] > amount)
    own = linked & rng.chance(owner, np.where(bank.ties.state[owner] == ELSEWHERE, 0.8, 0.15))
    cash = ~own & rng.chance(owner, 0.35)
    day = np.maximum(np.maximum(day - rng.integers(owner, 0, 2), bank.month.first), accounts.opened[account])
    kind = np.select([own, cash], [Kind.OWN_TRANSFER_IN, Kind.CASH_DEPOSIT], Kind.TRANSFER_IN)
    channel = np.where(cash, Channel.ATM, Channel.MOBILE)
    bank.book.add(account, day, amount, kind, channel, np.where(own, bank.ties.bank[owner], NONE))
    bank.take_elsewhere(owner, amount)


def close_month(bank: Bank, columns: Columns) -> pl.DataFrame:
    """Turn the month's transactions into balances, and carry the closing balances over."""
    accounts, month, size = bank.accounts, bank.month, bank.accounts.size
    account, day, amount = columns[:3]
    moved = np.bincount(account, amount, minlength=size)
    weighted = np.bincount(account, amount * (month.last - day + 1), minlength=size)
    average = accounts.balance[:size] + weighted / month.days
    closing = np.round(accounts.balance[:size] + moved, 2)
    live = np.flatnonzero((accounts.opened[:size] <= month.last) & (accounts.closed[:size] >= month.first))
    accounts.balance[:size] = closing
    accounts.planned[:size] = closing
    product = accounts.product[live]
    loan = np.isin(product, DEBTS)
    late = np.where(accounts.overdue[live] > 0, month.last - accounts.overdue[live], 0)
    late = np.where(accounts.closed[live] <= month.last, 0, late)
    return pl.DataFrame(
        {
            "account": live,
            "average_balance": np.round(average[live], 2) + 0.0,
            "closing_balance": closing[live] + 0.0,
            "interest_rate_annual": pl.Series(accounts.rate[live], nan_to_null=True),
            "days_past_due": pl.Series(late).set(pl.Series(~loan), None),
        }
    )
