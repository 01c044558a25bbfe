"""How much a customer pays at a time: it tells of income, and hardly of which bank the customer pays from."""

from __future__ import annotations

import narwhals as nw

from segment.features.frames import Frame, sum_where

SIZE_MEASURES = ("card_payments", "card_payment_logs")


def payment_sizes(owned: Frame) -> Frame:
    """Count the month's card payments and sum the logarithms of their sizes.

    Parameters
    ----------
    owned : narwhals.LazyFrame
        What `owned_bookings` returns.

    Returns
    -------
    narwhals.LazyFrame
        `customer_id` and `SIZE_MEASURES`, for customers with a booking in the month.
    """
    paid = (nw.col("kind") == "card_payment") & (nw.col("amount") < 0.0)
    size = nw.when(paid).then(-nw.col("amount")).otherwise(nw.lit(1.0))
    of_month = owned.filter(nw.col("day") >= 0).with_columns(paid=paid, size_log=size.log() * nw.col("share"))
    return of_month.group_by("customer_id").agg(
        card_payments=sum_where(nw.col("paid"), nw.col("share")),
        card_payment_logs=sum_where(nw.col("paid"), nw.col("size_log")),
    )
