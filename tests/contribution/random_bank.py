"""Small random banks for invariants, and one month's accounting of a whole bank."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import narwhals as nw
import numpy as np
import polars as pl

from segment.contribution import (
    ACCOUNT_LINES,
    LINE_NAMES,
    account_lines,
    attribute,
    debts_of_month,
    person_lines,
    priced_branches,
)
from segment.contribution.lines import PERSON_LINES, Frame
from segment.contribution.remainder import unallocated_lines
from segment.dates import next_month
from segment.ledger.vocabulary import CHANNELS, KINDS, SERVICE_CHANNELS
from segment.policy import Policy
from tests.contribution.small_bank import JUNE, PRODUCTS, collected, on_polars, table

Bank = dict[str, pl.DataFrame]
BRANCHES = ("north", "south")


def random_bank(seed: int, customers: int = 6, accounts: int = 12, transactions: int = 60) -> Bank:
    """Draw a bank of one month, with joint accounts, accounts of nobody, and customers without any."""
    draw = np.random.default_rng(seed)
    people = [f"c{number}" for number in range(customers)]
    ids = [f"a{number}" for number in range(accounts)]
    pick = draw.choice
    return {
        "branches": table("branches", *({"branch_id": name, "monthly_overhead": 900.0} for name in BRANCHES)),
        "customers": table("customers", *({"customer_id": name, "branch_id": str(pick(BRANCHES))} for name in people)),
        "accounts": table("accounts", *(_account(draw, name) for name in ids)),
        "holdings": table("holdings", *(row for name in ids[1:] for row in _holders(draw, name, people))),
        "balances": table("balances", *(_balance(draw, name) for name in ids[:-1])),
        "transactions": table("transactions", *(_transaction(draw, str(pick(ids))) for _ in range(transactions))),
        "service_events": table(
            "service_events",
            *(
                {
                    "customer_id": str(pick(people)),
                    "channel": str(pick(SERVICE_CHANNELS)),
                    "minutes": None if draw.random() < 0.3 else float(draw.integers(1, 60)),
                }
                for _ in range(10)
            ),
        ),
        "contact_rules": table("contact_rules", *({"customer_id": str(pick(people))} for _ in range(2))),
    }


def _account(draw: np.random.Generator, name: str) -> dict[str, object]:
    opened = dt.date(2018, 1, 1) + dt.timedelta(days=int(draw.integers(0, 2740)))
    return {
        "account_id": name,
        "product": str(draw.choice(list(PRODUCTS))),
        "branch_id": str(draw.choice(BRANCHES)),
        "opened_on": opened,
        "closed_on": opened + dt.timedelta(days=int(draw.integers(0, 4000))) if draw.random() < 0.3 else None,
    }


def _holders(draw: np.random.Generator, name: str, people: list[str]) -> list[dict[str, object]]:
    first, second = (str(person) for person in draw.choice(people, 2, replace=False))
    if draw.random() < 0.5:
        return [{"account_id": name, "customer_id": first, "share": 1.0}]
    share = float(draw.integers(0, 5)) / 4
    return [
        {"account_id": name, "customer_id": first, "share": share},
        {"account_id": name, "customer_id": second, "share": 1 - share, "role": "co_owner"},
    ]


def _balance(draw: np.random.Generator, name: str) -> dict[str, object]:
    return {
        "account_id": name,
        "average_balance": round(float(draw.normal(0, 20_000)), 2),
        "interest_rate_annual": None if draw.random() < 0.5 else round(float(draw.uniform(0, 0.08)), 4),
        "days_past_due": None if draw.random() < 0.5 else int(draw.integers(0, 140)),
    }


def _transaction(draw: np.random.Generator, account: str) -> dict[str, object]:
    return {
        "account_id": account,
        "amount": round(float(draw.normal(-100, 500)), 2) or -1.0,
        "kind": str(draw.choice(KINDS)),
        "channel": str(draw.choice(CHANNELS)),
        "counterparty_bank": None if draw.random() < 0.5 else "other",
    }


def accounted(
    bank: Bank,
    policy: Policy,
    month: dt.date = JUNE,
    lazily: Callable[[pl.DataFrame], Frame] = on_polars,
) -> dict[str, pl.DataFrame]:
    """Account for a month: by account, by person, by customer, and what nobody holds by branch."""
    of = {name: lazily(frame) for name, frame in bank.items()}
    of["accounts"] = of["accounts"].filter(nw.col("opened_on") < nw.lit(next_month(month)))
    branches = priced_branches(
        of["accounts"], of["customers"], of["transactions"], of["service_events"], of["branches"], policy
    )
    debts = lazily(debts_of(bank, policy, month))
    accounts = account_lines(of["accounts"], of["balances"], of["transactions"], branches, policy, month, debts)
    persons = person_lines(
        of["service_events"], of["contact_rules"], policy, month, customers=of["customers"], branches=branches
    )
    shared = attribute(accounts, of["holdings"], ACCOUNT_LINES)
    unheld = unallocated_lines(accounts, persons, of["accounts"], of["customers"], of["holdings"], of["customers"])
    frames = {"accounts": accounts, "persons": persons, "customers": _together(shared, persons), "unheld": unheld}
    return {name: collected(frame, frame.collect_schema().names()[0]) for name, frame in frames.items()}


def debts_of(bank: Bank, policy: Policy, month: dt.date = JUNE) -> pl.DataFrame:
    """The debts at the end of the ledger's first month."""
    opened = bank["accounts"].filter(pl.col("opened_on") < next_month(month))
    return debts_of_month(None, opened, bank["balances"], policy, month)


def _together(shared: Frame, persons: Frame) -> Frame:
    parts = [_all_lines(shared, ACCOUNT_LINES), _all_lines(persons, PERSON_LINES)]
    return nw.concat(parts, how="vertical").group_by("customer_id").agg(nw.col(name).sum() for name in LINE_NAMES)


def _all_lines(frame: Frame, known: tuple[str, ...]) -> Frame:
    columns = [nw.col(name) if name in known else nw.lit(0.0).alias(name) for name in LINE_NAMES]
    return frame.select("customer_id", *columns)
