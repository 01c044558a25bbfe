"""A customer and a review who pass every condition, to be changed in one thing at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from segment.law.condition import Stage, check_conditions
from segment.law.conditions import FEE, conditions
from segment.policy import Policy

ON = dt.date(2026, 5, 2)
STARTS_ON = dt.date(2026, 6, 1)
PASSES: dict[str, Any] = {
    "customer_id": "c1",
    "tier": "loss_making",
    "standing": "active",
    "direct_contribution_12m": -120.0,
    "in_arrears": False,
    "by_credit": False,
    "counter_transfers": 1.0,
    "manual_events": 1.0,
    "service_cost": 11.0,
    "item_counted_by": "counter_transfers",
    "loss_refreshes": 3,
    "by_hand": False,
    "birth_date": dt.date(1980, 5, 5),
    "vulnerable": False,
    "free_income": False,
    "student": False,
    "basic_account": False,
    "fee_exempt": False,
    "own_accounts": 2,
    "is_staff": False,
    "deceased": False,
    "left": False,
    "objection": False,
    "open_matter": False,
    "item_price": 5.0,
    "item_prices": 1,
    "item_public_since": dt.date(2022, 1, 1),
    "item_has_basis": True,
    "price": 5.0,
    "alternative": "The same by app, free",
    "starts_on": STARTS_ON,
    "author": "ann",
    "reviewer": "bob",
    "decision": "approved",
    "vouched": True,
    "withdrawn_on": None,
    "notice_on": dt.date(2026, 2, 1),
    "notice_evidence": "letters/7",
    "accepted_on": dt.date(2026, 2, 9),
    "reversible_until": STARTS_ON + dt.timedelta(days=60),
}
SCHEMA: dict[str, Any] = {
    name: {bool: pl.Boolean, int: pl.Int64, float: pl.Float64, str: pl.String, dt.date: pl.Date}[type(value)]
    for name, value in (PASSES | {"withdrawn_on": ON}).items()
}


def row(**changes: Any) -> pl.DataFrame:
    """One review with its customer's facts."""
    return pl.DataFrame([PASSES | changes], schema=SCHEMA)


def broken(policy: Policy, rows: pl.DataFrame, stage: Stage = Stage.CHARGE, action: str = FEE) -> list[str]:
    """Codes of the conditions that do not hold for the only row."""
    answers = check_conditions(rows, conditions(action, policy, ON), stage).row(0, named=True)
    return [code for code, holds in answers.items() if not holds]
