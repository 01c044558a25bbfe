"""The columns that the model reads from a snapshot and writes for publication."""

from __future__ import annotations

from typing import Any

import polars as pl

from segment.arrays import Floats
from segment.contribution import LINE_NAMES
from segment.departures import LEAVING, MOVING
from segment.exceptions import ModelError
from segment.features import catalogue
from segment.policy import Policy
from segment.tiers.in_arrears import CREDIT_LOSS, LEVEL
from segment.tiers.odds import MARGIN, ODDS
from segment.tiers.outlook import GROWTH, LOWER_TIER
from segment.warehouse.household_sums import HOUSEHOLD

AS_OF = "as_of"
TEXTS = ("customer_id", "branch_id", "peer_group", "life_stage", "occupation", "household_id")
MARKS = ("is_staff", "deceased")
"""Columns of a snapshot that hold no numbers."""
BRANCH_MANAGERS = "branch_managers"
"""Optional column of a snapshot: how many relationship managers the customer's branch has."""

BEHAVIOUR = (
    "digital_share_12m",
    "manual_share_12m",
    "initiated_events_12m",
    "product_families",
    "deposits_12m",
    "debt_share_3m",
    "wealth_12m",
    "spend_12m",
    "cash_share_12m",
    "signal_salary_months",
    "signal_sweep_share",
)
"""Behaviour that clusters see beside the odds of the tiers."""

PUBLISHED = (
    "as_of",
    "customer_id",
    "branch_id",
    "tier",
    "tier_source",
    "previous_tier",
    "cluster",
    "months_observed",
    "income_12m",
    "cost_12m",
    "contribution_12m",
    "cost_coverage",
    "branch_multiple",
    "future_value_12m",
    "future_value_p10",
    "future_value_p50",
    "future_value_p90",
    "growth_potential",
    "main_bank_elsewhere_probability",
    "main_bank_elsewhere",
    "wallet_elsewhere_12m",
    "upgrade_potential_12m",
    "reasons",
    "policy_version",
    "model_version",
    "run_id",
)
"""CONTRACT.md section 3, in its order."""

FURTHER = (
    "own_tier",
    "cluster_tier",
    "sub_state",
    "standing",
    "main_bank_state",
    "main_bank_expert_score",
    "direct_contribution_12m",
    "blended_contribution_12m",
    "border_low",
    "border_break_even",
    "border_high",
    "branch_reference",
    "branch_pooled",
    "mean_cost",
    *ODDS,
    LOWER_TIER,
    GROWTH,
    "tier_note",
    "wallet_elsewhere_p80",
    "border_high_reachable",
    "main_bank_reasons",
    HOUSEHOLD,
    "wallet_elsewhere_mean_12m",
    "main_bank_elsewhere_from",
    "days_past_due",
    LEVEL,
    CREDIT_LOSS,
    *LEAVING,
    *MOVING,
    MARGIN,
)
"""Columns after the contract's, so that anyone can see how a tier came about."""

AFTER_FORECASTS = (
    "months_observed",
    "months_since_activity",
    "tenure_months",
    *TEXTS,
    *MARKS,
    *BEHAVIOUR,
    *(f"{line}_12m" for line in LINE_NAMES),
    "net_interest_12m",
    "income_12m",
    "cost_12m",
    "contribution_12m",
    "direct_contribution_12m",
    "contribution_winsorised_12m",
    "days_past_due",
    LEVEL,
)
"""Features that tiers, their reasons and what is published read beside the forecasts."""


def forecasts_alone(policy: Policy) -> set[str]:
    """Features that nothing reads of a customer once all forecasts are there."""
    return {feature.name for feature in catalogue(policy)}.difference(AFTER_FORECASTS)


def as_frame(X: Any) -> pl.DataFrame:
    """Take a snapshot as a Polars frame."""
    if isinstance(X, pl.DataFrame):
        return X
    if hasattr(X, "columns"):
        frame = pl.from_pandas(X.rename(columns=str), nan_to_null=True)
        # pandas keeps no type of a date, nor of a column in which nothing is known
        kept = {AS_OF: pl.Date, **dict.fromkeys(TEXTS, pl.String), **dict.fromkeys(MARKS, pl.Boolean)}
        return frame.cast({name: kind for name, kind in kept.items() if name in frame.columns})
    raise ModelError.with_hint(
        f"The model must be given a snapshot with column names. Got {type(X).__name__}.",
        "give a frame that segment.features.snapshot made",
    )


def managers_in(frame: pl.DataFrame) -> dict[str, int]:
    """Count the relationship managers of each branch that a snapshot names."""
    if BRANCH_MANAGERS not in frame.columns:
        return {}
    known = frame.select("branch_id", pl.col(BRANCH_MANAGERS).cast(pl.Int64)).drop_nulls().unique(maintain_order=True)
    return dict(known.iter_rows())


def numbers(frame: pl.DataFrame, columns: list[str]) -> Floats:
    """Take columns as an array, missing ones and missing cells as NaN."""
    # Returns array of float64, shape (n, len(columns)).
    missing = [name for name in columns if name not in frame.columns]
    whole = frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in missing)
    return whole.select(pl.col(name).cast(pl.Float64) for name in columns).fill_null(float("nan")).to_numpy()


def forecast_columns(policy: Policy) -> list[str]:
    """Features of the catalogue that name the future value as a user."""
    return [feature.name for feature in catalogue(policy) if "future_value" in feature.used_by]


def baseline_name(horizon_months: int) -> str:
    """Column that forecasts the next months by the last ones."""
    window = max(months for months in (1, 3, 6, 12) if months <= horizon_months)
    return f"contribution_{window}m"
