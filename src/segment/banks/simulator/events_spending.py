"""Money that is spent: bills, cards and payment apps, cash, gifts, and debts at other banks (DOMAIN.md 6.4)."""

from __future__ import annotations

import numpy as np

from segment.banks.simulator import calendar
from segment.banks.simulator.accounts import CARD, CURRENT, INSURANCE
from segment.banks.simulator.draws import NONE, CustomerStream, FloatArray, IntArray, round_to
from segment.banks.simulator.events import OTHER_BANKS, Channel, Kind, some_bank
from segment.banks.simulator.parameters import ELSEWHERE
from segment.banks.simulator.state import Bank


def pay_obligations(bank: Bank) -> None:
    """Book what must be paid: bills, contributions to joint accounts, premiums, debts at other banks, bank fees."""
    rng = bank.rng["spending"]
    _bills(bank, rng)
    _joint_households(bank, rng)
    _premiums(bank)
    _debts_elsewhere(bank, rng)
    _fees(bank)


def _bills(bank: Bank, rng: CustomerStream) -> None:
    """Direct debits of utilities and standing orders of tenants, each on its own day of the month."""
    counts = np.where(bank.acts, bank.ties.bills, 0)
    who = np.repeat(np.arange(bank.count), counts)
    order = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
    size = np.array([0.05, 0.025, 0.015, 0.03, 0.02])[order]
    amount = np.maximum(bank.monthly_income[who] ** 0.6 * 250**0.4 * size * 3 * rng.lognormal(who, 0.0, 0.25), 15.0)
    # one bill in six is billed every two months
    habit = bank.people.habit[who]
    due = (order > 0) | ((habit + bank.month.index) % 6 > 0)
    day = bank.month.day(2 + (habit * 7 + order * 5) % 26)
    # most billers bank here or are not known; a few are recognised at their own bank
    other = np.where((habit + order) % 7 == 0, (habit + order) % OTHER_BANKS, NONE)
    joint = bank.accounts.joint[who]
    account = np.where((joint >= 0) & (order > 0), joint, bank.current[who])
    bank.book.add(account, day, np.where(due, -amount, 0.0), Kind.DIRECT_DEBIT, Channel.AUTOMATIC, other)
    tenants = bank.acting((bank.people.habit % 10 < 3) & (bank.ties.bills > 0))
    habit = bank.people.habit[tenants]
    rent = round_to(bank.monthly_income[tenants] * 0.18, 50.0) + 100.0
    day = bank.month.day(1 + habit % 5)
    bank.book.add(bank.current[tenants], day, -rent, Kind.STANDING_ORDER, Channel.AUTOMATIC, habit % OTHER_BANKS)


def _joint_households(bank: Bank, rng: CustomerStream) -> None:
    """Both partners pay into the joint account; groceries and the children's costs leave it."""
    joint = bank.accounts.joint
    who = bank.acting((joint >= 0) & (bank.ties.state <= 2))
    share = round_to(bank.monthly_income[who] * 0.15, 50.0) + 50.0
    day = np.minimum(bank.pay_day[who] + 1, bank.month.last)
    bank.book.add(bank.current[who], day, -share, Kind.STANDING_ORDER, Channel.AUTOMATIC)
    bank.book.add(joint[who], day, share, Kind.TRANSFER_IN, Channel.AUTOMATIC)
    rows = np.repeat(who, rng.poisson(who, 3.0))
    room = np.maximum(bank.accounts.planned[joint[rows]], 0.0)
    amount = np.minimum(bank.monthly_income[rows] * 0.03 * rng.lognormal(rows, -0.2, 0.6), room / 12)
    channel = np.where(rng.chance(rows, bank.people.digital[rows]), Channel.MOBILE, Channel.POS)
    bank.book.add(joint[rows], bank.days(rng, rows), -amount, Kind.CARD_PAYMENT, channel)


def _premiums(bank: Bank) -> None:
    """Insurance premiums, once a year in the month of the policy."""
    account = bank.accounts.by_owner[INSURANCE]
    month_opened = ((bank.accounts.opened[account] / 30.44).astype(np.int64) % 12) + 1
    who = bank.acting((account >= 0) & (month_opened == bank.month.number))
    premium = bank.parameters.product.insurance_to_income * bank.people.income[who]
    day = bank.month.day(1 + bank.people.habit[who] % 27)
    bank.book.add(bank.current[who], day, -premium, Kind.INSURANCE_PREMIUM, Channel.AUTOMATIC)


