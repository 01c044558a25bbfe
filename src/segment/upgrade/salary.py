"""What a salary that comes here changes in a current account's lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

import narwhals as nw
import polars as pl

from segment.contribution import LINE_NAMES, account_lines
from segment.contribution.lines import Frame
from segment.policy import Policy
from segment.policy.contacts import SalaryLever


@dataclass(frozen=True)
class _Terms:
    """A policy, told from others by its hash."""

    policy_hash: str
    policy: Policy = field(compare=False)


def salary_change(lever: SalaryLever, policy: Policy, as_of: dt.date) -> Mapping[str, float]:
    """Account for a salary that comes to a current account for twelve months: the same for every customer."""
    return _salary_change(lever, _Terms(policy.hash, policy), as_of)


@lru_cache(maxsize=8)
def _salary_change(lever: SalaryLever, terms: _Terms, as_of: dt.date) -> Mapping[str, float]:
    policy = terms.policy
    changes = dict.fromkeys(LINE_NAMES, 0.0)
    income = policy.main_bank.expected_income_month
    paid = income * lever.card_share / lever.card_payments_month
    booked = [(income, "salary", "automatic"), *[(-paid, "card_payment", "pos")] * lever.card_payments_month]
    for back in range(12):
        month = dt.date(as_of.year - (as_of.month <= back), (as_of.month - back - 1) % 12 + 1, 1)
        here = _account_month(lever.product, income * lever.balance_of_income, booked, policy, month)
        without = _account_month(lever.product, 0.0, [], policy, month)
        changes |= {name: changes[name] + here[name] - without[name] for name in here}
    return MappingProxyType(changes)


def _account_month(
    product: str, balance: float, booked: list[tuple[float, str, str]], policy: Policy, month: dt.date
) -> dict[str, float]:
    opened = dt.date(month.year - 5, 1, 1)
    accounts = {"account_id": ["a"], "product": [product], "branch_id": ["b"], "opened_on": [opened]}
    month_balance = {
        "account_id": ["a"],
        "average_balance": [balance],
        "interest_rate_annual": [None],
    }
    schema = {"amount": pl.Float64, "kind": pl.String, "channel": pl.String}
    rows = pl.DataFrame(booked, schema=schema, orient="row").with_columns(
        account_id=pl.lit("a"), counterparty_bank=pl.lit(None, dtype=pl.String)
    )
    branches = pl.DataFrame({"branch_id": ["b"], "minute_cost": [0.0]})
    lines = account_lines(
        _lazy(pl.DataFrame(accounts).with_columns(closed_on=pl.lit(None, dtype=pl.Date))),
        _lazy(pl.DataFrame(month_balance, schema_overrides={"interest_rate_annual": pl.Float64})),
        _lazy(rows),
        _lazy(branches),
        policy,
        month,
    )
    figures = lines.collect().to_native().drop("account_id").row(0, named=True)
    return {name: float(value) for name, value in figures.items()}


def _lazy(frame: pl.DataFrame) -> Frame:
    return nw.from_native(frame.lazy())
