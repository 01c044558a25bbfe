"""Grades by assets beside the tiers: who holds which, until when, and how grades and tiers go together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from segment.dates import month_end, next_month
from segment.policy.grades_by_assets import AssetGrade, AssetGrades
from segment.tiers.standing import has_tier
from segment.tiers.tier_columns import BREAK_EVEN, HIGH_VALUE, LOSS_MAKING, TIERS, VALUABLE

GRADE, UNTIL = "asset_grade", "asset_grade_until"
"""The grade, null for who holds none; and the last day of a grade whose assets are below it, if they stay so."""


def grades_of(months: Iterable[pl.DataFrame], rules: AssetGrades, as_of: dt.date) -> pl.DataFrame:
    """Follow everybody's grades month by month; `months`: `customer_id` and `assets` of each, the oldest first."""
    # A grade is held from the month after `up_months` months in a row that reach it, and until `down_months` in a row
    # do not. A month without a row ends it.
    # Returns `customer_id`, `asset_grade` and `asset_grade_until` of those with a row in the last month.
    state = pl.DataFrame(schema={"customer_id": pl.String})
    for rows in months:
        known = rows.join(state, on="customer_id", how="left", maintain_order="left")
        state = known.select("customer_id", *(_step(known, _state(name), grade) for name, grade in rules.ascending))
    grade, until = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.Date)
    for name, one in rules.ascending:
        held, below = (pl.col(_state(name)).struct.field(part) for part in ("held", "below"))
        ends = {count: month_end(next_month(as_of, one.down_months - count)) for count in range(1, one.down_months)}
        last = below.replace_strict(ends, default=None, return_dtype=pl.Date)
        grade, until = pl.when(held).then(pl.lit(name)).otherwise(grade), pl.when(held).then(last).otherwise(until)
    return state.select("customer_id", grade.alias(GRADE), until.alias(UNTIL))


def _state(name: str) -> str:
    return f"state of {name}"  # a bank may call its grade as it likes


def _step(known: pl.DataFrame, name: str, grade: AssetGrade) -> pl.Expr:
    """A grade's state after a month: months in a row at it and below it, and whether it is held."""
    reached = pl.col("assets") >= grade.from_assets
    at, below, held = pl.lit(0), pl.lit(0), pl.lit(False)
    if name in known.columns:
        at, below, held = (pl.col(name).struct.field(part).fill_null(0) for part in ("at", "below", "held"))
    at, below = pl.when(reached).then(at + 1).otherwise(0), pl.when(reached).then(0).otherwise(below + 1)
    kept = (at >= grade.up_months) | (held.cast(pl.Boolean) & (below < grade.down_months))
    return pl.struct(at=at, below=below, held=kept).alias(name)


class GradeCounts(NamedTuple):
    """Customers by grade and tier, and three counts of them."""

    rows: list[dict[str, str | int | float | None]]  # Of `crosswalk`
    card_without_value: int
    value_without_card: int
    on_notice: int


def count_grades(tiers: pl.DataFrame, rules: AssetGrades | None, as_of: dt.date) -> GradeCounts:
    """Count them; nobody where the policy has no grades."""
    if rules is None:
        return GradeCounts([], 0, 0, 0)
    asked = (card_without_value(), value_without_card(), on_notice(as_of, rules.notice_before_down))
    return GradeCounts(crosswalk(tiers).to_dicts(), *(tiers.filter(one).height for one in asked))


def crosswalk(tiers: pl.DataFrame) -> pl.DataFrame:
    """Count customers by grade and tier, and what they bring; who holds no grade comes last."""
    counts = [(pl.col("tier") == tier).sum().cast(pl.Int64).alias(tier) for tier in TIERS]
    grouped = (
        tiers.filter(has_tier())
        .group_by(GRADE, maintain_order=True)
        .agg(*counts, customers=pl.len().cast(pl.Int64), contribution_12m=pl.col("contribution_12m").sum())
    )
    # grades are a pyramid: the rarest is the highest
    return grouped.sort(pl.col(GRADE).is_null(), "customers", GRADE)


def card_without_value() -> pl.Expr:
    """Tell who holds a grade and brings about nothing or less."""
    return pl.col(GRADE).is_not_null() & pl.col("tier").is_in([BREAK_EVEN, LOSS_MAKING]) & has_tier()


def value_without_card() -> pl.Expr:
    """Tell who brings much and holds no grade."""
    return pl.col(GRADE).is_null() & pl.col("tier").is_in([HIGH_VALUE, VALUABLE]) & has_tier()


def on_notice(as_of: dt.date, months: int) -> pl.Expr:
    """Tell who is to be told that the grade will be lost if assets stay as they are."""
    return pl.col(UNTIL) <= month_end(next_month(as_of, months))
