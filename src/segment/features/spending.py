"""Card spending: the weeks with it, and how much is paid at a time."""

# Sizes tell of income, and hardly of which bank the customer pays from.
# Source: DOMAIN.md 2.2, `spend_wk`.

from __future__ import annotations

import datetime as dt

import narwhals as nw

from segment.contribution.lines import Frame
from segment.features.frames import sum_where

SIZE_MEASURES = ("card_payments", "card_payment_logs")


def spend_weeks(owned: Frame, month: dt.date, days_in_month: int) -> Frame:
    """Count the weeks (Monday to Sunday) with a card payment that end in the month."""
    # numbering weeks from the Monday before the margin keeps the division away from negative days
    offset = month.weekday() + 28
    week = (nw.col("day") + offset) // 7
    spent = owned.filter((nw.col("kind") == "card_payment") & (nw.col("amount") < 0.0) & (nw.col("day") >= -6))
    weeks = spent.select("customer_id", week=week)
    sunday = nw.col("week") * 7 + 6 - offset
    ended = weeks.filter((sunday >= 0) & (sunday < days_in_month)).unique(["customer_id", "week"])
    return ended.group_by("customer_id").agg(nw.len().cast(nw.Float64).alias("spend_weeks"))


def payment_sizes(owned: Frame) -> Frame:
    """Count the month's card payments and sum the logarithms of their sizes."""
    paid = (nw.col("kind") == "card_payment") & (nw.col("amount") < 0.0)
    size = nw.when(paid).then(-nw.col("amount")).otherwise(nw.lit(1.0))
    of_month = owned.filter(nw.col("day") >= 0).with_columns(paid=paid, size_log=size.log() * nw.col("share"))
    return of_month.group_by("customer_id").agg(
        card_payments=sum_where(nw.col("paid"), nw.col("share")),
        card_payment_logs=sum_where(nw.col("paid"), nw.col("size_log")),
    )
