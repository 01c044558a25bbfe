"""Small tables of candidates and of reasons not to contact them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.policy import Policy, load_policy
from segment.policy.contacts import Upgrade

LIST_ON = dt.date(2025, 12, 31)

RULES = {
    "customer_id": pl.String,
    "rule": pl.String,
    "channel": pl.String,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
}
OUTCOMES = {
    "list_id": pl.String,
    "customer_id": pl.String,
    "contacted_on": pl.Date,
    "response": pl.String,
    "responded_on": pl.Date,
}
CUSTOMERS = {
    "customer_id": pl.String,
    "birth_date": pl.Date,
    "is_staff": pl.Boolean,
    "left_on": pl.Date,
    "household_id": pl.String,
}


@pytest.fixture(scope="session")
def retail() -> Policy:
    return load_policy(Path(__file__).parents[2] / "models" / "retail.toml")


@pytest.fixture(scope="session")
def upgrade(retail: Policy) -> Upgrade:
    return retail.upgrade


def contact_tables(
    rules: list[tuple[object, ...]] | None = None,
    outcomes: list[tuple[object, ...]] | None = None,
    customers: list[tuple[object, ...]] | None = None,
) -> dict[str, pl.DataFrame]:
    return {
        "contact_rules": pl.DataFrame(rules or [], schema=RULES, orient="row"),
        "campaign_outcomes": pl.DataFrame(outcomes or [], schema=OUTCOMES, orient="row"),
        "customers": pl.DataFrame(customers or [], schema=CUSTOMERS, orient="row"),
    }


def candidates(count: int = 1, **changes: object) -> pl.DataFrame:
    row: dict[str, object] = {
        "branch_id": "b1",
        "tier": "break_even",
        "standing": "active",
        "main_bank_elsewhere": True,
        "main_bank_elsewhere_probability": 0.8,
        "upgrade_potential_12m": 4000.0,
        "growth_potential": 0.4,
        "chance_of_lower_tier": 0.1,
        "contribution_12m": 500.0,
        "families": ["deposit"],
        "value_months": 24.0,
    }
    rows = [{"customer_id": f"c{number:03}", **row, **changes} for number in range(count)]
    return pl.DataFrame(rows)


def with_rules(policy: Policy, **changes: object) -> Policy:
    """The policy with other rules for its lists."""
    return policy.model_copy(update={"upgrade": policy.upgrade.model_copy(update=changes)})
