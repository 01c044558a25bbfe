"""A small bank drawn at random: every kind, channel and product, joint accounts, closings and leavers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from segment.ledger.vocabulary import CHANNELS, KINDS, SERVICE_CHANNELS

PRODUCTS = ("current", "savings", "term_deposit", "wealth", "mortgage", "consumer_loan", "credit_card", "insurance")
OUT = {"transfer_out", "own_transfer_out", "cash_withdrawal", "interest_charge", "fee", "card_payment", "direct_debit"}
OUT |= {"standing_order", "insurance_premium", "investment_buy", "tax"}
FIRST = dt.date(2024, 1, 1)


def random_bank(customers: int = 60, months: int = 15, seed: int = 0) -> dict[str, pl.DataFrame]:
    """Draw the ledger's tables, as `check_ledger` returns them."""
    rng = np.random.default_rng(seed)
    days = months * 30
    people = _people(rng, customers, days)
    accounts, holdings = _accounts(rng, customers, days)
    return {
        "branches": pl.DataFrame(
            {
                "branch_id": ["b0", "b1", "b2"],
                "name": ["North", "South", "East"],
                "kind": ["city", "city", None],
                "region": ["r1", "r2", "r1"],
                "monthly_overhead": [1000.0, None, 500.0],
            }
        ),
        "customers": people,
        "accounts": accounts,
        "holdings": holdings,
        "transactions": _transactions(rng, len(accounts), days),
        "balances": _balances(rng, len(accounts), months),
        "service_events": _service_events(rng, customers, days),
        "contact_rules": _contact_rules(rng, customers, days),
    }


def _dates(rng: np.random.Generator, size: int, days: int, missing: float = 0.0) -> pl.Series:
    chosen = [FIRST + dt.timedelta(days=int(day)) for day in rng.integers(0, days, size)]
    return pl.Series([None if rng.random() < missing else day for day in chosen], dtype=pl.Date)


def _words(rng: np.random.Generator, words: tuple[str, ...], size: int) -> pl.Series:
    return pl.Series([words[i] for i in rng.integers(0, len(words), size)], dtype=pl.Enum(words))


def _people(rng: np.random.Generator, customers: int, days: int) -> pl.DataFrame:
    joined = [
        dt.date(2020, 1, 1) if rng.random() < 0.7 else FIRST + dt.timedelta(days=int(rng.integers(0, days)))
        for _ in range(customers)
    ]
    return pl.DataFrame(
        {
            "customer_id": [f"c{i:03d}" for i in range(customers)],
            "branch_id": [f"b{i % 3}" for i in range(customers)],
            "joined_on": pl.Series(joined, dtype=pl.Date),
            "left_on": _dates(rng, customers, days, missing=0.85),
            "birth_date": pl.Series([dt.date(1980, 1, 1)] * customers, dtype=pl.Date),
            "sex": ["f"] * customers,
            "region": ["r"] * customers,
            "household_id": [f"h{i // 2}" if i % 5 else None for i in range(customers)],
            "life_stage": [("young", "family", None)[i % 3] for i in range(customers)],
            "occupation": [("worker", "pensioner")[i % 2] for i in range(customers)],
            "is_staff": [i == 1 for i in range(customers)],
        }
    )