def _debts_elsewhere(bank: Bank, rng: CustomerStream) -> None:
    """Repayments of another bank's card and loan; also many whose main bank is here have them (a trap of 6.4)."""
    ties = bank.ties
    who = bank.acting(ties.other_card & rng.chance(bank.everyone, 0.85))
    amount = bank.monthly_income[who] * 0.12 * rng.lognormal(who, 0.0, 0.45)
    habit = bank.people.habit[who]
    by_hand = habit % 5 < 2
    bank.book.add(
        bank.current[who],
        bank.month.day(3 + (habit * 11) % 24),
        -np.maximum(np.round(amount, 2), 20.0),
        np.where(by_hand, Kind.OWN_TRANSFER_OUT, Kind.DIRECT_DEBIT),
        np.where(by_hand, Channel.MOBILE, Channel.AUTOMATIC),
        ties.card_bank[who],
    )
    who = bank.acting(ties.other_loan & (bank.relation.loan_elsewhere > 0))
    instalment = np.round(bank.relation.loan_elsewhere[who] * 0.02 + 100.0, -1)
    day = bank.month.day(3 + (bank.people.habit[who] * 13) % 24)
    bank.book.add(bank.current[who], day, -instalment, Kind.LOAN_PAYMENT, Channel.AUTOMATIC, ties.bank[who])


def _fees(bank: Bank) -> None:
    """Message fees by month; card fees once a year, for credit cards mostly waived and then refunded."""
    money, month = bank.parameters.money, bank.month
    habit = bank.people.habit
    pays = (habit * 7919 % 100) < money.message_fee_share * 100
    who = bank.acting(pays & (bank.ties.state <= 2) & (bank.current >= 0))
    bank.book.add(bank.current[who], month.last, -money.message_fee_month, Kind.FEE, Channel.AUTOMATIC)
    anniversary = habit % 12 + 1 == month.number
    who = bank.acting(anniversary & (bank.ties.state <= 2))
    bank.book.add(bank.current[who], month.first + 9, -money.card_fee_annual, Kind.FEE, Channel.AUTOMATIC)
    card = _usable_cards(bank)
    who = bank.acting(anniversary & (card >= 0))
    fee = money.credit_card_fee_annual
    bank.book.add(card[who], month.first + 9, -fee, Kind.FEE, Channel.AUTOMATIC)
    waived = who[(habit[who] * 31 % 100) < money.credit_card_fee_waived * 100]
    bank.book.add(card[waived], month.first + 12, fee, Kind.FEE_REFUND, Channel.AUTOMATIC)


def _usable_cards(bank: Bank) -> IntArray:
    """Credit cards that came before this month, were not written off, and are not a month late."""
    card, accounts = bank.accounts.by_owner[CARD], bank.accounts
    since = accounts.overdue[card]
    blocked = (accounts.lost[card] >= 0) | ((since > 0) & (bank.month.first - since >= 30))
    return np.where((card >= 0) & (accounts.opened[card] < bank.month.first) & ~blocked, card, NONE)


def _consumption(bank: Bank) -> FloatArray:
    """What a customer spends in the month, wherever: more when wealth exceeds the personal ratio to income."""
    p, income = bank.parameters.money, bank.monthly_income
    wealth = np.maximum(bank.liquid_here() + bank.relation.elsewhere, 0.0)
    usual = bank.people.wealth_ratio * bank.people.income
    reversion = p.spend_reversion * np.log((wealth + income) / (usual + income))
    return np.where(bank.acts, income * np.clip(p.spend_rate + reversion, 0.40, 1.40), 0.0)


def spend(bank: Bank) -> None:
    """Book card payments, cash, gifts and the cost of living, as far as the money here reaches."""
    rng, p, ties = bank.rng["spending"], bank.parameters.money, bank.ties
    total = _consumption(bank)
    cards = total * p.card_part * calendar.card_weights(bank.month).mean()
    budget = cards * ties.spend_share
    room = np.maximum(bank.accounts.planned_of(CURRENT) * 0.92, 0.0)
    card = _usable_cards(bank)
    on_card = np.where(card >= 0, bank.parameters.product.card_spend_share, 0.0)
    debit = np.minimum(budget * (1 - on_card), room)
    _payments(bank, rng, bank.current, debit, 1 - on_card)
    _payments(bank, rng, card, budget * on_card, on_card)
    cash = np.minimum(total * p.cash_part * ties.activity, 0.5 * np.maximum(room - debit, 0.0))
    _cash(bank, rng, cash)
    _gifts(bank, rng, 0.3 * np.maximum(room - debit - cash, 0.0))
    _living(bank, rng, total * (1 - p.card_part - p.cash_part), np.maximum(cards - debit - budget * on_card, 0.0))


