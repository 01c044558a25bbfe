"""What a bank knows at a month's end: the rows and dates that one month's figures may see, and no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import narwhals as nw

from segment.contribution.lines import Frame
from segment.dates import month_end

MARGIN_DAYS = 14
"""Days before a month that its figures may look back on: ten of retention after three of a closing account, and one."""

DATED_BY = {"transactions": "booked_on", "balances": "month", "service_events": "occurred_on"}
"""Tables that grow by the month, and the column that says on which day."""


def tables_as_of(tables: Mapping[str, Any], month: dt.date) -> dict[str, Frame]:
    """Cut a ledger's tables to what a month may see."""
    lazy = {name: nw.from_native(table).lazy() for name, table in tables.items()}
    long = {name: _between(lazy[name], DATED_BY[name], *window) for name, window in windows(month).items()}
    # how each debt stands at the month's end, which is nobody's table of the ledger
    debts = {name: lazy[name] for name in ("debts",) if name in lazy}
    return short_tables_as_of(tables, month) | long | debts


def short_tables_as_of(tables: Mapping[str, Any], month: dt.date) -> dict[str, Frame]:
    """Cut the tables that do not grow by the month to what a month may see."""
    names = ("branches", "customers", "accounts", "holdings", "contact_rules")
    lazy = {name: nw.from_native(tables[name]).lazy() for name in names}
    end, start = month_end(month), month
    customers = _customers(lazy["customers"], start, end)
    accounts = _accounts(lazy["accounts"], end)
    return {
        "branches": lazy["branches"],
        "customers": customers,
        "accounts": accounts,
        "holdings": _holdings(lazy["holdings"], accounts, customers),
        "contact_rules": _between(lazy["contact_rules"], "starts_on", start, end).with_columns(_up_to("ends_on", end)),
    }


def windows(month: dt.date) -> dict[str, tuple[dt.date, dt.date]]:
    """The days of each long table that a month may see."""
    end = month_end(month)
    reach = {"transactions": MARGIN_DAYS}
    return {name: (month - dt.timedelta(days=reach.get(name, 0)), end) for name in DATED_BY}


def _between(frame: Frame, column: str, first: dt.date, last: dt.date) -> Frame:
    return frame.filter((nw.col(column) >= nw.lit(first)) & (nw.col(column) <= nw.lit(last)))


def _up_to(column: str, last: dt.date) -> nw.Expr:
    return nw.when(nw.col(column) <= nw.lit(last)).then(nw.col(column)).alias(column)


def _customers(customers: Frame, start: dt.date, end: dt.date) -> Frame:
    columns = customers.select("customer_id", "branch_id", "joined_on", _up_to("left_on", end))
    left_on = nw.col("left_on")
    return columns.filter((nw.col("joined_on") <= nw.lit(end)) & (left_on.is_null() | (left_on >= nw.lit(start))))


def _accounts(accounts: Frame, end: dt.date) -> Frame:
    columns = accounts.select("account_id", "product", "branch_id", "opened_on", _up_to("closed_on", end))
    return columns.filter(nw.col("opened_on") <= nw.lit(end))


def _holdings(holdings: Frame, accounts: Frame, customers: Frame) -> Frame:
    owned = holdings.filter(nw.col("share") > 0.0).select("account_id", "customer_id", "share")
    owned = owned.join(accounts.select("account_id"), on="account_id", how="semi")
    return owned.join(customers.select("customer_id"), on="customer_id", how="semi")
