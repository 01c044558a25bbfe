"""Balances by product, and what a customer holds at the month's end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import narwhals as nw

from segment.contribution.lines import Frame
from segment.dates import month_end
from segment.features.frames import any_where, sum_where
from segment.policy import Policy

FAMILIES = ("everyday", "term", "wealth", "loan", "card", "insurance")
HOLDING_MEASURES: tuple[str, ...] = ("accounts_open", *(f"holds_{family}" for family in FAMILIES), "product_families")


def balance_measures(policy: Policy) -> tuple[str, ...]:
    """Name the measures of `balances`."""
    means = tuple(f"balance_{product}" for product in policy.products)
    return (*means, *(f"closing_{product}" for product in policy.products), "days_past_due", "arrears_level")


def balances(visible: Mapping[str, Frame], owned_accounts: Frame, policy: Policy) -> Frame:
    """Sum each customer's share of the month's balances by product."""
    # Returns `customer_id` and `balance_measures`; days past due are the most of any account, missing where none is
    # known.
    of_month = visible["balances"].select("account_id", "average_balance", "closing_balance", "days_past_due")
    owned = owned_accounts.join(of_month, on="account_id", how="inner")
    share = nw.col("share")
    sums = {}
    for prefix, column in (("balance", "average_balance"), ("closing", "closing_balance")):
        for product in policy.products:
            sums[f"{prefix}_{product}"] = sum_where(nw.col("product") == product, nw.col(column) * share)
    late = nw.col("days_past_due").cast(nw.Float64).max().alias("days_past_due")
    return owned.group_by("customer_id").agg(late, **sums)


def arrears(owned_accounts: Frame, debts: Frame | None) -> Frame:
    """Find each customer's worst debt; who answers for no debt that is known of is in no arrears."""
    if debts is None:
        none = owned_accounts.select("customer_id", arrears_level=nw.col("share") * 0.0)
        return none.group_by("customer_id").agg(nw.col("arrears_level").max())
    owned = owned_accounts.join(debts.select("account_id", "arrears_level"), on="account_id", how="inner")
    return owned.group_by("customer_id").agg(nw.col("arrears_level").cast(nw.Float64).max())


def holdings(owned_accounts: Frame, month: dt.date) -> Frame:
    """Count what is open at the month's end."""
    end = nw.lit(month_end(month))
    is_open = (nw.col("opened_on") <= end) & (nw.col("closed_on").is_null() | (nw.col("closed_on") > end))
    flags = {f"holds_{family}": any_where(nw.col(family)) for family in FAMILIES}
    counted = owned_accounts.filter(is_open).group_by("customer_id").agg(nw.len().alias("accounts_open"), **flags)
    return counted.with_columns(nw.col("accounts_open").cast(nw.Float64), product_families=nw.sum_horizontal(*flags))
