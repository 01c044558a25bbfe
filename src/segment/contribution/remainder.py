"""What a month's accounting leaves with nobody: the part of the bank that no customer's row holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import narwhals as nw

from segment.contribution.attribution import unallocated_lines
from segment.contribution.branch_time import priced_branches
from segment.contribution.ftp import month_after
from segment.contribution.lines import LINE_NAMES, Frame
from segment.contribution.month import account_lines, person_lines
from segment.policy import Policy


def remainder_of_month(tables: Mapping[str, Frame], policy: Policy, month: dt.date) -> Frame:
    """Account for a month and keep what no customer of the month holds.

    Parameters
    ----------
    tables : mapping of str to narwhals.LazyFrame
        The ledger's tables, all months of them or only this one's.
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
    known = {name: _of_month(name, frame, month) for name, frame in tables.items()}
    accounts, present, events = known["accounts"], known["customers"], known["service_events"]
    branches = priced_branches(accounts, present, known["transactions"], events, known["branches"], policy)
    of_accounts = account_lines(accounts, known["balances"], known["transactions"], branches, policy, month)
    of_persons = person_lines(events, known["contact_rules"], policy, month, customers=present, branches=branches)
    unheld = unallocated_lines(
        of_accounts, of_persons, accounts, tables["customers"], known["holdings"], present.select("customer_id")
    )
    zeros = {name: nw.lit(0.0) for name in LINE_NAMES}
    parts = [
        unheld.select("branch_id", *LINE_NAMES, unused_overhead=nw.lit(0.0)),
        branches.select("branch_id", **zeros, unused_overhead=nw.col("unused_overhead")),
    ]
    columns = (*LINE_NAMES, "unused_overhead")
    summed = nw.concat(parts, how="vertical").group_by("branch_id").agg(nw.col(name).sum() for name in columns)
    return summed.select("branch_id", nw.lit(month).alias("month"), *columns)


def _of_month(name: str, frame: Frame, month: dt.date) -> Frame:
    first, after = nw.lit(month), nw.lit(month_after(month))
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
