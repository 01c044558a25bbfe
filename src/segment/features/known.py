"""What a bank knows at a month's end: the rows and dates that one month's figures may see, and no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import narwhals as nw

from segment.features.frames import Frame

MARGIN_DAYS = 14
"""Days before a month that its figures may look back on: ten of retention after three of a closing account, and one."""

DATED_BY = {"transactions": "booked_on", "balances": "month", "service_events": "occurred_on"}
"""Tables that grow by the month, and the column that says on which day."""


def month_end(month: dt.date) -> dt.date:
    """Last day of a month.

    Parameters
    ----------
    month : datetime.date
        Its first day.

    Returns
    -------
    datetime.date

    Examples
    --------
    >>> month_end(dt.date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    return next_month(month) - dt.timedelta(days=1)


def next_month(month: dt.date, months: int = 1) -> dt.date:
    """First day of a later (or, with a negative number, earlier) month.

    Parameters
    ----------
    month : datetime.date
        Any day of the month to start from.
    months : int
        How many months on.

    Returns
    -------
    datetime.date

    Examples
    --------
    >>> next_month(dt.date(2024, 12, 1)), next_month(dt.date(2024, 1, 31), -1)
    (datetime.date(2025, 1, 1), datetime.date(2023, 12, 1))
    """
    year, index = divmod(month.year * 12 + month.month - 1 + months, 12)
    return dt.date(year, index + 1, 1)


def day_of_month(column: str, month: dt.date) -> nw.Expr:
    """Count the days from a month's first day; days before it are negative.

    Parameters
    ----------
    column : str
        A date column, none of whose dates lies in a later year than the month or more than a year before it.
    month : datetime.date
        First day of the month.

    Returns
    -------
    narwhals.Expr

    Examples
    --------
    >>> import polars as pl
    >>> days = nw.from_native(pl.LazyFrame({"on": [dt.date(2023, 12, 31), dt.date(2024, 1, 5)]}))
    >>> days.select(day_of_month("on", dt.date(2024, 1, 1))).collect()["on"].to_list()
    [-1, 4]
    """
    # ordinal days, because engines do not agree on what the difference of two dates is
    days_of_year_before = (dt.date(month.year, 1, 1) - dt.date(month.year - 1, 1, 1)).days
    ordinal = nw.col(column).dt.ordinal_day().cast(nw.Int32) - month.timetuple().tm_yday
    this_year = nw.col(column).dt.year() == month.year
    return nw.when(this_year).then(ordinal).otherwise(ordinal - days_of_year_before).alias(column)


def as_known(tables: Mapping[str, Any], month: dt.date) -> dict[str, Frame]:
    """Cut a ledger's tables to what a month may see.

    Parameters
    ----------
    tables : mapping of str to frame
        The contract's tables, of any engine that Narwhals knows.
    month : datetime.date
        First day of the month.

    Returns
    -------
    dict of str to narwhals.LazyFrame
        Dates after the month's end are empty, as is all that began after it; transactions reach `MARGIN_DAYS` back.
        Doing it twice changes nothing.
    """
    lazy = {name: nw.from_native(table).lazy() for name, table in tables.items()}
    long = {name: _between(lazy[name], DATED_BY[name], *window) for name, window in windows(month).items()}
    return short_as_known(tables, month) | long


def short_as_known(tables: Mapping[str, Any], month: dt.date) -> dict[str, Frame]:
    """Cut the tables that do not grow by the month to what a month may see.

    Parameters
    ----------
    tables : mapping of str to frame
        Of the contract's tables, at least the short ones.
    month : datetime.date
        First day of the month.

    Returns
    -------
    dict of str to narwhals.LazyFrame
        As `as_known` does.
    """
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
    """The days of each long table that a month may see.

    Parameters
    ----------
    month : datetime.date
        First day of the month.

    Returns
    -------
    dict of str to tuple of datetime.date
        First and last day; transactions reach `MARGIN_DAYS` back.

    Examples
    --------
    >>> windows(dt.date(2025, 6, 1))["transactions"]
    (datetime.date(2025, 5, 18), datetime.date(2025, 6, 30))
    """
    end = month_end(month)
    reach = {"transactions": MARGIN_DAYS}
    return {name: (month - dt.timedelta(days=reach.get(name, 0)), end) for name in DATED_BY}


def _between(frame: Frame, column: str, first: dt.date, last: dt.date) -> Frame:
    return frame.filter((nw.col(column) >= nw.lit(first)) & (nw.col(column) <= nw.lit(last)))


def _up_to(column: str, last: dt.date) -> nw.Expr:
    return nw.when(nw.col(column) <= nw.lit(last)).then(nw.col(column)).alias(column)


def _customers(customers: Frame, start: dt.date, end: dt.date) -> Frame:
    known = customers.select("customer_id", "branch_id", "joined_on", _up_to("left_on", end))
    left_on = nw.col("left_on")
    return known.filter((nw.col("joined_on") <= nw.lit(end)) & (left_on.is_null() | (left_on >= nw.lit(start))))


def _accounts(accounts: Frame, end: dt.date) -> Frame:
    known = accounts.select("account_id", "product", "branch_id", "opened_on", _up_to("closed_on", end))
    return known.filter(nw.col("opened_on") <= nw.lit(end))


def _holdings(holdings: Frame, accounts: Frame, customers: Frame) -> Frame:
    owned = holdings.filter(nw.col("share") > 0.0).select("account_id", "customer_id", "share")
    owned = owned.join(accounts.select("account_id"), on="account_id", how="semi")
    return owned.join(customers.select("customer_id"), on="customer_id", how="semi")
