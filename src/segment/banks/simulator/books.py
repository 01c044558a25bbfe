"""The bank's own books: what its general ledger says of each line, branch and month (CONTRACT.md 5)."""

# They are kept from the events and balances as these arise, before anything is spoiled on the way to the files, with
# prices of the bank's treasury and unit costs of its controllers that stand here. No code of the software's accounting
# is used, so that its customers' sums have something else than themselves to add up to.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.banks.simulator.accounts import CARD, CURRENT, TERM, WEALTH
from segment.banks.simulator.draws import FloatArray, IntArray
from segment.banks.simulator.events import Channel, Columns, Kind
from segment.banks.simulator.record_tables import ids
from segment.banks.simulator.state import Bank

# in the order of PRODUCTS
DEPOSIT_PRICE = np.array([0.017025, 0.017775, 0.0180])
"""What the treasury pays for current accounts, savings and term deposits, less the cost of the reserve."""
FUNDING_COST = np.array([0.0165, 0.0, 0.0, 0.0, 0.0230, 0.02075, 0.0190, 0.0])
"""What it charges for debts, with the premium for liquidity."""
OVERDRAFT_RATE = 0.12
ACCOUNT_MONTH = np.array([3.0, 0.5, 0.5, 0.5, 10.0, 10.0, 1.0, 0.5]) + 1.0
"""Fixed cost of an open account, head office included."""

# in the order of Channel
TRANSACTION = np.array([10.0, 1.5, 0.1, 0.1, 0.3, 6.0, 0.02, 0.0])
SERVICE_EVENT = np.array([10.0, 1.5, 0.1, 0.02, 0.05, 6.0, 0.02, 0.0])
ADVISER_MINUTE, COMPLAINT, FOREIGN_ATM, BY_HAND = 2.0, 120.0, 3.5, 1.0

VAT, KEPT = 1.06, 0.70
"""Value added tax on fees, and the part of an interchange that is not paid away."""
DEBIT, DEBIT_CAP, CREDIT = 0.0035, 13.0, 0.0045
PREMIUM, PURCHASE, TRAIL = 0.10, 0.002, 0.004

WALK_IN_FEES, WALK_IN_COST = 0.002, 0.005
"""Fees and work of people who hold no account here, as shares of those of customers: they stay unallocated."""

Served = tuple[IntArray, IntArray, IntArray, FloatArray]


@dataclass(frozen=True)
class MonthBooks:
    """A month's income and cost, both positive: what accounts brought and took, and the work that persons caused."""

    interest: FloatArray  # of each account
    fees: FloatArray
    account_cost: FloatArray
    losses: FloatArray
    service_cost: FloatArray  # of each customer


def close_books(bank: Bank, columns: Columns, closed: pl.DataFrame, served: Served) -> MonthBooks:
    """Keep the books of a month; to be called once for each, in order."""
    live, average = closed["account"].to_numpy(), closed["average_balance"].to_numpy()
    rate = closed["interest_rate_annual"].fill_null(np.nan).to_numpy()
    fees = _transaction_fees(bank, columns)
    trail = np.where(bank.accounts.product[live] == WEALTH, np.maximum(average, 0.0) * TRAIL / VAT, 0.0)
    fees[live] += trail * bank.month.days / 365
    cost = _transaction_cost(bank, columns)
    cost[live] += ACCOUNT_MONTH[bank.accounts.product[live]]
    interest = np.zeros(bank.accounts.size)
    interest[live] = _margin(bank.accounts.product[live], average, rate) * bank.month.days / 360
    late = closed["days_past_due"].fill_null(0).to_numpy()
    losses = bank.losses.month(bank.accounts, bank.month, live, average, late, columns)
    return MonthBooks(interest, fees, cost, losses, _service_cost(bank, served))


