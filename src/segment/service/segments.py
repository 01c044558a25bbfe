"""Which plan a customer's group has."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from segment.policy.decisions import Tiers
from segment.policy.early_warning import early_warning

STANDARD = "standard"
"""The state of customers whose tier has no closer word for them."""


def with_service_state(tiers: pl.DataFrame, borders: Tiers) -> pl.DataFrame:
    """Add the column `service_state`; customers who are excluded from tiering are left out."""
    # High-value and valuable customers: `early_warning` where a lower tier or a departure is likely, else `growth`
    # where growth made them valuable, by its rule or by odds that see more than the own figures.
    # Break-even: `main_bank_elsewhere`, `potential`, `new` (and provisional), else `no_potential`.
    # Loss-making: `credit` where the loss is one by credit, `direct` where own income is below direct cost, else
    # `covers_direct`. Whoever is in arrears has a service of their own in any tier.
    tier, state = pl.col("tier"), pl.col("sub_state")
    warned = early_warning(tiers.columns, borders)
    named = {
        "be_main_elsewhere": "main_bank_elsewhere",
        "be_potential": "potential",
        "new": "new",
        "provisional": "new",
    }
    direct = pl.when(pl.col("direct_contribution_12m") < 0).then(pl.lit("direct")).otherwise(pl.lit("covers_direct"))
    service_state = (
        pl.when(state == "in_arrears")
        .then(pl.lit("in_arrears"))
        .when(tier.is_in(["high_value", "valuable"]) & warned)
        .then(pl.lit("early_warning"))
        .when((tier == "valuable") & _grows(tiers.columns))
        .then(pl.lit("growth"))
        .when(tier == "break_even")
        .then(state.replace_strict(named, default="no_potential", return_dtype=pl.String))
        .when((tier == "loss_making") & (state == "loss_credit"))
        .then(pl.lit("credit"))
        .when(tier == "loss_making")
        .then(direct)
        .otherwise(pl.lit(STANDARD))
    )
    return tiers.filter(pl.col("standing").ne_missing("excluded")).with_columns(service_state=service_state)


def _grows(columns: Sequence[str]) -> pl.Expr:
    """Tell who is valuable for what is to come: own figures say less, and it is not a fall that waits."""
    ruled = (pl.col("tier_note") == "growth").fill_null(value=False)
    if not {"own_tier", "tier_source"} <= set(columns):
        return ruled
    less = pl.col("own_tier").is_in(["break_even", "loss_making"]) & pl.col("tier_source").is_in(["cluster", "guard"])
    return ruled | less.fill_null(value=False)
