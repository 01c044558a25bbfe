"""Where a customer stands with the bank: whom the tiers are measured on, and who is too new or to be left out."""

from __future__ import annotations

import polars as pl

from segment.policy.decisions import Tiers
from segment.tiers.tier_columns import require

STANDINGS = ("active", "provisional", "new", "dormant", "excluded")
"""Values of `standing`. Those after the first are shown apart: their tier is not the word of a year of own figures."""


def has_tier() -> pl.Expr:
    """Tell whom the policy places in a tier: shares of tiers are of these customers, wherever they are shown."""
    return pl.col("standing").ne_missing("excluded")


def _flag(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Read an optional column of yes and no; absent or null is no."""
    if column not in frame.columns:
        return pl.lit(False)
    return pl.col(column).cast(pl.Boolean).fill_null(False)


def _known(column: str) -> pl.Expr:
    """Read a number whose missing values may be written as null or as NaN."""
    return pl.col(column).cast(pl.Float64).fill_nan(None)


def _relation_months(frame: pl.DataFrame) -> pl.Expr:
    """Months of the relation: a short ledger does not make an old customer new."""
    observed = _known("months_observed").fill_null(0.0)
    if "tenure_months" not in frame.columns:
        return observed
    return pl.max_horizontal(observed, _known("tenure_months").fill_null(0.0).floor())


def with_standing(frame: pl.DataFrame, tiers: Tiers) -> pl.DataFrame:
    """Add the column `standing`."""
    # `excluded`: deceased, under investigation, or staff where the policy leaves staff out. `new` and `provisional`: a
    # relation shorter than the policy's months. `dormant`: no customer-initiated event for the policy's months.
    # `active`: all others, whose means are the yardstick of the tiers.
    # `frame`: One row per customer, with `months_observed` and `months_since_activity` (null: never active) and, where
    # known, `tenure_months`, `is_staff`, `deceased`, `under_investigation`.
    # Source: The four-tier policy, clauses "excluded", "new" and "dormant".
    require(frame, ("months_observed", "months_since_activity"), "Standing")
    months = _relation_months(frame)
    idle = _known("months_since_activity").fill_null(months)
    excluded = _flag(frame, "deceased") | _flag(frame, "under_investigation")
    if tiers.leave_out_staff:
        excluded = excluded | _flag(frame, "is_staff")
    standing = (
        pl.when(excluded)
        .then(pl.lit("excluded"))
        .when(months < tiers.new_below_months)
        .then(pl.lit("new"))
        .when(months < tiers.provisional_below_months)
        .then(pl.lit("provisional"))
        .when(idle >= tiers.dormant_after_months)
        .then(pl.lit("dormant"))
        .otherwise(pl.lit("active"))
    )
    return frame.with_columns(standing=standing)


def yardstick(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the customers whose means are the yardstick of the tiers."""
    # Active and seasoned customers; where a bank has none yet, all who are not left out; failing that, everyone.
    active = frame.filter(pl.col("standing") == "active")
    if active.height:
        return active
    counted = frame.filter(has_tier())
    return counted if counted.height else frame
