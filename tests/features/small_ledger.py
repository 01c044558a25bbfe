"""Ledgers of a few rows written by hand, and the month or the snapshot that they give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from segment.contribution.lines import to_polars
from segment.features import on_engine, snapshot, write_customer_months
from segment.features.monthly import build_customer_months
from segment.ledger.contract import TABLES
from segment.policy import Policy, load_policy
from segment.policy.ledger_signals import LedgerSignals

JUNE = dt.date(2025, 6, 1)
TYPES = {"text": pl.String, "date": pl.Date, "month": pl.Date, "number": pl.Float64, "integer": pl.Int64}
TYPES |= {"boolean": pl.Boolean, "time": pl.Time}
DEFAULTS: dict[str, dict[str, Any]] = {
    "branches": {"branch_id": "b", "name": "North"},
    "customers": {"customer_id": "x", "branch_id": "b", "joined_on": dt.date(2020, 1, 1)},
    "accounts": {"account_id": "A", "product": "current", "branch_id": "b", "opened_on": dt.date(2020, 1, 1)},
    "holdings": {"account_id": "A", "customer_id": "x", "role": "owner", "share": 1.0},
    "transactions": {"transaction_id": "t", "account_id": "A", "channel": "automatic"},
    "balances": {"account_id": "A", "month": JUNE, "average_balance": 0.0, "closing_balance": 0.0},
    "service_events": {"event_id": "e", "customer_id": "x"},
    "contact_rules": {"customer_id": "x", "rule": "complaint"},
}


@cache
def policy(**read: Any) -> Policy:
    """The policy of the repository's retail bank, with other figures by which signals are read."""
    retail = load_policy(Path(__file__).parents[2] / "models" / "retail.toml")
    signals = LedgerSignals.model_validate(retail.main_bank.signals.model_dump() | read)
    return retail.model_copy(update={"main_bank": retail.main_bank.model_copy(update={"signals": signals})})


def ledger(**rows: Sequence[Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    """Tables of the contract; one branch, customer, account and holding where none are given."""
    given: dict[str, Sequence[Mapping[str, Any]]] = dict.fromkeys(
        ("branches", "customers", "accounts", "holdings"), [{}]
    )
    given |= rows
    return {name: _table(name, given.get(name, [])) for name in DEFAULTS}


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    columns = TABLES[name].columns
    schema = {column.name: TYPES[column.kind] for column in columns}
    return pl.DataFrame([dict.fromkeys(schema) | DEFAULTS[name] | dict(row) for row in rows], schema=schema)


def booking(day: str, amount: float, kind: str, bank: str | None = None, **more: Any) -> dict[str, Any]:
    """One booking of 2025: ``booking("06-10", -20.0, "fee")``."""
    on = dt.date.fromisoformat(f"2025-{day}")
    return {"booked_on": on, "amount": amount, "kind": kind, "counterparty_bank": bank} | more


def month_of(
    tables: Mapping[str, pl.DataFrame], month: dt.date = JUNE, customer: str = "x", **read: Any
) -> dict[str, Any]:
    """The customer's row of a month."""
    rows = to_polars(build_customer_months(on_engine(tables, "polars"), policy(**read), month))
    return rows.row(by_predicate=pl.col("customer_id") == customer, named=True)


def snapshot_of(tables: Mapping[str, pl.DataFrame], as_of: dt.date, folder: Path) -> pl.DataFrame:
    """The snapshot of a moment, from customer months built in a folder."""
    write_customer_months(tables, policy(), as_of, folder)
    return snapshot(tables, folder, policy(), [as_of])[as_of]
