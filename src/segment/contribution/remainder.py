"""What a month's accounting leaves with nobody: the part of the bank that no customer's row holds (DOMAIN.md 1.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import narwhals as nw

from segment.contribution.branch_time import priced_branches
from segment.contribution.lines import ACCOUNT_LINES, LINE_NAMES, PERSON_LINES, Frame
from segment.contribution.month import account_lines, person_lines
from segment.dates import next_month
from segment.policy import Policy


def remainder_of_month(tables: Mapping[str, Frame], policy: Policy, month: dt.date) -> Frame:
    """Account for a month and keep what no customer of the month holds.

    Parameters
    ----------
    tables : mapping of str to narwhals.LazyFrame
        The ledger's tables, all months of them or only this one's; and `debts`, as `debts_of_month` returns them.
    policy : Policy
        Rates and costs.
    month : datetime.date
        First day of the month.

    Returns
    -------
    narwhals.LazyFrame
        `branch_id`, `month`, every line, and `unused_overhead`: what unused minutes leave with the branch.

    Raises
    ------
    PolicyError
        Where no curve prices the month.
    """
    visible = of_month(tables, month)
    accounts, present, events = visible["accounts"], visible["customers"], visible["service_events"]
    branches = priced_branches(accounts, present, visible["transactions"], events, visible["branches"], policy)
    booked, debts = visible["transactions"], visible.get("debts")
    left = unheld_accounts(accounts, visible["holdings"], present).select("account_id")
    accounts, booked = (frame.join(left, on="account_id", how="semi") for frame in (accounts, booked))
    of_accounts = account_lines(accounts, visible["balances"], booked, branches, policy, month, debts)
    of_persons = person_lines(events, visible["contact_rules"], policy, month, customers=present, branches=branches)
    unheld = unallocated_lines(
        of_accounts, of_persons, accounts, tables["customers"], visible["holdings"], present.select("customer_id")
    )
    zeros = {name: nw.lit(0.0) for name in LINE_NAMES}
    parts = [
        unheld.select("branch_id", *LINE_NAMES, unused_overhead=nw.lit(0.0)),
        branches.select("branch_id", **zeros, unused_overhead=nw.col("unused_overhead")),
    ]
    columns = (*LINE_NAMES, "unused_overhead")
    summed = nw.concat(parts, how="vertical").group_by("branch_id").agg(nw.col(name).sum() for name in columns)
    return summed.select("branch_id", nw.lit(month).alias("month"), *columns)


def unallocated_lines(
    account_frame: Frame,
    person_frame: Frame,
    accounts: Frame,
    customers: Frame,
    holdings: Frame,
    present: Frame,
) -> Frame:
    """Sum what belongs to nobody who has a row in the month."""
    # Returns `branch_id` and every line: the shares of accounts that nobody present holds, at the account's branch, and
    # the work caused by persons who are not present, at their home branch. With the customers' rows it adds up to the
    # whole bank.
    unheld = account_frame.join(unheld_accounts(accounts, holdings, present), on="account_id", how="inner")
    absent = person_frame.join(present.select("customer_id"), on="customer_id", how="anti").join(
        customers.select("customer_id", "branch_id"), on="customer_id", how="left"
    )
    parts = [
        unheld.select("branch_id", *_lines(ACCOUNT_LINES, nw.col("unheld"))),
        absent.select("branch_id", *_lines(PERSON_LINES, nw.lit(1.0))),
    ]
    return nw.concat(parts, how="vertical").group_by("branch_id").agg(nw.col(name).sum() for name in LINE_NAMES)


def unheld_accounts(accounts: Frame, holdings: Frame, present: Frame) -> Frame:
    """Find the accounts that nobody present holds, or not the whole: `account_id`, `branch_id`, and `unheld`."""
    here = holdings.join(present.select("customer_id"), on="customer_id", how="inner")
    owned = here.group_by("account_id").agg(nw.col("share").sum().alias("held"))
    shares = accounts.select("account_id", "branch_id").join(owned, on="account_id", how="left")
    unheld = nw.lit(1.0) - nw.col("held").fill_null(0.0)
    return shares.select("account_id", "branch_id", unheld=unheld).filter(nw.col("unheld") != 0.0)


def _lines(lines: Sequence[str], weight: nw.Expr) -> list[nw.Expr]:
    return [((nw.col(name) if name in lines else nw.lit(0.0)) * weight).alias(name) for name in LINE_NAMES]


def of_month(tables: Mapping[str, Frame], month: dt.date) -> dict[str, Frame]:
    """Cut tables to what a month's accounting sees."""
    return {name: _of_month(name, frame, month) for name, frame in tables.items()}


def _of_month(name: str, frame: Frame, month: dt.date) -> Frame:
    first, after = nw.lit(month), nw.lit(next_month(month))
    days = {"transactions": "booked_on", "balances": "month", "service_events": "occurred_on"}
    if name in days:
        day = nw.col(days[name])
        return frame.filter((day >= first) & (day < after))
    if name == "accounts":
        return frame.filter(nw.col("opened_on") < after)
    if name == "customers":
        left_on = nw.col("left_on")
        return frame.filter((nw.col("joined_on") < after) & (left_on.is_null() | (left_on >= first)))
    return frame
