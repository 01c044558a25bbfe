"""A few accounts written by hand, as frames of any engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from segment.contribution import account_lines
from segment.contribution.lines import Frame, income, line_names
from segment.policy import Policy, load_policy

JUNE = dt.date(2025, 6, 1)

RETAIL = Path(__file__).parents[2] / "models" / "retail.toml"

# Round figures of their own, so that a hand can follow them and the shipped policy may change.
FTP: dict[str, Any] = {
    "method": "matched",
    "pool_rate_annual": 0.022,
    "max_curve_age_days": 365,
    "core_average_months": 4,
    "curves": [
        {"effective_on": dt.date(2020, 1, 1), "tenor_months": [0, 12, 48], "rate_annual": [0.01, 0.02, 0.03]},
        {"effective_on": dt.date(2025, 4, 1), "tenor_months": [0, 12, 48], "rate_annual": [0.02, 0.03, 0.04]},
    ],
}
OVERDRAFT = {
    "rate_annual": 0.12,
    "tenor_months": 0,
    "fixed_at": "month",
    "liquidity_premium_annual": 0.002,
    "default_probability_12m": 0.024,
    "loss_given_default": 0.5,
    "risk_weight": 0.75,
}
PRODUCTS: dict[str, Any] = {
    "current": {
        "family": "deposit",
        "day_count": "act/360",
        "fixed_cost_month": 3.0,
        "deposit": {
            "rate_annual": 0.002,
            "tenor_months": 0,
            "fixed_at": "month",
            "core_share": 0.5,
            "core_tenor_months": 48,
            "reserve_cost_annual": 0.001,
        },
        "debt": OVERDRAFT,
    },
    "term_deposit": {
        "family": "deposit",
        "day_count": "30/360",
        "fixed_cost_month": 0.5,
        "deposit": {"rate_annual": 0.015, "tenor_months": 12, "fixed_at": "origination"},
    },
    "wealth": {"family": "wealth", "day_count": "act/365", "fixed_cost_month": 0.5, "trail_fee_annual": 0.0073},
    "mortgage": {
        "family": "loan",
        "day_count": "30/360",
        "fixed_cost_month": 10.0,
        "debt": OVERDRAFT
        | {
            "rate_annual": 0.05,
            "tenor_months": 30,
            "fixed_at": "origination",
            "default_probability_12m": 0.012,
            "loss_given_default": 0.2,
            "risk_weight": 0.5,
        },
    },
    "credit_card": {"family": "card", "day_count": "act/360", "fixed_cost_month": 1.0, "debt": OVERDRAFT},
    "insurance": {"family": "insurance", "day_count": "act/365", "fixed_cost_month": 0.5},
}
FEES: dict[str, Any] = {
    "vat_rate": 0.25,
    "interchange": {"debit_rate": 0.01, "debit_cap": 5.0, "credit_rate": 0.02, "paid_away_share": 0.5},
    "commission": {"insurance_premium_rate": 0.1, "investment_buy_rate": 0.01, "spread_months": 12},
}
_CHANNELS = {"counter": 10.0, "atm": 1.5, "pos": 0.1, "mobile": 0.2, "online": 0.3, "phone": 6.0, "automatic": 0.02}
COSTS: dict[str, Any] = {
    "complaint": 100.0,
    "transaction": _CHANNELS | {"atm_other_bank": 3.5},
    "service_event": _CHANNELS | {"adviser": 5.0, "adviser_minute": 2.0, "adviser_minutes_if_unknown": 30.0},
    "overhead": {
        "per_account_month": 1.0,
        "per_manual_event": 0.5,
        "branch_minutes_month": 0.0,
        "minutes_per_counter_event": 6.0,
    },
}


def policy(**parts: Mapping[str, Any]) -> Policy:
    """The shipped policy with this file's figures, or a test's own, in the parts that account for money."""
    money = {
        "ftp": FTP,
        "products": PRODUCTS,
        "fees": FEES,
        "costs": COSTS,
        "risk": {"default_days_past_due": 90},
        "capital": {"ratio": 0.12, "cost_of_equity_annual": 0.11, "risk_free_annual": 0.01},
        "reconciliation": {
            "net_interest": 0.005,
            "fees": 0.01,
            "cost_to_serve": 0.02,
            "expected_loss": 0.01,
            "beyond_tolerance": "fail",
        },
    }
    return Policy.model_validate(load_policy(RETAIL).model_dump() | money | parts)


SCHEMAS: dict[str, dict[str, Any]] = {
    "branches": {"branch_id": pl.String, "name": pl.String, "monthly_overhead": pl.Float64},
    "customers": {"customer_id": pl.String, "branch_id": pl.String, "joined_on": pl.Date, "left_on": pl.Date},
    "accounts": {
        "account_id": pl.String,
        "product": pl.String,
        "branch_id": pl.String,
        "opened_on": pl.Date,
        "closed_on": pl.Date,
    },
    "holdings": {"account_id": pl.String, "customer_id": pl.String, "role": pl.String, "share": pl.Float64},
    "transactions": {
        "transaction_id": pl.String,
        "account_id": pl.String,
        "booked_on": pl.Date,
        "amount": pl.Float64,
        "kind": pl.String,
        "channel": pl.String,
        "counterparty_bank": pl.String,
    },
    "balances": {
        "account_id": pl.String,
        "month": pl.Date,
        "average_balance": pl.Float64,
        "closing_balance": pl.Float64,
        "interest_rate_annual": pl.Float64,
        "days_past_due": pl.Int64,
    },
    "service_events": {
        "event_id": pl.String,
        "customer_id": pl.String,
        "occurred_on": pl.Date,
        "channel": pl.String,
        "minutes": pl.Float64,
    },
    "contact_rules": {
        "customer_id": pl.String,
        "rule": pl.String,
        "starts_on": pl.Date,
        "ends_on": pl.Date,
        "channel": pl.String,
    },
    "ledger_totals": {"line": pl.String, "branch_id": pl.String, "month": pl.Date, "amount": pl.Float64},
}

DEFAULTS: dict[str, dict[str, Any]] = {
    "branches": {"branch_id": "north", "name": "North"},
    "customers": {"branch_id": "north", "joined_on": dt.date(2020, 1, 1)},
    "accounts": {"product": "current", "branch_id": "north", "opened_on": dt.date(2020, 1, 1)},
    "holdings": {"role": "owner", "share": 1.0},
    "transactions": {"account_id": "A", "booked_on": dt.date(2025, 6, 10), "kind": "other", "channel": "automatic"},
    "balances": {"account_id": "A", "month": JUNE, "average_balance": 0.0, "closing_balance": 0.0},
    "service_events": {"customer_id": "x", "occurred_on": dt.date(2025, 6, 10)},
    "contact_rules": {"customer_id": "x", "rule": "complaint", "starts_on": dt.date(2025, 6, 10)},
    "ledger_totals": {"branch_id": "north", "month": JUNE},
}


def table(name: str, *rows: Mapping[str, Any]) -> pl.DataFrame:
    """One table of the ledger: rows give what matters, defaults the rest."""
    full = [dict.fromkeys(SCHEMAS[name]) | DEFAULTS[name] | dict(row) for row in rows]
    return pl.DataFrame(full, schema=SCHEMAS[name])


def on_polars(frame: pl.DataFrame) -> Frame:
    """Hand a frame over as Polars would."""
    return nw.from_native(frame.lazy())


def on_duckdb(frame: pl.DataFrame) -> Frame:
    """Hand a frame over as DuckDB would."""
    return nw.from_native(duckdb.from_arrow(frame.to_arrow()))


def lazy(name: str, *rows: Mapping[str, Any]) -> Frame:
    """One table of the ledger on Polars."""
    return on_polars(table(name, *rows))


def collected(frame: Frame, key: str) -> pl.DataFrame:
    """Rows in the order of their key."""
    native: pl.DataFrame = frame.collect("polars").to_native()
    return native.sort(key)


def account_row(
    account: Mapping[str, Any],
    balance: Mapping[str, Any] | None = None,
    transactions: Sequence[Mapping[str, Any]] = (),
    of: Policy | None = None,
    month: dt.date = JUNE,
) -> dict[str, Any]:
    """Lines of a bank with one account, A, in June."""
    frame = account_lines(
        lazy("accounts", {"account_id": "A"} | dict(account)),
        lazy("balances", *([balance] if balance is not None else [])),
        lazy("transactions", *transactions),
        lazy("branches", {}),
        of or policy(),
        month,
    )
    return collected(frame, "account_id").row(0, named=True)


def direct_contribution() -> nw.Expr:
    """Income less the costs that the customer causes: what `segment.features.derived` sums up over a cube."""
    return income() - nw.sum_horizontal(*line_names("cost", direct_only=True))