def month_totals(bank: Bank, books: MonthBooks) -> pl.DataFrame:
    """Build a month of `ledger_totals`: by the home branch of those who hold the accounts and cause the work."""
    count = bank.branches.count
    served = _sums(bank.people.branch, books.service_cost, count)
    of_lines = {
        "net_interest": _by_branch(bank, books.interest),
        "fees": _by_branch(bank, books.fees) * (1 + WALK_IN_FEES),
        "cost_to_serve": (_by_branch(bank, books.account_cost) + served) * (1 + WALK_IN_COST),
        "expected_loss": _by_branch(bank, books.losses),
    }
    branch = ids("B", np.arange(1, count + 1), 3)
    return pl.concat(
        pl.DataFrame({"line": line, "branch_id": branch, "amount": np.round(amount, 2)}).select(
            "line", "branch_id", pl.lit(bank.month.first, dtype=pl.Int32).cast(pl.Date).alias("month"), "amount"
        )
        for line, amount in of_lines.items()
    )


def contributions(bank: Bank, books: MonthBooks) -> FloatArray:
    """What each customer brought in the month, less what was lost and what the service cost; no cost of capital."""
    of_accounts = books.interest + books.fees - books.account_cost - books.losses
    return _by_owner(bank, of_accounts, np.arange(bank.count), bank.count) - books.service_cost


def _by_branch(bank: Bank, of_account: FloatArray) -> FloatArray:
    return _by_owner(bank, of_account, bank.people.branch, bank.branches.count)


def _by_owner(bank: Bank, of_account: FloatArray, place: IntArray, count: int) -> FloatArray:
    """Sum by the place of the owners, each with their share."""
    accounts, size = bank.accounts, bank.accounts.size
    share, second = accounts.owner_share[:size], accounts.co_owner[:size]
    joint = second >= 0
    return _sums(place[accounts.owner[:size]], of_account * share, count) + _sums(
        place[second[joint]], (of_account * (1 - share))[joint], count
    )


def _sums(place: IntArray, amount: FloatArray, size: int) -> FloatArray:
    return np.bincount(place, amount, size).astype(np.float64)


def _margin(product: IntArray, average: FloatArray, rate: FloatArray) -> FloatArray:
    """Margin of a year against the treasury's prices."""
    deposit = (product <= TERM) & (average > 0)
    earned = np.where(product == CURRENT, OVERDRAFT_RATE, rate)
    owed = np.where((average < 0) & (FUNDING_COST[product] > 0), -average * (earned - FUNDING_COST[product]), 0.0)
    margin: FloatArray = np.where(deposit, average * (DEPOSIT_PRICE[np.minimum(product, TERM)] - rate), owed)
    return margin


def _transaction_fees(bank: Bank, columns: Columns) -> FloatArray:
    """Fees less refunds, what is kept of card payments, and commissions, by account."""
    account, _, amount, kind, _, _ = columns
    paid = -amount
    product = bank.accounts.product[account]
    interchange = np.where(product == CARD, paid * CREDIT, np.clip(paid * DEBIT, -DEBIT_CAP, DEBIT_CAP)) * KEPT
    income = np.select(
        [
            (kind == Kind.FEE) | (kind == Kind.FEE_REFUND),
            kind == Kind.CARD_PAYMENT,
            kind == Kind.INSURANCE_PREMIUM,
            kind == Kind.INVESTMENT_BUY,
        ],
        [paid, interchange, paid * PREMIUM, paid * PURCHASE],
        0.0,
    )
    return _sums(account, income / VAT, bank.accounts.size)


def _transaction_cost(bank: Bank, columns: Columns) -> FloatArray:
    account, _, _, kind, channel, other = columns
    foreign = (channel == Channel.ATM) & (kind == Kind.CASH_WITHDRAWAL) & (other >= 0)
    by_hand = (channel == Channel.COUNTER) | (channel == Channel.PHONE)
    cost = np.where(foreign, FOREIGN_ATM, TRANSACTION[channel]) + by_hand * BY_HAND
    return _sums(account, cost, bank.accounts.size)


def _service_cost(bank: Bank, served: Served) -> FloatArray:
    """Visits, calls, meetings and the month's complaints of each customer."""
    customer, _, channel, minutes = served
    meets = channel == Channel.ADVISER
    by_hand = (channel == Channel.COUNTER) | (channel == Channel.PHONE) | meets
    cost = SERVICE_EVENT[channel] + by_hand * BY_HAND + np.where(meets, minutes, 0.0) * ADVISER_MINUTE
    complained = np.bincount(bank.complaints[-1][0], minlength=bank.count)
    return _sums(customer, cost, bank.count) + COMPLAINT * complained