def _accounts(rng: np.random.Generator, customers: int, days: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows, held = [], []
    for number in range(customers * 3):
        owner = number % customers
        product = "current" if number < customers else PRODUCTS[rng.integers(0, len(PRODUCTS))]
        rows.append((f"a{number:03d}", product, f"b{owner % 3}", dt.date(2020, 1, 1)))
        if rng.random() < 0.2:
            other = (owner + 1) % customers
            held += [(f"a{number:03d}", f"c{owner:03d}", "owner", 0.25)]
            held += [(f"a{number:03d}", f"c{other:03d}", "co_owner", 0.75)]
        else:
            held += [(f"a{number:03d}", f"c{owner:03d}", "owner", 1.0)]
            held += [(f"a{number:03d}", f"c{(owner + 2) % customers:03d}", "authorised", 0.0)]
    accounts = pl.DataFrame(rows, schema=["account_id", "product", "branch_id", "opened_on"], orient="row")
    accounts = accounts.with_columns(closed_on=_dates(rng, len(rows), days, missing=0.7))
    return accounts, pl.DataFrame(held, schema=["account_id", "customer_id", "role", "share"], orient="row")


def _transactions(rng: np.random.Generator, accounts: int, days: int) -> pl.DataFrame:
    size = accounts * days // 6
    kind = _words(rng, KINDS, size)
    sign = np.array([-1.0 if word in OUT else 1.0 for word in kind])
    sign *= np.where(rng.random(size) < np.where(kind == "loan_payment", 0.5, 0.05), -1.0, 1.0)
    amount = np.round(rng.lognormal(5.0, 1.5, size), 2) + 0.01
    frame = pl.DataFrame(
        {
            "transaction_id": [f"t{i:06d}" for i in range(size)],
            "account_id": [f"a{i:03d}" for i in rng.integers(0, accounts, size)],
            "booked_on": _dates(rng, size, days),
            "amount": np.round(sign * amount, 2),
            "kind": kind,
            "channel": _words(rng, CHANNELS, size),
            "counterparty_bank": pl.Series([("X1", None)[i] for i in rng.integers(0, 2, size)], dtype=pl.String),
        }
    )
    return pl.concat([frame, _regular_income(frame, accounts // 6, days)]).sort("booked_on", maintain_order=True)


def _regular_income(like: pl.DataFrame, accounts: int, days: int) -> pl.DataFrame:
    """A transfer of nearly the same size every month, half of it moved on, and a loan elsewhere, for some customers."""
    rows = [
        (f"r{kind}{i}-{day}", f"a{i:03d}", FIRST + dt.timedelta(days=day + later), amount, kind, "automatic", "X1")
        for i in range(accounts)
        for day in range(7 * i % 30, days - 3, 30)
        for kind, amount, later in (
            ("transfer_in", 9000.0 + day % 7, 0),
            ("own_transfer_out", -4500.0, i % 4),
            ("loan_payment", -700.0, 1),
        )
    ]
    return pl.DataFrame(rows, schema=like.schema, orient="row")


def _balances(rng: np.random.Generator, accounts: int, months: int) -> pl.DataFrame:
    size = accounts * months
    starts = [dt.date(FIRST.year + m // 12, m % 12 + 1, 1) for m in range(months)]
    return pl.DataFrame(
        {
            "account_id": [f"a{i:03d}" for i in range(accounts) for _ in range(months)],
            "month": starts * accounts,
            "average_balance": np.round(rng.normal(0, 10_000, size), 2),
            "closing_balance": np.round(rng.normal(0, 10_000, size), 2),
            "interest_rate_annual": pl.Series([None if i % 2 else 0.02 for i in range(size)], dtype=pl.Float64),
            "days_past_due": pl.Series([None if i % 3 else i % 120 for i in range(size)], dtype=pl.Int64),
        }
    )


def _service_events(rng: np.random.Generator, customers: int, days: int) -> pl.DataFrame:
    size = customers * days // 15
    return pl.DataFrame(
        {
            "event_id": [f"e{i:06d}" for i in range(size)],
            "customer_id": [f"c{i:03d}" for i in rng.integers(0, customers, size)],
            "occurred_on": _dates(rng, size, days),
            "channel": _words(rng, SERVICE_CHANNELS, size),
            "minutes": pl.Series([None if i % 3 else 12.5 for i in range(size)], dtype=pl.Float64),
        }
    )


def _contact_rules(rng: np.random.Generator, customers: int, days: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": [f"c{i:03d}" for i in rng.integers(0, customers, 40)],
            "rule": ["complaint", "opt_out"] * 20,
            "starts_on": _dates(rng, 40, days),
            "ends_on": _dates(rng, 40, days, missing=0.5),
            "channel": pl.Series([None] * 40, dtype=pl.String),
        }
    )
