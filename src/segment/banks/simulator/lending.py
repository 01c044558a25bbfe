"""Mortgages, consumer loans and credit cards: instalments, interest, and how they are paid for."""

# Customers whose main bank is elsewhere fund two of three instalments just in time, from their account there (DOMAIN.md
# 6.4).

from __future__ import annotations

import numpy as np

from segment.banks.simulator.accounts import CARD, CONSUMER, CURRENT, MORTGAGE
from segment.banks.simulator.arrears import in_default, pays
from segment.banks.simulator.draws import NONE, CustomerStream, FloatArray, IntArray, round_to
from segment.banks.simulator.events import Channel, Kind
from segment.banks.simulator.state import Bank


def annuity(debt: FloatArray, rate: FloatArray, months: IntArray) -> FloatArray:
    """Return the instalment that repays a debt in equal months."""
    monthly = rate / 12.0
    instalment: FloatArray = debt * monthly / (1.0 - (1.0 + monthly) ** -months)
    return instalment


def new_loan(
    bank: Bank,
    rng: CustomerStream,
    product: int,
    owners: IntArray,
    debt: FloatArray,
    months: IntArray,
    opened: IntArray,
    *,
    at_start: bool = True,
) -> IntArray:
    """Open loan accounts with their rate, instalment and due day."""
    p = bank.parameters.product
    mean, sigma = (p.rate_mortgage, 0.0025) if product == MORTGAGE else (p.rate_consumer, 0.006)
    debt = round_to(debt, 100.0) + 100.0
    rate = np.maximum(rng.normal(owners, mean, sigma), 0.02).round(4)
    account = bank.accounts.open(product, owners, opened, balance=-debt if at_start else None)
    bank.accounts.rate[account] = rate
    bank.accounts.instalment[account] = np.round(annuity(debt, rate, months), 2)
    bank.accounts.due_day[account] = rng.integers(owners, 3, 27)
    if not at_start:
        bank.book.add(account, opened, -debt, Kind.LOAN_DISBURSEMENT, Channel.AUTOMATIC)
    return account


def _live(bank: Bank, product: int) -> tuple[IntArray, IntArray]:
    """Owners and accounts of a product that were open before this month and are in debt; the dead pay no more."""
    accounts = bank.accounts
    account = accounts.by_owner[product]
    owner = np.flatnonzero(account >= 0)
    account = account[owner]
    due = (accounts.opened[account] < bank.month.first) & (accounts.by_owner[CURRENT, owner] >= 0)
    due &= (accounts.balance[account] < 0) & (bank.people.died[owner] > bank.month.last)
    due &= bank.people.left[owner] > bank.month.last
    return owner[due], account[due]


def pay_instalments(bank: Bank) -> None:
    """Charge interest and collect instalments of mortgages and consumer loans."""
    rng, accounts = bank.rng["lending"], bank.accounts
    for product, default_annual in zip((MORTGAGE, CONSUMER), bank.parameters.product.default_annual[:2], strict=True):
        owner, account = _live(bank, product)
        due = bank.month.day(accounts.due_day[account])
        interest = np.round(-accounts.balance[account] * accounts.rate[account] / 12.0, 2)
        interest[in_default(bank, account)] = 0.0
        bank.book.add(account, due, -interest, Kind.INTEREST_CHARGE, Channel.AUTOMATIC)
        paid = pays(bank, rng, owner, account, default_annual)
        owed = np.where(paid, accounts.arrears[account] + accounts.instalment[account], 0.0)
        accounts.arrears[account] = np.where(paid, 0.0, accounts.arrears[account] + accounts.instalment[account])
        payment = np.minimum(owed, -accounts.planned[account])
        fund_instalments(bank, rng, owner[paid], payment[paid], due[paid])
        bank.book.add(bank.current[owner], due, -payment, Kind.LOAN_PAYMENT, Channel.AUTOMATIC)
        bank.book.add(account, due, payment, Kind.LOAN_PAYMENT, Channel.AUTOMATIC)
        paid_off = account[accounts.planned[account] > -0.005]
        accounts.close(paid_off, bank.month.day(accounts.due_day[paid_off]))


