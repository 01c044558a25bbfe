"""Principal that falls due, and whether it leaves the bank."""

# Source: DOMAIN.md 2.2, `drain`.

from __future__ import annotations

import datetime as dt

import narwhals as nw

from segment.contribution.lines import Frame
from segment.dates import day_of_month
from segment.exact_money import ROUNDING
from segment.features.frames import one_of, sum_where
from segment.features.point_in_time import MARGIN_DAYS
from segment.features.sweeps import ends_in_month

CLOSING_DAYS = 3
"""Days before a term deposit's closing on which its principal may already be booked out."""


def maturities(owned: Frame, owned_accounts: Frame, month: dt.date, days_in_month: int, drain_days: int) -> Frame:
    """Measure matured principal, and what of it leaves for another bank within some days."""
    # Returns `customer_id`, `matured_principal` (closed term deposits and investments sold, whose days end in the
    # month) and `drained_principal` (transfers to another bank in those days, at most the principal).
    # A term deposit's principal is what is booked out of it in the three days up to its closing, or, where the ledger
    # books nothing there, what the everyday accounts receive from within the bank on those days.
    ends = ends_in_month(drain_days, days_in_month)
    closed = _closed_deposits(owned, owned_accounts, month).filter(ends)
    principal = nw.concat([closed, _sold_investments(owned).filter(ends)], how="vertical")
    due = (
        principal.group_by("customer_id", "day")
        .agg(nw.col("principal").sum())
        .filter(nw.col("principal") >= 0.01 - ROUNDING)
    )
    leaving = owned.filter(nw.col("other_bank") & (nw.col("amount") < 0.0) & _can_drain())
    outs = leaving.select("customer_id", out_day=nw.col("day"), out=-nw.col("value"))
    after = nw.col("out_day") - nw.col("day")
    matched = (
        due.join(outs, on="customer_id", how="left")
        .group_by("customer_id", "day")
        .agg(nw.col("principal").max(), out=sum_where((after >= 0) & (after <= drain_days), nw.col("out")))
    )
    drained = matched.select(
        "customer_id",
        matured_principal=nw.col("principal"),
        drained_principal=nw.min_horizontal("principal", "out"),
    )
    return drained.group_by("customer_id").agg(nw.col("matured_principal", "drained_principal").sum())


def _can_drain() -> nw.Expr:
    transfer = one_of("kind", ("own_transfer_out", "transfer_out", "investment_buy"))
    return transfer & (nw.col("everyday") | nw.col("term"))


def _sold_investments(owned: Frame) -> Frame:
    sold = owned.filter((nw.col("kind") == "investment_sell") & nw.col("everyday") & (nw.col("amount") > 0.0))
    return sold.group_by("customer_id", "day").agg(nw.col("value").sum().alias("principal"))


def _closed_deposits(owned: Frame, owned_accounts: Frame, month: dt.date) -> Frame:
    since = month - dt.timedelta(days=MARGIN_DAYS)
    closings = (
        owned_accounts.filter(nw.col("term") & (nw.col("closed_on") >= nw.lit(since)))
        .select("customer_id", day_of_month("closed_on", month).alias("day"))
        .unique(["customer_id", "day"])
    )
    from_within = nw.col("everyday") & nw.col("within") & (nw.col("kind") == "own_transfer_in")
    moved = owned.filter(nw.col("term") | from_within).select(
        "customer_id", "term", moved_day=nw.col("day"), moved=nw.col("value")
    )
    before = nw.col("day") - nw.col("moved_day")
    near = (before >= 0) & (before <= CLOSING_DAYS)
    value = nw.col("moved")
    summed = (
        closings.join(moved, on="customer_id", how="inner")
        .filter(near)
        .group_by("customer_id", "day")
        .agg(
            booked_out=sum_where(nw.col("term") & (value < 0.0), -value),
            received=sum_where(~nw.col("term") & (value > 0.0), value),
        )
    )
    principal = nw.when(nw.col("booked_out") > 0.0).then(nw.col("booked_out")).otherwise(nw.col("received"))
    return summed.select("customer_id", "day", principal=principal)
