"""The accounts that stand at the start, and those of new customers (DOMAIN.md 6.3)."""

from __future__ import annotations

import numpy as np

from segment.banks.simulator.accounts import CARD, CONSUMER, CURRENT, INSURANCE, MORTGAGE, SAVINGS, TERM, WEALTH
from segment.banks.simulator.draws import NONE, CustomerStream, FloatArray, IntArray, round_to
from segment.banks.simulator.events import Channel, Kind
from segment.banks.simulator.lending import new_loan
from segment.banks.simulator.parameters import ELSEWHERE, MAIN_HERE, SPLIT
from segment.banks.simulator.state import Bank

TERMS = np.array([3, 6, 12, 24, 36], dtype=np.int64)


def open_at_start(bank: Bank) -> None:
    """Open the accounts of customers who joined before the first month, with what stands on them."""
    rng = bank.rng["opening"]
    existing = np.flatnonzero(bank.people.joined < bank.months[0].first)
    _deposits(bank, rng, existing)
    _joint_accounts(bank, rng)
    _debts(bank, rng, existing)
    _debts_elsewhere(bank, rng)


def _opened(bank: Bank, rng: CustomerStream, customers: IntArray, youngest: int = 1) -> IntArray:
    """Days between joining and the first month, at least `youngest` days before it where the relation is that old."""
    joined = bank.people.joined[customers]
    span = np.maximum(bank.months[0].first - youngest - joined, 1)
    return joined + (rng.random(customers) * span).astype(np.int64)


def _deposits(bank: Bank, rng: CustomerStream, existing: IntArray) -> None:
    accounts, people, relation, p = bank.accounts, bank.people, bank.relation, bank.parameters
    here = people.wealth[existing] * relation.now.share[existing]
    here = np.where(relation.mortgage_only[existing], np.minimum(here, 500.0), here)
    demand = relation.demand_share[existing]
    invested = np.where(people.wealth[existing] > p.relation.wealth_from, relation.wealth_share[existing], 0.0)
    wealth = np.where(here * invested * (1 - demand) > 5_000, here * invested * (1 - demand), 0.0)
    rest = here * (1 - demand) - wealth
    term_part = np.where(rest > 10_000, rng.beta(existing, 5, 2), 0.0) * rng.chance(existing, 0.75)
    term = round_to(rest * term_part, 1000.0)
    savings = np.where(rest - term > 2_000, rest - term, 0.0)
    cushion = bank.people.income[existing] / 12 * relation.now.spend_share[existing] * 0.6
    current = np.maximum(here - wealth - term - savings, cushion) + rng.uniform(existing, 0, 120)
    accounts.open(CURRENT, existing, people.joined[existing], balance=current, rate=p.product.rate_current)
    for product, amount, rate in ((SAVINGS, savings, p.product.rate_savings), (WEALTH, wealth, np.nan)):
        who = amount > 0
        accounts.open(product, existing[who], _opened(bank, rng, existing[who]), balance=amount[who], rate=rate)
    who = term > 0
    _start_terms(bank, rng, existing[who], term[who])


def _start_terms(bank: Bank, rng: CustomerStream, owners: IntArray, amount: FloatArray) -> None:
    """Term deposits that run at the start, somewhere between opening and maturity."""
    months = TERMS[rng.integers(owners, 0, len(TERMS))]
    age = (rng.random(owners) * months * 30).astype(np.int64)
    opened = np.maximum(bank.months[0].first - age - 1, bank.people.joined[owners])
    account = bank.accounts.open(TERM, owners, opened, balance=amount)
    bank.accounts.rate[account] = term_rate(bank, rng, owners, months)
    bank.accounts.maturity[account] = opened + (months * 30.44).astype(np.int64)
    bank.accounts.due_day[account] = months
    # a matured deposit that lies before the first month was renewed by itself
    late = bank.accounts.maturity[account] < bank.months[0].first
    bank.accounts.maturity[account[late]] = bank.months[0].first + rng.integers(owners[late], 0, 300)


def term_rate(bank: Bank, rng: CustomerStream, owners: IntArray, months: IntArray) -> FloatArray:
    """Rates of term deposits: a little more for longer terms."""
    rate = bank.parameters.product.rate_term + 0.002 * (months > 12) - 0.002 * (months < 6)
    rounded: FloatArray = np.round(rate + rng.normal(owners, 0.0, 0.0004), 4)
    return rounded


def _joint_accounts(bank: Bank, rng: CustomerStream) -> None:
    """A quarter of the couples keep a joint current account; some partners may use the other's."""
    people, accounts = bank.people, bank.accounts
    start = bank.months[0].first
    first = np.flatnonzero(people.partner > np.arange(people.count))
    second = people.partner[first]
    both = (people.joined[first] < start) & (people.joined[second] < start)
    first, second = first[both], second[both]
    joint = rng.chance(first, bank.parameters.people.couple_joint_account)
    a, b = first[joint], second[joint]
    since = np.maximum(people.joined[a], people.joined[b])
    since = since + (rng.random(a) * (start - 1 - since)).astype(np.int64)
    shared = open_joint(bank, a, b, since, balance=people.income[a] / 12 * rng.uniform(a, 0.3, 1.2))
    accounts.owner_share[shared] = np.where(rng.chance(a, 0.85), 0.5, 0.6)
    may_use = first[~joint & rng.chance(first, 0.10)]
    accounts.authorised[accounts.by_owner[CURRENT, may_use]] = people.partner[may_use]


