"""Money that comes in and goes out again: sweeps within some days, and what is left after ten."""

# A window counts in the month in which it ends, so that a month never waits for the next: the month takes the inflows
# of the days from so many before it to so many before its end.
# Source: DOMAIN.md 2.2, `sweep` and `retain10`.

from __future__ import annotations

import narwhals as nw

from segment.contribution.lines import Frame
from segment.exact_money import ROUNDING
from segment.features.frames import one_of, sum_where
from segment.policy.ledger_signals import LedgerSignals

RETENTION_DAYS = 10
"""As the measures are named."""


def ends_in_month(days: int, days_in_month: int) -> nw.Expr:
    """Whether a window that starts on `day` ends in the month."""
    return (nw.col("day") >= -days) & (nw.col("day") < days_in_month - days)


def _daily_inflow(owned: Frame, days: int, days_in_month: int) -> Frame:
    arrived = owned.filter(nw.col("external_in") & ends_in_month(days, days_in_month))
    return arrived.group_by("customer_id", "day").agg(nw.col("value").sum().alias("inflow"))


def sweeps(owned: Frame, days_in_month: int, rules: LedgerSignals) -> Frame:
    """Measure what leaves for another bank within some days of a large inflow."""
    # Returns `customer_id`, `large_inflow` (sum of the days' inflows that are a large share of the window
    # month's) and `swept_inflow` (of each, at most itself).
    # What goes to the customer's own account elsewhere counts whatever its size. Not every bank can tell whose account
    # it is, so a single transfer or standing order to another bank counts too if it takes `forwarded_share` of the
    # inflow or more; a rent does not.
    daily = _daily_inflow(owned, rules.sweep_days, days_in_month)
    totals = daily.group_by("customer_id").agg(nw.col("inflow").sum().alias("total"))
    is_large = nw.col("inflow") >= rules.large_inflow_share * nw.col("total") * (1.0 - ROUNDING)
    large = daily.join(totals, on="customer_id", how="inner").filter(is_large)
    after = nw.col("out_day") - nw.col("day")
    forwards = nw.col("own_out") | (nw.col("out") >= rules.forwarded_share * nw.col("inflow") * (1.0 - ROUNDING))
    paired = large.join(_leaving(owned), on="customer_id", how="left")
    matched = paired.group_by("customer_id", "day").agg(
        nw.col("inflow").max(), out=sum_where((after >= 0) & (after <= rules.sweep_days) & forwards, nw.col("out"))
    )
    swept = matched.select(
        "customer_id", large_inflow=nw.col("inflow"), swept_inflow=nw.min_horizontal("inflow", "out")
    )
    return swept.group_by("customer_id").agg(nw.col("large_inflow", "swept_inflow").sum())


def _leaving(owned: Frame) -> Frame:
    to_others = nw.col("everyday") & nw.col("other_bank") & one_of("kind", ("transfer_out", "standing_order"))
    outs = owned.filter(nw.col("own_out") | (to_others & (nw.col("amount") < 0.0)))
    return outs.select("customer_id", "own_out", out_day=nw.col("day"), out=-nw.col("value"))


def retention(owned: Frame, days_in_month: int) -> Frame:
    """Measure what is left of the month's biggest day of inflow ten days later."""
    # Returns `customer_id`, `retention_base` (the day's inflow; the first such day where several are equal) and
    # `retained_10d`: the inflow, less what went out on that day, plus and less what came and went in the ten days after
    # it, between zero and the inflow. Money moved within this bank stays. No balance is used, since the contract has
    # none by day.
    daily = _daily_inflow(owned, RETENTION_DAYS, days_in_month)
    most = daily.group_by("customer_id").agg(nw.col("inflow").max().alias("most"))
    biggest = (
        daily.join(most, on="customer_id", how="inner")
        .filter(nw.col("inflow") >= nw.col("most") * (1.0 - ROUNDING))
        .group_by("customer_id")
        .agg(nw.col("day").min(), nw.col("inflow").max())
    )
    moved = owned.filter(nw.col("everyday") & ~nw.col("within")).select(
        "customer_id", moved_day=nw.col("day"), moved=nw.col("value")
    )
    after = nw.col("moved_day") - nw.col("day")
    # the day's inflow is one of what moved, so that everybody keeps a row
    paired = biggest.join(moved, on="customer_id", how="inner").filter((after >= 0) & (after <= RETENTION_DAYS))
    same_day_in = (nw.col("moved_day") == nw.col("day")) & (nw.col("moved") >= 0.0)
    net = paired.group_by("customer_id").agg(nw.col("inflow").max(), net=sum_where(~same_day_in, nw.col("moved")))
    left = nw.max_horizontal(nw.lit(0.0), nw.min_horizontal(nw.col("inflow"), nw.col("inflow") + nw.col("net")))
    return net.select("customer_id", retention_base=nw.col("inflow"), retained_10d=left)
