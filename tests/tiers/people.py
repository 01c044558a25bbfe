"""Scored customers for tests of the tiers."""

from __future__ import annotations

from typing import Any

import polars as pl

from segment.policy import Policy, load_policy

RETAIL: Policy = load_policy("models/retail.toml")


def deciding_by(way: str) -> Policy:
    """The policy as it is, but for what decides."""
    return RETAIL.model_copy(update={"tiers": RETAIL.tiers.model_copy(update={"decide_by": way})})


POLICY = deciding_by("borders")
"""What tests of borders go by: figures alone decide."""

_SCORED: dict[str, Any] = {
    "branch_id": "b",
    "peer_group": "all",
    "months_observed": 24,
    "months_since_activity": 0,
    "tenure_months": 24.0,
    "is_staff": False,
    "income_12m": 160.0,
    "cost_12m": 100.0,
    "contribution_12m": 60.0,
    "contribution_winsorised_12m": 60.0,
    "direct_contribution_12m": 80.0,
    "future_value_12m": 60.0,
    "future_value_p10": 30.0,
    "future_value_p50": 60.0,
    "future_value_p90": 90.0,
    "main_bank_elsewhere_probability": 0.1,
    "main_bank_state": "main_here",
    "wallet_elsewhere_12m": 0.0,
    "chance_high_value": 0.0,
    "chance_valuable": 0.5,
    "chance_break_even": 0.5,
    "chance_loss_making": 0.0,
    "growth_probability": 0.5,
    "guard_margin": 0.25,
}
_PLACED: dict[str, Any] = {
    "standing": "active",
    "cost_annual": 100.0,
    "blended_contribution_12m": 60.0,
    "mean_cost": 200.0,
    "branch_reference": 100.0,
    "border_low": -50.0,
    "border_break_even": 50.0,
    "border_high": 400.0,
    "border_high_reachable": 400.0,
    "cluster_tier": "valuable",
}


def people(count: int = 1, **columns: Any) -> pl.DataFrame:
    """Customers of a scored snapshot; each column is one value for all or one per customer."""
    return _frame(count, _SCORED, columns)


def placed(count: int = 1, **columns: Any) -> pl.DataFrame:
    """The same, between borders and in clusters."""
    return _frame(count, _SCORED | _PLACED, columns)


def _frame(count: int, defaults: dict[str, Any], columns: dict[str, Any]) -> pl.DataFrame:
    values = {"customer_id": [f"c{number}" for number in range(count)]} | defaults | columns
    return pl.DataFrame({name: v if isinstance(v, list) else [v] * count for name, v in values.items()})
