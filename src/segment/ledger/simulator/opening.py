"""The accounts that stand at the start, and those of new customers (DOMAIN.md 6.3)."""

from __future__ import annotations

import numpy as np

from segment.ledger.simulator.accounts import (
    CARD,
    CONSUMER,
    CURRENT,
    INSURANCE,
    MORTGAGE,
    SAVINGS,
    TERM,
    WEALTH,
)
from segment.ledger.simulator.draws import NONE, FloatArray, Generator, IntArray, chance, round_to
from segment.ledger.simulator.events import Channel, Kind
from segment.ledger.simulator.lending import new_loan
from segment.ledger.simulator.parameters import ELSEWHERE, MAIN_HERE, SPLIT
from segment.ledger.simulator.state import Bank

TERMS = np.array([3, 6, 12, 24, 36], dtype=np.int64)


def open_at_start(bank: Bank) -> None:
    """Open the accounts of customers who joined before the first month, with what stands on them."""
    rng = bank.rng["opening"]
    known = np.flatnonzero(bank.people.joined < bank.months[0].first)
    _deposits(bank, rng, known)
    _joint_accounts(bank, rng)
    _debts(bank, rng, known)
    _debts_elsewhere(bank, rng)


def _opened(bank: Bank, rng: Generator, customers: IntArray, youngest: int = 1) -> IntArray:
    """Days between joining and the first month, at least `youngest` days before it where the relation is that old."""
    joined = bank.people.joined[customers]
    span = np.maximum(bank.months[0].first - youngest - joined, 1)
    return joined + (rng.random(len(customers)) * span).astype(np.int64)


def _deposits(bank: Bank, rng: Generator, known: IntArray) -> None:
    accounts, people, relation, p = bank.accounts, bank.people, bank.relation, bank.parameters
    here = people.wealth[known] * relation.now.share[known]
    here = np.where(relation.mortgage_only[known], np.minimum(here, 500.0), here)
    demand = relation.demand_share[known]
    invested = np.where(people.wealth[known] > p.relation.wealth_from, relation.wealth_share[known], 0.0)
    wealth = np.where(here * invested * (1 - demand) > 5_000, here * invested * (1 - demand), 0.0)
    rest = here * (1 - demand) - wealth
    term_part = np.where(rest > 10_000, rng.beta(5, 2, len(known)), 0.0) * chance(rng, np.full(len(known), 0.75))
    term = round_to(rest * term_part, 1000.0)
    savings = np.where(rest - term > 2_000, rest - term, 0.0)
    cushion = bank.people.income[known] / 12 * relation.now.spend_share[known] * 0.6
    current = np.maximum(here - wealth - term - savings, cushion) + rng.uniform(0, 120, len(known))
    accounts.open(CURRENT, known, people.joined[known], balance=current, rate=p.product.rate_current)
    for product, amount, rate in ((SAVINGS, savings, p.product.rate_savings), (WEALTH, wealth, np.nan)):
        who = amount > 0
        accounts.open(product, known[who], _opened(bank, rng, known[who]), balance=amount[who], rate=rate)
    who = term > 0
    _start_terms(bank, rng, known[who], term[who])


def _start_terms(bank: Bank, rng: Generator, owners: IntArray, amount: FloatArray) -> None:
    """Term deposits that run at the start, somewhere between opening and maturity."""
    months = TERMS[rng.integers(0, len(TERMS), len(owners))]
    age = (rng.random(len(owners)) * months * 30).astype(np.int64)
    opened = np.maximum(bank.months[0].first - age - 1, bank.people.joined[owners])
    account = bank.accounts.open(TERM, owners, opened, balance=amount)
    bank.accounts.rate[account] = term_rate(bank, rng, months)
    bank.accounts.maturity[account] = opened + (months * 30.44).astype(np.int64)
    bank.accounts.due_day[account] = months
    # a matured deposit that lies before the first month was renewed by itself
    late = account[bank.accounts.maturity[account] < bank.months[0].first]
    bank.accounts.maturity[late] = bank.months[0].first + rng.integers(0, 300, len(late))


def term_rate(bank: Bank, rng: Generator, months: IntArray) -> FloatArray:
    """Rates of term deposits: a little more for longer terms."""
    rate = bank.parameters.product.rate_term + 0.002 * (months > 12) - 0.002 * (months < 6)
    rounded: FloatArray = np.round(rate + rng.normal(0.0, 0.0004, len(months)), 4)
    return rounded


def _joint_accounts(bank: Bank, rng: Generator) -> None:
    """A quarter of the couples keep a joint current account; some partners may use the other's."""
    people, accounts = bank.people, bank.accounts
    start = bank.months[0].first
    first = np.flatnonzero(people.partner > np.arange(people.count))
    second = people.partner[first]
    both = (people.joined[first] < start) & (people.joined[second] < start)
    first, second = first[both], second[both]
    joint = chance(rng, np.full(len(first), bank.parameters.people.couple_joint_account))
    a, b = first[joint], second[joint]
    sole = accounts.of[CURRENT, a].copy()
    since = np.maximum(people.joined[a], people.joined[b])
    since = since + (rng.random(len(a)) * (start - 1 - since)).astype(np.int64)
    shared = accounts.open(CURRENT, a, since, balance=people.income[a] / 12 * rng.uniform(0.3, 1.2, len(a)))
    accounts.rate[shared] = bank.parameters.product.rate_current
    accounts.of[CURRENT, a] = sole
    accounts.co_owner[shared] = b
    accounts.owner_share[shared] = np.where(chance(rng, np.full(len(a), 0.85)), 0.5, 0.6)
    accounts.joint[a], accounts.joint[b] = shared, shared
    may_use = first[~joint & chance(rng, np.full(len(first), 0.10))]
    accounts.authorised[accounts.of[CURRENT, may_use]] = people.partner[may_use]


