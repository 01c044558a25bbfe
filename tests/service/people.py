"""Published customers, as few columns as the rules of service read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

AS_OF = dt.date(2025, 12, 31)
ADULT = dt.date(1985, 5, 5)
SCHEMA: dict[str, Any] = {
    "as_of": pl.Date,
    "customer_id": pl.String,
    "branch_id": pl.String,
    "tier": pl.String,
    "sub_state": pl.String,
    "standing": pl.String,
    "contribution_12m": pl.Float64,
    "direct_contribution_12m": pl.Float64,
    "chance_of_lower_tier": pl.Float64,
    "chance_of_leaving_6m": pl.Float64,
    "chance_main_bank_leaves_6m": pl.Float64,
    "tier_note": pl.String,
    "review": pl.String,
    "notice_until": pl.Date,
    "override_role": pl.String,
    "override_expires_on": pl.Date,
    "main_bank_elsewhere_probability": pl.Float64,
    "upgrade_potential_12m": pl.Float64,
}
USUAL = {
    "as_of": AS_OF,
    "branch_id": "b1",
    "standing": "active",
    "contribution_12m": 100.0,
    "direct_contribution_12m": 100.0,
    "chance_of_lower_tier": 0.1,
}
RULES = {"customer_id": pl.String, "rule": pl.String, "starts_on": pl.Date, "ends_on": pl.Date}
PERSONS = {"customer_id": pl.String, "birth_date": pl.Date, "is_staff": pl.Boolean, "left_on": pl.Date}
OBJECTED = {"customer_id": pl.String, "against": pl.String, "made_on": pl.Date, "withdrawn_on": pl.Date}


def published(**tiers: str | dict[str, Any]) -> pl.DataFrame:
    """A row per customer: a tier, or a tier and what else is not as usual."""
    rows = [
        {
            **dict.fromkeys(SCHEMA),
            **USUAL,
            "customer_id": name,
            **({"tier": given} if isinstance(given, str) else given),
        }
        for name, given in tiers.items()
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def homes(tiers: pl.DataFrame, **together: str) -> pl.DataFrame:
    """Everyone alone, except those who are told to be together."""
    household = pl.col("customer_id").replace(together)
    return tiers.select("customer_id", household=household)


def ledger(*rules: tuple[Any, ...], persons: list[tuple[Any, ...]]) -> dict[str, pl.DataFrame]:
    return {
        "contact_rules": pl.DataFrame(list(rules), schema=RULES, orient="row"),
        "customers": pl.DataFrame(persons, schema=PERSONS, orient="row"),
    }
