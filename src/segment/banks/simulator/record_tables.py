"""What the bank records about its customers: reference tables, surveys, contact rules (CONTRACT.md 1 and 5)."""

from __future__ import annotations

import numpy as np
import polars as pl

from segment.banks.simulator.accounts import PRODUCTS, TERM
from segment.banks.simulator.calendar import dates
from segment.banks.simulator.draws import NEVER, IntArray
from segment.banks.simulator.parameters import DORMANT, MAIN_HERE, OCCUPATIONS, PENSIONER, SELF_EMPLOYED, SPLIT, STUDENT
from segment.banks.simulator.state import Bank
from segment.banks.simulator.wallets_elsewhere import wallet_elsewhere_12m

BRANCH_KINDS = ("urban", "suburban", "rural", "business")
LIFE_STAGES = ("student", "young", "family", "mid_life", "retired")
FAMILY_NAMES = ("Chen", "Li", "Wang", "Zhang", "Liu", "Yang", "Zhao", "Huang", "Zhou", "Wu", "Xu", "Sun")
GIVEN_NAMES = ("Min", "Wei", "Fang", "Jun", "Lan", "Qiang", "Na", "Tao", "Jing", "Hao", "Yan", "Bo")
SKILLS = (
    ("needs analysis", "deposits and funds", "payroll and switching"),
    ("wealth planning", "suitability", "lending to owners"),
    ("talks about the whole wallet", "payroll and switching", "forbearance", "budgeting"),
)
"""What managers can do, in the words of service plans; a small branch lacks some of it."""
RULES_FOR_GOOD = ("no_consent", "vulnerable", "basic_account", "fee_exempt", "litigation")


def ids(prefix: str, numbers: IntArray | pl.Series, width: int = 7) -> pl.Series:
    """Turn numbers into opaque ids of equal length."""
    text = pl.Series(numbers).cast(pl.String).str.zfill(width)
    return pl.select(pl.lit(prefix) + text).to_series()


def account_ids(bank: Bank) -> pl.Series:
    """Ids of all accounts so far: none changes when somebody else opens one more."""
    return ids("A", bank.accounts.number[: bank.accounts.size], 10)


def _coming(days: IntArray, last: int) -> IntArray:
    return np.where(days <= last, days, NEVER)


def branches(bank: Bank) -> pl.DataFrame:
    """Build the `branches` table."""
    count = bank.branches.count
    numbers = np.arange(1, count + 1)
    customers, service = np.bincount(bank.people.branch, minlength=count), bank.parameters.service
    return pl.DataFrame(
        {
            "branch_id": ids("B", numbers, 3),
            "name": ids("Outlet ", numbers, 3),
            "kind": [BRANCH_KINDS[kind] for kind in bank.branches.kind],
            "region": ids("R", bank.branches.region + 1, 2),
            "monthly_overhead": np.round(20_000.0 + 45.0 * customers, 2),
            "counters": 1 + customers // service.customers_per_counter,
            "opening_hours_week": np.full(count, float(len(service.day_profile) * service.open_days_week)),
        }
    )


def customers(bank: Bank) -> pl.DataFrame:
    """Build the `customers` table."""
    people, last = bank.people, bank.months[-1].last
    numbers = np.arange(1, people.count + 1)
    stage = np.select(
        [
            people.occupation == STUDENT,
            people.occupation == PENSIONER,
            people.has_child,
            people.age_band <= 1,
            people.partner >= 0,
        ],
        [0, 4, 2, 1, 2],
        3,
    )
    return pl.DataFrame(
        {
            "customer_id": ids("C", numbers),
            "branch_id": ids("B", people.branch + 1, 3),
            "joined_on": dates(people.joined),
            "left_on": dates(_coming(people.left, last)),
            "birth_date": dates(people.birth_day),
            "sex": np.where(people.female, "female", "male"),
            "region": ids("R", people.region + 1, 2),
            "household_id": ids("H", people.household + 1),
            "life_stage": [LIFE_STAGES[s] for s in stage],
            "occupation": [OCCUPATIONS[o] for o in people.occupation],
            "is_staff": people.staff,
        }
    )