def _debts(bank: Bank, rng: Generator, known: IntArray) -> None:
    people, relation, p = bank.people, bank.relation, bank.parameters.product
    state = relation.now.state[known]
    age_factor = np.array(p.mortgage_age_factor)[people.age_band[known]]
    wants = chance(rng, np.minimum(np.array(p.mortgage)[state] * age_factor, 0.9)) | relation.mortgage_only[known]
    owners = known[wants]
    amount = people.income[owners] * np.exp(
        rng.normal(np.log(p.mortgage_to_income[0]), p.mortgage_to_income[1], len(owners))
    )
    term = rng.integers(120, 361, len(owners))
    paid = (rng.random(len(owners)) * 0.4 * term).astype(np.int64)
    new_loan(bank, rng, MORTGAGE, owners, amount * (1 - paid / term), term - paid, _opened(bank, rng, owners, 40))
    owners = known[chance(rng, np.array(p.consumer)[state])]
    amount = people.income[owners] * np.exp(
        rng.normal(np.log(p.consumer_to_income[0]), p.consumer_to_income[1], len(owners))
    )
    term = np.array(p.consumer_terms)[rng.integers(0, len(p.consumer_terms), len(owners))]
    paid = (rng.random(len(owners)) * 0.8 * term).astype(np.int64)
    new_loan(bank, rng, CONSUMER, owners, amount * (1 - paid / term), term - paid, _opened(bank, rng, owners, 40))
    owners = known[chance(rng, np.array(p.card)[state]) & (people.age_on(bank.months[0].first)[known] > 20)]
    new_cards(bank, rng, owners, _opened(bank, rng, owners), at_start=True)
    owners = known[chance(rng, np.array(p.insurance)[state])]
    bank.accounts.open(INSURANCE, owners, _opened(bank, rng, owners))


def new_cards(bank: Bank, rng: Generator, owners: IntArray, opened: IntArray, *, at_start: bool = False) -> None:
    """Issue credit cards; those who revolve carry a balance and pay interest, the others pay none."""
    p = bank.parameters.product
    revolves = chance(rng, np.full(len(owners), p.revolver))
    target = bank.people.income[owners] * p.revolving_to_income[0]
    target = target * np.exp(rng.normal(0.0, p.revolving_to_income[1], len(owners))) * revolves
    account = bank.accounts.open(CARD, owners, opened, balance=-target if at_start else None)
    bank.accounts.rate[account] = np.where(revolves, p.rate_card, 0.0)
    bank.accounts.instalment[account] = target  # what a revolver leaves unpaid
    bank.accounts.due_day[account] = rng.integers(3, 27, len(owners))


def _debts_elsewhere(bank: Bank, rng: Generator) -> None:
    """Debts at other banks, of those who have none of the kind here."""
    people, relation, p, accounts = bank.people, bank.relation, bank.parameters.product, bank.accounts
    count = people.count
    factor = np.array(p.mortgage_age_factor)[people.age_band]
    none = accounts.of[MORTGAGE] == NONE
    has = none & chance(rng, np.minimum(p.mortgage_elsewhere * factor, 0.9))
    amount = people.income * np.exp(rng.normal(np.log(p.mortgage_to_income[0]), p.mortgage_to_income[1], count))
    relation.mortgage_elsewhere = np.where(has, amount * rng.uniform(0.5, 1.0, count), 0.0)
    has = relation.now.other_loan | (
        (accounts.of[CONSUMER] == NONE) & chance(rng, np.full(count, p.consumer_elsewhere))
    )
    amount = people.income * np.exp(rng.normal(np.log(p.consumer_to_income[0]), p.consumer_to_income[1], count))
    relation.loan_elsewhere = np.where(has, amount * rng.uniform(0.2, 1.0, count), 0.0)
    revolves = chance(rng, np.full(count, 0.12))
    relation.card_elsewhere = np.where(revolves, people.income * p.revolving_to_income[0], 0.0)


def open_for_joiners(bank: Bank) -> None:
    """Open a current account for each customer who joins this month, with a first deposit on it."""
    rng, month, people = bank.rng["opening"], bank.month, bank.people
    new = np.flatnonzero((people.joined >= month.first) & (people.joined <= month.last))
    account = bank.accounts.open(CURRENT, new, people.joined[new], rate=bank.parameters.product.rate_current)
    ties = bank.relation.now.at(new)
    nothing = ties.at(np.arange(len(new)))
    nothing.share[:], nothing.spend_share[:], nothing.activity[:], nothing.bills[:] = 0.0, 0.0, 0.0, 0
    bank.relation.before.assign(new, nothing)
    bank.relation.switch_index[new] = month.index
    bank.relation.switch_months[new] = rng.integers(3, 7, len(new))
    main = (ties.state == MAIN_HERE) | (ties.state == SPLIT)
    amount = people.income[new] / 12 * rng.uniform(0.1, 0.8, len(new)) * np.where(main, 1.0, 0.3) + 50
    by_hand = chance(rng, np.full(len(new), 0.35))
    own = ~by_hand & (ties.state == ELSEWHERE) & ties.linked
    kind = np.select([by_hand, own], [Kind.CASH_DEPOSIT, Kind.OWN_TRANSFER_IN], Kind.TRANSFER_IN)
    channel = np.where(by_hand, Channel.COUNTER, Channel.MOBILE)
    bank.book.add(account, people.joined[new], round_to(amount, 10), kind, channel, np.where(by_hand, NONE, ties.bank))
    bank.take_elsewhere(new, amount)