def open_joint(
    bank: Bank, first: IntArray, second: IntArray, day: IntArray, *, balance: FloatArray | None = None
) -> IntArray:
    """Open current accounts that two own by halves, beside those that they have."""
    accounts = bank.accounts
    sole = accounts.by_owner[CURRENT, first].copy()
    rate = bank.parameters.product.rate_current
    shared = accounts.open(CURRENT, first, day, balance=balance, rate=rate)
    accounts.by_owner[CURRENT, first] = sole
    accounts.co_owner[shared], accounts.owner_share[shared] = second, 0.5
    accounts.joint[first], accounts.joint[second] = shared, shared
    return shared


def _debts(bank: Bank, rng: CustomerStream, existing: IntArray) -> None:
    people, relation, p = bank.people, bank.relation, bank.parameters.product
    state = relation.now.state[existing]
    age_factor = np.array(p.mortgage_age_factor)[people.age_band[existing]]
    wants = (
        rng.chance(existing, np.minimum(np.array(p.mortgage)[state] * age_factor, 0.9))
        | relation.mortgage_only[existing]
    )
    owners = existing[wants]
    amount = people.income[owners] * rng.around_median(owners, p.mortgage_to_income)
    term = rng.integers(owners, 120, 361)
    paid = (rng.random(owners) * 0.4 * term).astype(np.int64)
    new_loan(bank, rng, MORTGAGE, owners, amount * (1 - paid / term), term - paid, _opened(bank, rng, owners, 40))
    owners = existing[rng.chance(existing, np.array(p.consumer)[state])]
    amount = people.income[owners] * rng.around_median(owners, p.consumer_to_income)
    term = np.array(p.consumer_terms)[rng.integers(owners, 0, len(p.consumer_terms))]
    paid = (rng.random(owners) * 0.8 * term).astype(np.int64)
    new_loan(bank, rng, CONSUMER, owners, amount * (1 - paid / term), term - paid, _opened(bank, rng, owners, 40))
    owners = existing[
        rng.chance(existing, np.array(p.card)[state]) & (people.age_on(bank.months[0].first)[existing] > 20)
    ]
    new_cards(bank, rng, owners, _opened(bank, rng, owners), at_start=True)
    owners = existing[rng.chance(existing, np.array(p.insurance)[state])]
    bank.accounts.open(INSURANCE, owners, _opened(bank, rng, owners))


def new_cards(bank: Bank, rng: CustomerStream, owners: IntArray, opened: IntArray, *, at_start: bool = False) -> None:
    """Issue credit cards; those who revolve carry a balance and pay interest, the others pay none."""
    p = bank.parameters.product
    revolves = rng.chance(owners, p.revolver)
    target = bank.people.income[owners] * p.revolving_to_income[0]
    target = target * rng.lognormal(owners, 0.0, p.revolving_to_income[1]) * revolves
    account = bank.accounts.open(CARD, owners, opened, balance=-target if at_start else None)
    bank.accounts.rate[account] = np.where(revolves, p.rate_card, 0.0)
    bank.accounts.instalment[account] = target  # what a revolver leaves unpaid
    bank.accounts.due_day[account] = rng.integers(owners, 3, 27)


def _debts_elsewhere(bank: Bank, rng: CustomerStream) -> None:
    """Debts at other banks, of those who have none of the kind here."""
    people, relation, p, accounts = bank.people, bank.relation, bank.parameters.product, bank.accounts
    everyone = bank.everyone
    factor = np.array(p.mortgage_age_factor)[people.age_band]
    none = accounts.by_owner[MORTGAGE] == NONE
    has = none & rng.chance(everyone, np.minimum(p.mortgage_elsewhere * factor, 0.9))
    amount = people.income * rng.around_median(everyone, p.mortgage_to_income)
    relation.mortgage_elsewhere = np.where(has, amount * rng.uniform(everyone, 0.5, 1.0), 0.0)
    has = relation.now.other_loan | ((accounts.by_owner[CONSUMER] == NONE) & rng.chance(everyone, p.consumer_elsewhere))
    amount = people.income * rng.around_median(everyone, p.consumer_to_income)
    relation.loan_elsewhere = np.where(has, amount * rng.uniform(everyone, 0.2, 1.0), 0.0)
    revolves = rng.chance(everyone, 0.12)
    relation.card_elsewhere = np.where(revolves, people.income * p.revolving_to_income[0], 0.0)


def open_for_joiners(bank: Bank) -> None:
    """Open a current account for each customer who joins this month, with a first deposit on it."""
    rng, month, people = bank.rng["opening"], bank.month, bank.people
    new = np.flatnonzero((people.joined >= month.first) & (people.joined <= month.last))
    account = bank.accounts.open(CURRENT, new, people.joined[new], rate=bank.parameters.product.rate_current)
    ties = bank.relation.now.at(new)
    no_ties = ties.at(np.arange(len(new)))
    no_ties.share[:], no_ties.spend_share[:], no_ties.activity[:], no_ties.bills[:] = 0.0, 0.0, 0.0, 0
    bank.relation.before.assign(new, no_ties)
    bank.relation.switch_index[new] = month.index
    bank.relation.switch_months[new] = rng.integers(new, 3, 7)
    main = (ties.state == MAIN_HERE) | (ties.state == SPLIT)
    amount = people.income[new] / 12 * rng.uniform(new, 0.1, 0.8) * np.where(main, 1.0, 0.3) + 50
    by_hand = rng.chance(new, 0.35)
    own = ~by_hand & (ties.state == ELSEWHERE) & ties.linked
    kind = np.select([by_hand, own], [Kind.CASH_DEPOSIT, Kind.OWN_TRANSFER_IN], Kind.TRANSFER_IN)
    channel = np.where(by_hand, Channel.COUNTER, Channel.MOBILE)
    bank.book.add(account, people.joined[new], round_to(amount, 10), kind, channel, np.where(by_hand, NONE, ties.bank))
    bank.take_elsewhere(new, amount)