def accounts(bank: Bank) -> pl.DataFrame:
    """Build the `accounts` table."""
    book, size, last = bank.accounts, bank.accounts.size, bank.months[-1].last
    return pl.DataFrame(
        {
            "account_id": account_ids(bank),
            "product": [PRODUCTS[p] for p in book.product[:size]],
            "branch_id": ids("B", bank.people.branch[book.owner[:size]] + 1, 3),
            "opened_on": dates(book.opened[:size]),
            "closed_on": dates(_coming(book.closed[:size], last)),
            "matures_on": dates(np.where(book.product[:size] == TERM, book.maturity[:size], NEVER)),
        }
    )


def holdings(bank: Bank) -> pl.DataFrame:
    """Build the `holdings` table: owners, co-owners of joint accounts, and authorised users."""
    book, size = bank.accounts, bank.accounts.size
    account = np.arange(size)
    parts = [(account, book.owner[:size], "owner", book.owner_share[:size])]
    shared = np.flatnonzero(book.co_owner[:size] >= 0)
    parts.append((shared, book.co_owner[shared], "co_owner", np.round(1.0 - book.owner_share[shared], 4)))
    used = np.flatnonzero(book.authorised[:size] >= 0)
    parts.append((used, book.authorised[used], "authorised", np.zeros(len(used))))
    account_id = account_ids(bank)
    frames = [
        pl.DataFrame({"account_id": account_id.gather(a), "customer_id": ids("C", c + 1), "role": role, "share": share})
        for a, c, role, share in parts
    ]
    return pl.concat(frames)


def survey(bank: Bank) -> pl.DataFrame | None:
    """Ask a sample about their main bank, once a year; who answers depends on age and activity, some answers err."""
    if (bank.drawn_for - 1 - bank.month.index) % 12 != 3:
        return None
    rng, p, people = bank.rng["labels"], bank.parameters.record, bank.people
    lean = np.exp(-0.5 * np.abs(people.age_on(bank.month.first) - 50) / 15) * (0.15 + bank.ties.activity)
    rate = p.survey_share * lean / p.survey_lean
    who = bank.acting(rng.chance(bank.everyone, np.minimum(rate, 0.9)))
    state = bank.ties.state[who]
    here = (state == MAIN_HERE) | ((state == SPLIT) & rng.chance(who, 0.5))
    here ^= rng.chance(who, p.survey_wrong)
    wallet = wallet_elsewhere_12m(bank)[who] * rng.lognormal(who, 0.0, p.survey_wallet_sigma)
    unknown = ~rng.chance(who, p.survey_wallet_known)
    return pl.DataFrame(
        {
            "customer_id": ids("C", who + 1),
            "observed_on": dates(bank.days(rng, who)),
            "main_bank_here": here,
            "wallet_elsewhere_12m": pl.Series(np.round(wallet, -1)).set(pl.Series(unknown), None),
            "source": "survey",
        }
    )


