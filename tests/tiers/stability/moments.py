"""Proposals of consecutive month ends for tests of stability."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from segment.policy import Policy, load_policy
from segment.tiers.describe import describe_customers
from segment.tiers.stability.stabilise import NO_OVERRIDES, stabilise

_RETAIL = load_policy("models/retail.toml")
POLICY: Policy = _RETAIL.model_copy(update={"tiers": _RETAIL.tiers.model_copy(update={"decide_by": "borders"})})
"""Margins around borders count where borders decide."""
LOW, BREAK_EVEN, HIGH = -50.0, 50.0, 400.0
AMOUNTS = {"high_value": 800.0, "valuable": 200.0, "break_even": 0.0, "loss_making": -200.0}
UNSURE = (0.25, 0.25, 0.25, 0.25)
SURE_TO_BE_HIGH = (1.0, 0.0, 0.0, 0.0)
SURE_TO_LOSE = (0.0, 0.1, 0.1, 0.8)
SURE_TO_COVER = (0.0, 0.9, 0.1, 0.0)


def month_end(number: int) -> dt.date:
    """Last day of the n-th month from January 2023, 0 the first."""
    year, month = divmod(number + 1, 12)
    return dt.date(2023 + year, month + 1, 1) - dt.timedelta(days=1)


def tier_of(amount: float) -> str:
    """Tier that a blended contribution falls into."""
    if amount < LOW:
        return "loss_making"
    if amount <= BREAK_EVEN:
        return "break_even"
    return "high_value" if amount >= HIGH else "valuable"


def proposed(as_of: dt.date, amounts: Sequence[float], odds: Sequence[float] = UNSURE, **columns: Any) -> pl.DataFrame:
    """What a model proposes for customers with these blended contributions: the tier of their own figures."""
    tiers = [tier_of(amount) for amount in amounts]
    fixed = {
        "branch_id": "b",
        "standing": "active",
        "tier_source": "guard",
        "income_12m": 150.0,
        "cost_12m": 100.0,
        "direct_contribution_12m": 80.0,
        "branch_reference": 100.0,
        "main_bank_elsewhere_probability": 0.9,
        "main_bank_state": "main_elsewhere",
        "wallet_elsewhere_12m": 900.0,
        "future_value_12m": 60.0,
        "future_value_p90": 90.0,
        "border_low": LOW,
        "border_break_even": BREAK_EVEN,
        "border_high": HIGH,
        "mean_cost": 200.0,
        **dict(zip([f"chance_{tier}" for tier in AMOUNTS], odds, strict=True)),
    }
    frame = pl.DataFrame(
        {
            "as_of": [as_of] * len(amounts),
            "customer_id": [f"c{place:05}" for place in range(len(amounts))],
            "tier": tiers,
            "own_tier": tiers,
            "cluster_tier": columns.pop("cluster_tier", tiers),
            "blended_contribution_12m": list(amounts),
            "contribution_12m": list(amounts),
        }
    ).with_columns(
        *(pl.lit(value).alias(name) for name, value in fixed.items()),
        previous_tier=pl.lit(None, dtype=pl.String),
        tier_note=pl.lit(None, dtype=pl.String),
        reasons=pl.lit(["INCOME_COVERS_COST", "FEES_HIGH", "COUNTER_USE_HIGH"]),
    )
    frame = frame.with_columns(pl.lit(value).alias(name) for name, value in columns.items())
    return describe_customers(frame, POLICY)


def followed(
    amounts: Sequence[Sequence[float]],
    *,
    odds: Sequence[float] = UNSURE,
    policy: Policy = POLICY,
    months: Sequence[int] | None = None,
    overrides: pl.DataFrame = NO_OVERRIDES,
    **columns: Any,
) -> list[pl.DataFrame]:
    """Publish the moments of some customers one after the other; each entry holds a moment's contributions."""
    published: list[pl.DataFrame] = []
    for number, moment in zip(months or range(len(amounts)), amounts, strict=True):
        as_of = month_end(number)
        in_force = overrides.filter(pl.col("expires_on") >= as_of)
        before = published[-1] if published else None
        published.append(stabilise(proposed(as_of, moment, odds, **columns), before, as_of, policy, in_force))
    return published


def path(*tiers: str, **keywords: Any) -> list[str]:
    """Tiers published of one customer who is proposed these tiers."""
    return [moment["tier"].item() for moment in followed([[AMOUNTS[tier]] for tier in tiers], **keywords)]