def fund_instalments(bank: Bank, rng: CustomerStream, owner: IntArray, payment: FloatArray, due: IntArray) -> None:
    """Bring in money for an instalment just before it is due, from the main bank elsewhere."""
    # Those without a visible link pay cash in or let a relative send the money, so that the habit is the same and the
    # trace is not.
    from_elsewhere = bank.ties.state[owner] >= 2
    funds = from_elsewhere & rng.chance(owner, bank.parameters.relation.just_in_time)
    owner, due = owner[funds], due[funds]
    amount = np.ceil(payment[funds] * rng.uniform(owner, 0.95, 1.10))
    day = np.maximum(due - rng.integers(owner, 0, 4), bank.month.first)
    own = bank.ties.just_in_time[owner]
    cash = ~own & rng.chance(owner, 0.5)
    kind = np.select([own, cash], [Kind.OWN_TRANSFER_IN, Kind.CASH_DEPOSIT], Kind.TRANSFER_IN)
    channel = np.where(cash, Channel.ATM, Channel.MOBILE)
    other = np.where(own, bank.ties.bank[owner], NONE)
    bank.book.add(bank.current[owner], day, amount, kind, channel, other)
    bank.take_elsewhere(owner, amount)


def pay_cards(bank: Bank) -> None:
    """Collect the last statement of each credit card; revolvers leave their balance and pay interest on it."""
    rng, accounts = bank.rng["lending"], bank.accounts
    owner, account = _live(bank, CARD)
    due = bank.month.day(accounts.due_day[account])
    debt = -accounts.balance[account]
    interest = np.round(debt * accounts.rate[account] / 12.0, 2)
    interest[in_default(bank, account)] = 0.0
    bank.book.add(account, due, -interest, Kind.INTEREST_CHARGE, Channel.AUTOMATIC)
    paid = pays(bank, rng, owner, account, bank.parameters.product.default_annual[2])
    carried = accounts.instalment[account] * rng.lognormal(owner, 0.0, 0.05)
    accounts.instalment[account] = carried
    payment = np.where(paid, np.maximum(debt + interest - carried, 0.10 * debt), 0.0)
    bank.book.add(bank.current[owner], due, -payment, Kind.LOAN_PAYMENT, Channel.AUTOMATIC)
    bank.book.add(account, due, payment, Kind.LOAN_PAYMENT, Channel.AUTOMATIC)
    late = account[~paid]
    bank.book.add(late, due[~paid], -bank.parameters.money.late_fee, Kind.FEE, Channel.AUTOMATIC)


def grant_consumer_loans(bank: Bank) -> None:
    """Grant new consumer loans at the rate at which old ones run off; most of the money is spent within days."""
    rng, p = bank.rng["lending"], bank.parameters.product
    rate = np.array(p.consumer)[bank.ties.state] / 24.0
    owner = bank.acting(
        (bank.accounts.by_owner[CONSUMER] == NONE) & (bank.current >= 0) & rng.chance(bank.everyone, rate)
    )
    amount = bank.people.income[owner] * rng.around_median(owner, p.consumer_to_income)
    amount = round_to(amount, 1000.0) + 2000.0
    term = np.array(p.consumer_terms)[rng.integers(owner, 0, len(p.consumer_terms))]
    day = bank.month.first + rng.integers(owner, 1, 25)
    account = new_loan(bank, rng, CONSUMER, owner, amount - 100.0, term, day, at_start=False)
    lent = -bank.accounts.planned[account]
    bank.book.add(bank.current[owner], day, lent, Kind.LOAN_DISBURSEMENT, Channel.AUTOMATIC)
    spent = day + rng.integers(owner, 0, 4)
    bank.book.add(bank.current[owner], spent, -round_to(lent * 0.9, 100.0), Kind.TRANSFER_OUT, Channel.MOBILE)


def grant_mortgages(bank: Bank, owner: IntArray) -> None:
    """Grant mortgages, paid straight to the seller; the customer's own part leaves the current account."""
    rng, p = bank.rng["lending"], bank.parameters.product
    amount = bank.people.income[owner] * rng.around_median(owner, p.mortgage_to_income)
    day = bank.month.first + rng.integers(owner, 1, 25)
    new_loan(bank, rng, MORTGAGE, owner, amount, rng.integers(owner, 180, 361), day, at_start=False)
    available = bank.accounts.planned_of(CURRENT, owner)
    own_part = round_to(np.minimum(0.4 * amount, 0.7 * np.maximum(available, 0.0)), 1000.0)
    bank.book.add(bank.current[owner], day, -own_part, Kind.TRANSFER_OUT, Channel.COUNTER)
    bank.take_elsewhere(owner, 0.3 * amount)
