"""Weeks with card spending.

References
----------
DOMAIN.md 2.2, `spend_wk`.
"""

from __future__ import annotations

import datetime as dt

import narwhals as nw

from segment.features.frames import Frame


def spend_weeks(owned: Frame, month: dt.date, days_in_month: int) -> Frame:
    """Count the weeks (Monday to Sunday) with a card payment that end in the month.

    Parameters
    ----------
    owned : narwhals.LazyFrame
        What `owned_bookings` returns.
    month : datetime.date
        First day of the month.
    days_in_month : int
        Days of the month.

    Returns
    -------
    narwhals.LazyFrame
        `customer_id` and `spend_weeks`.
    """
    # numbering weeks from the Monday before the margin keeps the division away from negative days
    offset = month.weekday() + 28
    week = (nw.col("day") + offset) // 7
    spent = owned.filter((nw.col("kind") == "card_payment") & (nw.col("amount") < 0.0) & (nw.col("day") >= -6))
    weeks = spent.select("customer_id", week=week)
    sunday = nw.col("week") * 7 + 6 - offset
    ended = weeks.filter((sunday >= 0) & (sunday < days_in_month)).unique(["customer_id", "week"])
    return ended.group_by("customer_id").agg(nw.len().cast(nw.Float64).alias("spend_weeks"))
