"""What a minute at a branch's counter costs, and what its unused capacity leaves with the branch."""

from __future__ import annotations

import narwhals as nw

from segment.contribution.cost_to_serve import counter_minutes
from segment.contribution.lines import Frame
from segment.policy import Policy


def priced_branches(
    accounts: Frame,
    customers: Frame,
    transactions: Frame,
    service_events: Frame,
    branches: Frame,
    policy: Policy,
) -> Frame:
    """Price the minutes of every branch in a month.

    Parameters
    ----------
    accounts, customers, branches : narwhals.LazyFrame
        The ledger's tables.
    transactions, service_events : narwhals.LazyFrame
        Those of the month. A counter transaction is served at the account's branch, a visit at the customer's.
    policy : Policy
        Holds the practical capacity and the minutes of a counter event.

    Returns
    -------
    narwhals.LazyFrame
        One row per branch: `branch_id`, `used_minutes`, `minute_cost`, `unused_overhead`. A branch that is used beyond
        its capacity shares out its whole overhead and no more; all figures are zero where the capacity is zero.

    References
    ----------
    DOMAIN.md 1.3: unused capacity stays with the outlet.
    """
    costs = policy.costs
    at_accounts = transactions.select("account_id", used_minutes=counter_minutes(costs)).join(
        accounts.select("account_id", "branch_id"), on="account_id", how="inner"
    )
    visits = service_events.select("customer_id", used_minutes=counter_minutes(costs, nw.col("minutes"))).join(
        customers.select("customer_id", "branch_id"), on="customer_id", how="inner"
    )
    columns = ["branch_id", "used_minutes"]
    served = nw.concat([at_accounts.select(columns), visits.select(columns)], how="vertical")
    used = served.group_by("branch_id").agg(nw.col("used_minutes").sum())
    overhead = branches.select("branch_id", overhead=nw.col("monthly_overhead").cast(nw.Float64).fill_null(0.0))
    return _priced(overhead.join(used, on="branch_id", how="left"), costs.overhead.branch_minutes_month)


def _priced(branches: Frame, capacity: float) -> Frame:
    used = nw.col("used_minutes").fill_null(0.0)
    if capacity == 0.0:
        return branches.select("branch_id", used_minutes=used, minute_cost=nw.lit(0.0), unused_overhead=nw.lit(0.0))
    priced = branches.with_columns(used_minutes=used).with_columns(
        minute_cost=nw.col("overhead") / nw.max_horizontal(nw.col("used_minutes"), nw.lit(capacity))
    )
    unused = nw.col("overhead") - nw.col("used_minutes") * nw.col("minute_cost")
    return priced.select("branch_id", "used_minutes", "minute_cost", unused_overhead=unused)
