"""Customer months: one row per customer and month, built a month at a time and never touched again.

Signals that reach over a month's end look back over a margin of days and count in the month in which they are known,
so building month by month changes no figure and nothing later than the month's end is ever seen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from segment.contribution import ACCOUNT_LINES, LINE_NAMES, account_lines, attribute, person_lines, priced_branches
from segment.exceptions import SegmentError
from segment.features.balances import HOLDING_MEASURES, balance_measures, balances, holdings
from segment.features.bookings import held_accounts, owned_bookings
from segment.features.flows import FLOW_MEASURES, flows
from segment.features.frames import Frame
from segment.features.instalments import instalments
from segment.features.known import as_known, day_of_month, month_end
from segment.features.maturities import maturities
from segment.features.own_transfers import emptied
from segment.features.payment_sizes import SIZE_MEASURES, payment_sizes
from segment.features.services import SERVICE_MEASURES, services
from segment.features.spending import spend_weeks
from segment.features.sweeps import retention, sweeps
from segment.policy import Policy

LINK_MEASURES = (
    "large_inflow",
    "swept_inflow",
    "retention_base",
    "retained_10d",
    "loan_instalments",
    "jit_instalments",
    "instalment_amount",
    "matured_principal",
    "drained_principal",
    "spend_weeks",
    "round_own_out",
)
UNKNOWABLE = ("days_past_due",)
"""Measures that stay missing where nothing is recorded; every other one is zero then."""


def measures(policy: Policy) -> tuple[str, ...]:
    """Name the measures of a customer month, in the order of its columns.

    Parameters
    ----------
    policy : Policy
        Holds the products.

    Returns
    -------
    tuple of str
    """
    return (
        *LINE_NAMES,
        *FLOW_MEASURES,
        *balance_measures(policy),
        *HOLDING_MEASURES,
        *SERVICE_MEASURES,
        *LINK_MEASURES,
        *SIZE_MEASURES,
        "initiated_events",
    )


def build_customer_months(tables: Mapping[str, Any], policy: Policy, month: dt.date) -> Frame:
    """Build the rows of one month.

    Parameters
    ----------
    tables : mapping of str to frame
        The contract's tables, all on one engine that Narwhals knows (Polars, DuckDB, Spark). Rows of other months are
        left out by themselves.
    policy : Policy
        Products, rates and costs.
    month : datetime.date
        First day of the month.

    Returns
    -------
    narwhals.LazyFrame
        `customer_id`, `branch_id`, `month` and `measures`, one row per customer whose relation had begun by the
        month's end and had not ended before the month. Not computed yet, and in no order.

    Raises
    ------
    SegmentError
        Where `month` is not a month's first day.
    """
    if month.day != 1:
        raise SegmentError.with_hint(
            f"`month` must be a month's first day. Got {month.isoformat()} instead.",
            f"write {month.replace(day=1).isoformat()}",
        )
    known = as_known(tables, month)
    held = held_accounts(known, policy)
    owned = owned_bookings(known, held, month)
    days = month_end(month).day
    parts = (
        *contribution_lines(known, policy, month),
        flows(owned),
        balances(known, held, policy),
        holdings(held, month),
        services(known["service_events"], policy),
        sweeps(owned, days),
        retention(owned, days),
        instalments(owned),
        maturities(owned, held, month, days),
        spend_weeks(owned, month, days),
        payment_sizes(owned),
        emptied(known, owned, day_of_month("booked_on", month), policy.main_bank.round_amount),
    )
    rows = known["customers"].select("customer_id", "branch_id")
    for part in parts:
        rows = rows.join(part, on="customer_id", how="left")
    return _finished(rows, policy, month)


def contribution_lines(known: Mapping[str, Frame], policy: Policy, month: dt.date) -> tuple[Frame, Frame]:
    """Account for the month, by account holder and by person.

    Parameters
    ----------
    known : mapping of str to narwhals.LazyFrame
        What `as_known` returns.
    policy : Policy
        Rates and costs.
    month : datetime.date
        First day of the month.

    Returns
    -------
    tuple of narwhals.LazyFrame
        `customer_id` with the lines of accounts, and with those of persons, these named with an underscore.
    """
    booked = known["transactions"].filter(nw.col("booked_on") >= nw.lit(month))
    accounts, customers, events = known["accounts"], known["customers"], known["service_events"]
    branches = priced_branches(accounts, customers, booked, events, known["branches"], policy)
    of_accounts = account_lines(accounts, known["balances"], booked, branches, policy, month)
    of_persons = person_lines(events, known["contact_rules"], policy, month, customers=customers, branches=branches)
    shared = attribute(of_accounts, known["holdings"], ACCOUNT_LINES)
    return shared, of_persons.rename({"overhead_cost": "overhead_cost_of_person"})


def lines_of(tables: Mapping[str, Any], customer_ids: Sequence[str], policy: Policy, month: dt.date) -> Frame:
    """Account for the month of some customers and no other.

    Parameters
    ----------
    tables : mapping of str to frame
        The contract's tables, as `build_customer_months` takes them.
    customer_ids : sequence of str
        Who.
    policy : Policy
        Rates and costs.
    month : datetime.date
        First day of the month.

    Returns
    -------
    narwhals.LazyFrame
        `branch_id`, `month` and every line, a row for each who has one in the month.
    """
    known = as_known(tables, month)
    rows = known["customers"].filter(nw.col("customer_id").is_in(list(customer_ids))).select("customer_id", "branch_id")
    for part in contribution_lines(known, policy, month):
        rows = rows.join(part, on="customer_id", how="left")
    of_person = nw.col("overhead_cost_of_person").fill_null(0.0)
    filled = rows.with_columns(nw.col(name).fill_null(0.0) for name in LINE_NAMES)
    filled = filled.with_columns(overhead_cost=nw.col("overhead_cost") + of_person)
    return filled.select("branch_id", nw.lit(month).alias("month"), *LINE_NAMES)


def _finished(rows: Frame, policy: Policy, month: dt.date) -> Frame:
    overhead = nw.col("overhead_cost").fill_null(0.0) + nw.col("overhead_cost_of_person").fill_null(0.0)
    visits = nw.sum_horizontal(*(name for name in SERVICE_MEASURES if name.startswith("visits_")))
    complete = rows.with_columns(
        overhead_cost=overhead, initiated_events=nw.col("initiated_bookings").fill_null(0.0) + visits
    )
    filled = [
        nw.col(name) if name in UNKNOWABLE else nw.col(name).cast(nw.Float64).fill_null(0.0)
        for name in measures(policy)
    ]
    return complete.select("customer_id", "branch_id", nw.lit(month).alias("month"), *filled)
