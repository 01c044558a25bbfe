"""Customer months: one row per customer and month, built a month at a time and never touched again."""

# Signals that reach over a month's end look back over a margin of days and count in the month in which they are known,
# so building month by month changes no figure and nothing later than the month's end is ever seen.

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from segment.contribution import ACCOUNT_LINES, LINE_NAMES, account_lines, attribute, person_lines, priced_branches
from segment.contribution.lines import Frame, to_polars
from segment.dates import day_of_month, month_end
from segment.exact_money import rounded
from segment.exceptions import UsageError
from segment.features.balance_measures import HOLDING_MEASURES, arrears, balance_measures, balances, holdings
from segment.features.bookings import accounts_by_owner, owned_bookings
from segment.features.flows import FLOW_MEASURES, flows
from segment.features.frames import Engine, computed, on_engine
from segment.features.id_numbers import Codes
from segment.features.instalments import instalments
from segment.features.maturities import maturities
from segment.features.own_transfers import emptied, with_other_bank
from segment.features.peers import peer_groups
from segment.features.point_in_time import tables_as_of
from segment.features.services import SERVICE_MEASURES, services
from segment.features.spending import SIZE_MEASURES, payment_sizes, spend_weeks
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


def build_customer_months(
    tables: Mapping[str, Any], policy: Policy, month: dt.date, both_ends: float | None = None
) -> Frame:
    """Build the rows of one month, from tables on one engine that Narwhals knows (Polars, DuckDB, Spark)."""
    # `both_ends`: As `with_other_bank` takes it, where the tables are those of some customers and no whole ledger.
    if month.day != 1:
        raise UsageError.with_hint(
            f"`month` must be a month's first day. Got {month.isoformat()} instead.",
            f"write {month.replace(day=1).isoformat()}",
        )
    return rows_of_customers(with_bank_figures(tables_as_of(tables, month), policy, month, both_ends), policy, month)


def with_bank_figures(
    visible: Mapping[str, Frame], policy: Policy, month: dt.date, both_ends: float | None = None
) -> dict[str, Frame]:
    """What a month sees, with what only the whole bank tells: `other_bank` of bookings, a branch's `minute_cost`."""
    within = policy.main_bank.signals.paired_within_days
    booked = computed(with_other_bank(visible["transactions"], visible["holdings"], month, within, both_ends))
    return {**visible, "transactions": booked, "branches": _with_minute_costs(visible, policy, month)}


def rows_of_customers(visible: Mapping[str, Frame], policy: Policy, month: dt.date) -> Frame:
    """Build the rows of a month, of customers whose accounts `with_bank_figures` returned, all of them or some."""
    owned_accounts = computed(accounts_by_owner(visible, policy))
    rules = policy.main_bank.signals
    owned = computed(owned_bookings(visible, owned_accounts, month), by="customer_id")
    days = month_end(month).day
    parts = (
        *contribution_lines(visible, policy, month),
        flows(owned),
        balances(visible, owned_accounts, policy),
        holdings(owned_accounts, month),
        arrears(owned_accounts, visible.get("debts")),
        services(visible["service_events"], policy),
        sweeps(owned, days, rules),
        retention(owned, days),
        instalments(owned, rules),
        maturities(owned, owned_accounts, month, days, rules.drain_days),
        spend_weeks(owned, month, days),
        payment_sizes(owned),
        emptied(visible, owned, day_of_month("booked_on", month), policy.main_bank),
    )
    rows = visible["customers"].select("customer_id", "branch_id")
    for part in parts:
        rows = rows.join(part, on="customer_id", how="left")
    return _finished(rows, policy, month)


def contribution_lines(visible: Mapping[str, Frame], policy: Policy, month: dt.date) -> tuple[Frame, Frame]:
    """Account for the month, by account holder and by person; branches have their `minute_cost`."""
    booked, branches = _of_month(visible, month), visible["branches"]
    accounts, customers, events = visible["accounts"], visible["customers"], visible["service_events"]
    debts = visible.get("debts")
    of_accounts = account_lines(accounts, visible["balances"], booked, branches, policy, month, debts)
    of_persons = person_lines(events, visible["contact_rules"], policy, month, customers=customers, branches=branches)
    shared = attribute(of_accounts, visible["holdings"], ACCOUNT_LINES)
    return shared, of_persons.rename({"overhead_cost": "overhead_cost_of_person"})


def lines_of(tables: Mapping[str, Any], customer_ids: Sequence[str], policy: Policy, month: dt.date) -> Frame:
    """Account for the month of some customers and no other."""
    visible = tables_as_of(tables, month)
    visible["branches"] = _with_minute_costs(visible, policy, month)
    rows = (
        visible["customers"].filter(nw.col("customer_id").is_in(list(customer_ids))).select("customer_id", "branch_id")
    )
    for part in contribution_lines(visible, policy, month):
        rows = rows.join(part, on="customer_id", how="left")
    of_person = nw.col("overhead_cost_of_person").fill_null(0.0)
    filled = rows.with_columns(nw.col(name).fill_null(0.0) for name in LINE_NAMES)
    filled = filled.with_columns(overhead_cost=nw.col("overhead_cost") + of_person)
    return filled.select("branch_id", nw.lit(month).alias("month"), *LINE_NAMES)


def _with_minute_costs(visible: Mapping[str, Frame], policy: Policy, month: dt.date) -> Frame:
    """Branches, with what a minute costs there where the policy prices it."""
    if policy.costs.overhead.branch_minutes_month == 0.0:
        return visible["branches"]
    accounts, customers, events = visible["accounts"], visible["customers"], visible["service_events"]
    return priced_branches(accounts, customers, _of_month(visible, month), events, visible["branches"], policy)


def _of_month(visible: Mapping[str, Frame], month: dt.date) -> Frame:
    """Bookings without the days before the month."""
    return visible["transactions"].filter(nw.col("booked_on") >= nw.lit(month))


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


def month_rows(
    tables: Mapping[str, pl.DataFrame], policy: Policy, month: dt.date, engine: Engine, both_ends: float | None = None
) -> pl.DataFrame:
    """The rows of a month as they are stored, but for the clipped contribution; `tables`: What the month sees."""
    codes = Codes.of(tables)
    rows = build_customer_months(on_engine(codes.tables(tables), engine), policy, month, both_ends)
    return stored_rows(to_polars(rows), codes, tables["branches"], policy).sort("customer_id")


def stored_rows(rows: pl.DataFrame, codes: Codes, branches: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Rows of customers' numbers as they are stored: by their ids, with their peers."""
    ids = codes.numbers["customer_id"].ids.gather(rows["customer_id"])
    rows = rows.with_columns(ids.alias("customer_id"))
    groups = peer_groups(branches)
    rows = rows.with_columns(rounded(pl.col(*measures(policy)).cast(pl.Float64)))
    return rows.join(groups, on="branch_id", how="left").with_columns(pl.col("peer_group").fill_null("all"))