def _living(bank: Bank, rng: CustomerStream, living: FloatArray, cards_elsewhere: FloatArray) -> None:
    """Rents, schools, families, top-ups of payment apps: paid from here in proportion to the money that is here."""
    # Where other banks hold too little for what is spent through them, the payment app is topped up from here.
    here = np.maximum(bank.liquid_here(), 0.0)
    part = here / np.maximum(here + bank.relation.elsewhere, 1.0)
    fixed = np.where(bank.ties.bills > 0, 0.12 + 0.18 * (bank.people.habit % 10 < 3), 0.0) * bank.monthly_income
    wanted = np.maximum(living * part - fixed, 0.0)
    needed = living * (1 - part) + cards_elsewhere
    wanted += np.maximum(needed - bank.relation.elsewhere, 0.0)
    room = 0.8 * np.maximum(bank.accounts.planned_of(CURRENT), 0.0)
    paid = np.where(bank.ties.state <= ELSEWHERE, np.minimum(wanted, room), 0.0)
    bank.take_elsewhere(np.arange(bank.count), needed)
    who = np.repeat(np.arange(bank.count), np.where(bank.acts & (paid > 100.0), 1 + (paid > 1_500.0), 0))
    amount = np.floor(paid[who] / (1 + (paid[who] > 1_500.0)) * rng.uniform(who, 0.7, 1.3))
    amount = np.minimum(amount, paid[who])
    other = some_bank(rng, who, 0.4)
    bank.book.add(bank.current[who], bank.days(rng, who), -amount, Kind.TRANSFER_OUT, Channel.MOBILE, other)


def _payments(bank: Bank, rng: CustomerStream, account: IntArray, budget: FloatArray, part: FloatArray) -> None:
    """Split budgets into payments; those who like the app pay more often, and less at a time."""
    p = bank.parameters.money
    season = calendar.card_weights(bank.month)
    often = p.payments_annual / 12 * bank.people.digital + 1.5
    rate = np.where(bank.acts & (budget > 1.0), often * bank.ties.activity * part * season.mean(), 0.0)
    counts = np.minimum(rng.poisson(bank.everyone, rate), p.payments_cap)
    counts = np.where((counts == 0) & (budget > 30.0) & bank.acts & (rate > 0.3), 1, counts)
    who = np.repeat(np.arange(bank.count), counts)
    size = rng.lognormal(who, -0.5, 1.0)
    total = np.bincount(who, size, minlength=bank.count)
    amount = np.round(budget[who] * size / total[who], 2)
    by_app = rng.chance(who, 0.35 + 0.6 * bank.people.digital[who])
    channel = np.where(by_app, Channel.MOBILE, np.where(rng.chance(who, 0.1), Channel.ONLINE, Channel.POS))
    day = bank.month.first + rng.days(who, season)
    bank.book.add(account[who], day, -amount, Kind.CARD_PAYMENT, channel)


def _cash(bank: Bank, rng: CustomerStream, budget: FloatArray) -> None:
    """Cash from machines, most of it in the weeks before New Year; one in five machines is another bank's."""
    p = bank.parameters.money
    weights = calendar.cash_weights(bank.month)
    rate = (p.atm_annual[0] + p.atm_annual[1] * (1 - bank.people.digital)) / 12
    counts = rng.poisson(bank.everyone, np.where(bank.acts, rate * bank.ties.activity, 0.0) * weights.mean())
    who = np.repeat(np.arange(bank.count), counts)
    usual = bank.monthly_income[who] * 0.10 * rng.lognormal(who, -0.2, 0.6)
    amount = round_to(np.minimum(np.minimum(usual, 10_000.0), budget[who] * 2.5 / np.maximum(counts[who], 1)), 100.0)
    other = some_bank(rng, who, p.foreign_atm)
    day = bank.month.first + rng.days(who, weights)
    bank.book.add(bank.current[who], day, -amount, Kind.CASH_WITHDRAWAL, Channel.ATM, other)


def _gifts(bank: Bank, rng: CustomerStream, room: FloatArray) -> None:
    """Transfers to other people, and red packets around New Year."""
    weights = calendar.red_packet_weights(bank.month)
    mean = 1.0 * bank.ties.activity + (2.0 * bank.ties.activity if weights.sum() >= 3 else 0.0)
    counts = rng.poisson(bank.everyone, np.where(bank.acts, mean, 0.0))
    who = np.repeat(np.arange(bank.count), counts)
    amount = bank.people.income[who] / 12 * 0.06 * rng.lognormal(who, -0.5, 1.0)
    amount = round_to(np.minimum(amount, room[who] / np.maximum(counts[who], 1)), 10.0)
    packet = rng.chance(who, 0.67 if weights.sum() >= 3 else 0.0)
    inside = bank.month.first + rng.days(who, weights if weights.sum() >= 3 else weights + 1.0)
    day = np.where(packet, inside, bank.days(rng, who))
    other = some_bank(rng, who, 0.5)
    by_app = rng.chance(who, 0.3 + 0.65 * bank.people.digital[who])
    channel = np.where(by_app, Channel.MOBILE, np.where(rng.chance(who, 0.3), Channel.COUNTER, Channel.ONLINE))
    bank.book.add(bank.current[who], day, -amount, Kind.TRANSFER_OUT, channel, other)
