"""Peer groups of customers, and each month's contribution with its extremes cut back."""

from __future__ import annotations

import polars as pl

from segment.contribution import line_names
from segment.policy.decisions import Tiers

WHOLE_BANK = "all"


def peer_groups(branches: pl.DataFrame) -> pl.DataFrame:
    """Group branches by type and region."""
    if not {"kind", "region"} <= set(branches.columns):
        return branches.select("branch_id", peer_group=pl.lit(WHOLE_BANK))
    named = pl.concat_str(pl.col("kind").cast(pl.String), pl.col("region").cast(pl.String), separator="|")
    return branches.select("branch_id", peer_group=named.fill_null(WHOLE_BANK))


def with_clipped_contribution(rows: pl.DataFrame, tiers: Tiers) -> pl.DataFrame:
    """Clip a month's contribution at the quantiles of its peers, or of the bank where they are too few."""
    # Source: DOMAIN.md 1.7: winsorised per month and outlet group, for tiers only.
    frame = rows.with_columns(contribution=contribution())
    value = pl.col("contribution")
    low, high = (value.quantile(level, "linear") for level in (tiers.winsor_quantile, 1.0 - tiers.winsor_quantile))
    enough = pl.len().over("peer_group") >= tiers.winsor_least_customers
    clipped = value.clip(
        pl.when(enough).then(low.over("peer_group")).otherwise(low),
        pl.when(enough).then(high.over("peer_group")).otherwise(high),
    )
    return frame.with_columns(contribution_clipped=clipped).drop("contribution")


def contribution() -> pl.Expr:
    """A month's contribution as tiers see it before it is clipped: commissions count when they are spread."""
    income = pl.sum_horizontal(name for name in line_names("income") if name != "commission_income")
    return income - pl.sum_horizontal(line_names("cost"))