def contact_rules(bank: Bank) -> pl.DataFrame:
    """Build the `contact_rules` table."""
    rng, p, people = bank.rng["labels"], bank.parameters.record, bank.people
    first, last = bank.months[0].first, bank.months[-1].last
    everyone = bank.everyone
    old = np.exp((people.age_on(first) - 50) / 20)
    rates = (
        np.full(people.count, p.no_consent),
        np.minimum(p.vulnerable * old / old.mean(), 0.5),
        np.full(people.count, p.basic_account),
        np.where(people.occupation == STUDENT, 0.3, np.where(people.occupation == PENSIONER, 0.15, p.fee_exempt)),
        np.where(people.occupation == SELF_EMPLOYED, 3 * p.litigation, p.litigation),
    )
    frames = []
    for rule, rate in zip(RULES_FOR_GOOD, rates, strict=True):
        who = everyone[rng.chance(everyone, rate)]
        later = rng.integers(who, 0, 400) if rule in ("vulnerable", "litigation") else 0
        start = people.joined[who] + later
        frames.append(_rules(who, rule, start, np.full(len(who), NEVER)))
    span = last - first + 1
    who = everyone[rng.chance(everyone, p.opt_out_annual * span / 365)]
    start = np.maximum(first + rng.integers(who, 0, span), people.joined[who])
    frames.append(_rules(who, "opt_out", start, np.full(len(who), NEVER), rng.integers(who, 0, 3)))
    who, start = (np.concatenate(column) for column in zip(*bank.complaints, strict=True))
    end = np.where(rng.chance(who, 0.85), start + rng.integers(who, 10, 90), NEVER)
    frames.append(_rules(who, "complaint", start, end))
    dead = np.flatnonzero(people.died <= last)
    frames.append(_rules(dead, "deceased", people.died[dead] + rng.integers(dead, 3, 25), np.full(len(dead), NEVER)))
    who = bank.acting(rng.chance(everyone, np.where(bank.ties.state == DORMANT, 0.01, 0.06)))
    start = last - rng.integers(who, 0, 60)
    frames.append(_rules(who, "recently_contacted", start, start + 30))
    rules = pl.concat(frames)
    return rules.filter(pl.col("starts_on") <= dates(np.array([last]))[0])


def _rules(who: IntArray, rule: str, start: IntArray, end: IntArray, channel: IntArray | None = None) -> pl.DataFrame:
    names: list[str | None] = [None, "phone", "mobile"]
    named = [None] * len(who) if channel is None else [names[c] for c in channel]
    return pl.DataFrame(
        {
            "customer_id": ids("C", who + 1),
            "rule": pl.Series([rule] * len(who), dtype=pl.String),
            "starts_on": dates(start),
            "ends_on": dates(end),
            "channel": pl.Series(named, dtype=pl.String),
        }
    )


def reference_tables(bank: Bank) -> dict[str, pl.DataFrame]:
    """Build the small tables: relationship managers, published tariff items, freshness of suppression sources."""
    general = bank.general
    size = np.bincount(bank.people.branch, minlength=bank.branches.count)
    branch = np.repeat(np.arange(bank.branches.count), np.maximum(1, np.round(size / 250)).astype(np.int64))
    count = len(branch)
    managers = pl.DataFrame(
        {
            "rm_id": ids("M", np.arange(1, count + 1), 4),
            "branch_id": ids("B", branch + 1, 3),
            "weekly_contacts": general.integers(20, 31, count),
            "portfolio_limit": general.integers(15, 31, count) * 10,
            # without draws: what a branch asks of its people may not change what they do
            "name": [f"{FAMILY_NAMES[n % 12]} {GIVEN_NAMES[n // 12 % 12]}" for n in range(count)],
            "hours_week": [24.0 if n % 5 == 4 else 40.0 for n in range(count)],
            "skills": [";".join((*SKILLS[n % len(SKILLS)], "complaints")) for n in range(count)],
        }
    )
    first, last = bank.months[0].first, bank.months[-1].last
    items = (
        ("message_service_month", 3.0, first - 900, "head office tariff", "Message service, monthly fee"),
        ("debit_card_year", 10.0, first - 900, "head office tariff", "Debit card, annual fee"),
        ("credit_card_year", 100.0, first - 700, "head office tariff", "Credit card, annual fee"),
        ("counter_transfer", 5.0, first - 400, "head office tariff", "Transfer at the counter"),
        (
            "small_account_quarter",
            3.0,
            last - 30,
            "head office tariff, three months' notice running",
            "Small account, quarterly fee",
        ),
    )
    tariff = pl.DataFrame(
        {
            "item_code": [item[0] for item in items],
            "price": [item[1] for item in items],
            "public_since": dates(np.array([item[2] for item in items])),
            "legal_basis": [item[3] for item in items],
            "name": [item[4] for item in items],
        }
    )
    sources = ["consent_register", "complaints_desk", "deceased_register", "legal_holds"]
    suppression = pl.DataFrame({"source": sources, "refreshed_on": dates(np.full(len(sources), last))})
    return {"relationship_managers": managers, "tariff_items": tariff, "suppression_sources": suppression}
