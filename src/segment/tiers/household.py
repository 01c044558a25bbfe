"""Households: what their members bring together, and the floor that a household gives each of them."""

from __future__ import annotations

import polars as pl

from segment.policy import Policy
from segment.tiers.borders import draw_borders, with_own_tier
from segment.tiers.standing import has_tier
from segment.tiers.tier_columns import BREAK_EVEN, HIGH_VALUE, LOSS_MAKING, VALUABLE
from segment.warehouse.household_sums import HOUSEHOLD

NOTE = "household"
"""`tier_note` of a tier that the household lifted."""

_SUMMED = ("blended_contribution_12m", "cost_annual", "future_value_p10")
_LEAST = {HIGH_VALUE: VALUABLE, VALUABLE: BREAK_EVEN}


def with_household(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the contribution of each customer's household, of all members who are customers on the date."""
    if "household_id" not in frame.columns:
        return frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(HOUSEHOLD))
    together = pl.col("contribution_12m").sum().over("household_id")
    return frame.with_columns(pl.when(pl.col("household_id").is_not_null()).then(together).alias(HOUSEHOLD))


def least_tiers(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Give each member of a household the least tier that the policy's floor allows: `customer_id` and `least_tier`."""
    # The household is taken as one customer: B, cost and P10 of its members who have a tier are added up, and B falls
    # between the borders that such a customer has at the member's branch. Nobody stands more than one tier below it.
    # Source: DOMAIN.md 1.5; that the borders are those of one customer is [K].
    if not policy.tiers.household_floor or "household_id" not in frame.columns:
        return pl.DataFrame(schema={"customer_id": pl.String, "least_tier": pl.String})
    members = frame.filter(has_tier() & pl.col("household_id").is_not_null())
    together = members.select(
        "customer_id",
        "mean_cost",
        "branch_reference",
        *(pl.col(name).sum().over("household_id") for name in _SUMMED),
    )
    tiered = with_own_tier(draw_borders(together, policy)).filter(pl.col("own_tier").is_in(list(_LEAST)))
    return tiered.select("customer_id", least_tier=pl.col("own_tier").replace_strict(_LEAST, return_dtype=pl.String))


def is_below(least: pl.Expr) -> pl.Expr:
    """Tell whether a tier lies below the least one; nobody's is null."""
    tier = pl.col("tier")
    return (
        ((least == VALUABLE) & tier.is_in([BREAK_EVEN, LOSS_MAKING])) | ((least == BREAK_EVEN) & (tier == LOSS_MAKING))
    ).fill_null(False)
