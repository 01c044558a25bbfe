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
    accounts, customers : narwhals.LazyFrame
        The ledger's tables.
    transactions, service_events : narwhals.LazyFrame
        Those of the month. A counter transaction is served at the account's branch, a visit at the customer's.
    branches : narwhals.LazyFrame
        The ledger's table.
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

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> def table(**columns):
    ...     return nw.from_native(pl.LazyFrame(columns))
    >>> policy = load_policy("models/retail.toml")
    >>> overhead = policy.costs.overhead.model_copy(update={"branch_minutes_month": 100.0})
    >>> policy = policy.model_copy(update={"costs": policy.costs.model_copy(update={"overhead": overhead})})
    >>> row = priced_branches(
    ...     table(account_id=["A"], branch_id=["north"]),
    ...     table(customer_id=["x"], branch_id=["north"]),
    ...     table(account_id=["A"], channel=["counter"]),
    ...     table(customer_id=["x"], channel=["counter"], minutes=[19.0]),
    ...     table(branch_id=["north"], monthly_overhead=[400.0]),
    ...     policy,
    ... )
    >>> row.collect().rows()  # 6 + 19 minutes at 400 / 100
    [('north', 25.0, 4.0, 300.0)]
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
