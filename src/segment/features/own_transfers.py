"""Own transfers: which of them leave this bank though no bank is named, and which of them empty an account."""

# The code of the bank at the other end is often missing. A transfer within this bank arrives on another account of the
# same customer; one that arrives nowhere here went elsewhere.

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import narwhals as nw

from segment.contribution.lines import Frame
from segment.dates import day_of_month
from segment.exact_money import ROUNDING
from segment.features.frames import any_where, computed, one_of, sum_where
from segment.policy.decisions import MainBank

OWN_KINDS = ("own_transfer_in", "own_transfer_out")
BOTH_ENDS_FROM = 0.25
"""Share of the unnamed own transfers with both ends on record from which the ledger is known to book both ends."""


def with_other_bank(
    transactions: Frame, holdings: Frame, month: dt.date, within_days: int, both_ends: float | None = None
) -> Frame:
    """Say of each booking whether its other end is a bank elsewhere."""
    # `both_ends`: Share of the unnamed own transfers of the whole ledger that find their other end, where
    # `transactions` are only a part of it.
    # Returns `transactions` with `other_bank`: true where a bank is named, and for an own transfer that names none and
    # whose amount did not arrive on (or leave) another account of an owner within these days. The latter only in a
    # ledger that books both ends, which shows in that many unnamed own transfers find their other end.
    # Source: CONTRACT.md 1: `counterparty_bank` is null for this bank, or where it is not known.
    paired = paired_transfers(transactions, holdings, month, within_days)
    known = (
        paired.join(paired.select(both_ends=nw.col("paired").mean()), how="cross")
        if both_ends is None
        else paired.with_columns(both_ends=nw.lit(both_ends))
    )
    alone = known.select("transaction_id", alone=(nw.col("paired") < 0.5) & (nw.col("both_ends") >= BOTH_ENDS_FROM))
    marked = transactions.join(alone, on="transaction_id", how="left")
    named = ~nw.col("counterparty_bank").is_null()
    return marked.with_columns(other_bank=named | nw.col("alone").fill_null(value=False)).drop("alone")


def paired_transfers(transactions: Frame, holdings: Frame, month: dt.date, within_days: int) -> Frame:
    """Say of each own transfer that names no bank whether it finds its other end: `transaction_id` and `paired`."""
    cents = (nw.col("amount").cast(nw.Float64).abs() * 100.0).round(0).cast(nw.Int64)
    day, into = day_of_month("booked_on", month).alias("day"), nw.col("amount") > 0
    columns = ("transaction_id", "account_id", "kind", "counterparty_bank")
    sides = transactions.select(*columns, day, cents=cents, into=into)
    owners = holdings.select("account_id", "customer_id")
    asked = computed(sides.filter(one_of("kind", OWN_KINDS) & nw.col("counterparty_bank").is_null()))
    unnamed = asked.join(owners, on="account_id", how="inner")
    # few bookings are of an amount that is asked for
    ends = sides.join(asked.select("cents").unique("cents"), on="cents", how="semi")
    other_end = ends.join(owners, on="account_id", how="inner").select(
        "customer_id", "cents", end="account_id", end_day="day", end_into="into"
    )
    days = nw.col("day") - nw.col("end_day")
    near = (days <= within_days) & (days >= -within_days)
    opposite = (nw.col("end") != nw.col("account_id")) & (nw.col("end_into") != nw.col("into"))
    met = unnamed.join(other_end, on=["customer_id", "cents"], how="left").group_by("transaction_id")
    # a transfer between two people's accounts is seen once for each of them: either may hold its other end
    return met.agg(paired=any_where(near & opposite))


def emptied(visible: Mapping[str, Frame], owned: Frame, day: nw.Expr, rules: MainBank) -> Frame:
    """Measure round transfers to the own account elsewhere that empty an account."""
    # Returns `customer_id` and `round_own_out`: the owner's share of the month's transfers to the own account elsewhere
    # that are a multiple of `round_amount` and take `emptied_share` or more of what was on the account.
    # The contract has no balance by day. What was on the account is the month's closing balance less all that was
    # booked from that day on, the day's own inflows left in.
    # Source: DOMAIN.md 2.2, `round_out`.
    cents = (nw.col("amount").cast(nw.Float64).abs() * 100.0).round(0)
    is_round = (cents % (rules.round_amount * 100.0)) < 0.5
    outs = owned.filter(nw.col("own_out") & (nw.col("day") >= 0) & is_round)
    closing = visible["balances"].select("account_id", "closing_balance")
    booked = visible["transactions"].select("account_id", later="amount", later_day=day)
    days = outs.select("account_id", "day").unique(["account_id", "day"])
    since = days.join(booked, on="account_id", how="inner")
    counted = (nw.col("later_day") > nw.col("day")) | ((nw.col("later_day") == nw.col("day")) & (nw.col("later") < 0.0))
    booked_since = since.group_by("account_id", "day").agg(since=sum_where(counted, nw.col("later")))
    there = booked_since.join(closing, on="account_id", how="inner").select(
        "account_id", "day", there=nw.col("closing_balance") - nw.col("since")
    )
    full = outs.join(there, on=["account_id", "day"], how="inner")
    empties = full.filter(-nw.col("amount") * (1.0 + ROUNDING) >= rules.signals.emptied_share * nw.col("there"))
    return empties.group_by("customer_id").agg(round_own_out=-nw.col("value").sum())
