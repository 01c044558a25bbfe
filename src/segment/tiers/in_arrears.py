"""Arrears and default: whom nobody markets to, charges or sends to a machine, and who is not above break-even."""

# Source: DOMAIN.md 3.10. Entry and cure are judged debt by debt, month by month (`segment.contribution.debts`).

from __future__ import annotations

import datetime as dt
from typing import Final

import polars as pl

from segment.contribution.debts import IN_ARREARS, IN_DEFAULT
from segment.ledger.protection import rule_in_force
from segment.policy.decisions import Tiers

SUB_STATE: Final = "in_arrears"
LOSS_CREDIT: Final = "loss_credit"
LEVEL, CREDIT_LOSS = "arrears_level", "credit_loss_12m"


def with_arrears(frame: pl.DataFrame) -> pl.DataFrame:
    """Add what a snapshot of an earlier release does not know, and what credit cost in twelve months."""
    absent = [name for name in ("days_past_due", LEVEL) if name not in frame.columns]
    sides = {"expected_loss_12m": 1.0, "write_offs_12m": 1.0, "recoveries_12m": -1.0}
    lines = [pl.col(name).fill_null(0.0) * sign for name, sign in sides.items() if name in frame.columns]
    return frame.with_columns(
        *(pl.lit(None, pl.Float64).alias(name) for name in absent), pl.sum_horizontal(0.0, *lines).alias(CREDIT_LOSS)
    )


def in_arrears(frame: pl.DataFrame) -> pl.Expr:
    """Say who is in arrears, default included."""
    return _level(frame) >= IN_ARREARS


def in_default(frame: pl.DataFrame) -> pl.Expr:
    """Say who is in default."""
    return _level(frame) >= IN_DEFAULT


def loses_by_credit(frame: pl.DataFrame, tiers: Tiers) -> pl.Expr:
    """Say whose loss is for the larger part one by credit, which no cheaper channel and no fee would mend."""
    if CREDIT_LOSS not in frame.columns:
        return pl.lit(value=False)
    loss = -pl.min_horizontal("contribution_12m", "blended_contribution_12m").clip(upper_bound=0.0)
    return (pl.col(CREDIT_LOSS) > 0.0) & (pl.col(CREDIT_LOSS) >= tiers.credit_share_of_loss * loss)


def with_hardship(tiers: pl.DataFrame, contact_rules: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """Count those who said so themselves among those in arrears: published tiers, with the rules of a day."""
    said = contact_rules.filter((pl.col("rule").cast(pl.String) == "hardship") & rule_in_force(on))
    hard = pl.col("customer_id").is_in(said["customer_id"].implode()) & (pl.col("standing") != "excluded")
    return tiers.with_columns(sub_state=pl.when(hard).then(pl.lit(SUB_STATE)).otherwise("sub_state"))


def service_may_change() -> pl.Expr:
    """Say whose use of services an action may aim at: not in arrears, and no loss by credit."""
    return ~pl.col("sub_state").is_in([SUB_STATE, LOSS_CREDIT]).fill_null(value=False)


def _level(frame: pl.DataFrame) -> pl.Expr:
    return pl.col(LEVEL).fill_null(0.0) if LEVEL in frame.columns else pl.lit(0.0)
