"""The lines of accounts and of persons in one month."""

# The same expressions run lazily on every engine that Narwhals knows; nothing here computes before the caller collects.

from __future__ import annotations

import datetime as dt

import narwhals as nw

from segment.contribution.cost_to_serve import (
    MANUAL_EVENTS,
    MANUAL_TRANSACTIONS,
    account_cost,
    complaints_of_month,
    counter_minutes,
    is_manual,
    service_event_cost,
    transaction_cost,
)
from segment.contribution.debts import LOSS_LINES
from segment.contribution.fees import interchange_income, trail_fee_income, transaction_fees
from segment.contribution.ftp import check_month_is_priced
from segment.contribution.lines import ACCOUNT_LINES, PERSON_LINES, Frame, where
from segment.contribution.net_interest import net_interest
from segment.contribution.risk import capital_cost, loss_lines, paid_back
from segment.dates import month_end, next_month
from segment.exceptions import PolicyError
from segment.policy import Policy


def account_lines(
    accounts: Frame,
    balances: Frame,
    transactions: Frame,
    branches: Frame,
    policy: Policy,
    month: dt.date,
    debts: Frame | None = None,
) -> Frame:
    """Account for every account of a month.

    Parameters
    ----------
    accounts : narwhals.LazyFrame
        The ledger's table.
    balances, transactions : narwhals.LazyFrame
        Their rows of the month and no other.
    branches : narwhals.LazyFrame
        What `priced_branches` returns. The ledger's own table does where the policy's `branch_minutes_month` is zero.
    policy : Policy
        Every rate and unit cost.
    month : datetime.date
        First day of the month.
    debts : narwhals.LazyFrame, optional
        What `debts_of_month` returns for the month. An account without a row there is in no arrears.

    Returns
    -------
    narwhals.LazyFrame
        `account_id` and `ACCOUNT_LINES`, a row for every account that was opened by the month's end and is open on some
        day of the month, or still has a balance or a transaction in it. Only open ones bear an account's fixed costs.

    Raises
    ------
    PolicyError
        Where no curve prices the month, or `branches` lacks the prices that the policy asks for.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> def table(**columns):
    ...     return nw.from_native(pl.LazyFrame(columns))
    >>> accounts = table(account_id=["A"], product=["mortgage"], branch_id=["north"],
    ...                  opened_on=[dt.date(2020, 5, 4)], closed_on=[None])
    >>> balances = table(account_id=["A"], average_balance=[-12e4], interest_rate_annual=[0.04])
    >>> booked = table(account_id=["A"], amount=[-10.6], kind=["fee"], channel=["counter"], counterparty_bank=[None])
    >>> policy, branches = load_policy("models/retail.toml"), table(branch_id=["north"])
    >>> lines = account_lines(accounts, balances, booked, branches, policy, dt.date(2025, 6, 1))
    >>> lines.select(nw.col("net_interest", "fee_income", "expected_loss", "account_cost").round(2)).collect().rows()
    [(170.0, 10.0, 10.0, 10.0)]
    """
    check_month_is_priced(policy.ftp, month)
    booked = _sums_of_transactions(transactions, policy)
    closed_on = nw.col("closed_on")
    of_month = balances.select("account_id", "average_balance", "interest_rate_annual", has_balance=nw.lit(1.0))
    base = (
        accounts.select("account_id", "product", "branch_id", "opened_on", "closed_on")
        .filter(nw.col("opened_on") <= nw.lit(month_end(month)))
        .with_columns(is_open=closed_on.is_null() | (closed_on >= nw.lit(month)))
        .join(of_month, on="account_id", how="left")
        .join(booked, on="account_id", how="left")
    )
    base = _with_debts(base, debts).filter(
        nw.col("is_open")
        | ~nw.col("has_balance").is_null()
        | ~nw.col("manual_transactions").is_null()
        | nw.col("has_loss")
    )
    sums = [name for name in booked.collect_schema().names() if name != "account_id"]
    filled = _with_minute_cost(base, branches, policy).with_columns(nw.col(sums).fill_null(0.0))
    return filled.select("account_id", **_account_figures(policy, month)).select("account_id", *ACCOUNT_LINES)


def person_lines(
    service_events: Frame,
    contact_rules: Frame,
    policy: Policy,
    month: dt.date,
    *,
    customers: Frame | None = None,
    branches: Frame | None = None,
) -> Frame:
    """Account for the work that persons cause beside their accounts.

    Parameters
    ----------
    service_events : narwhals.LazyFrame
        Those of the month and no other.
    contact_rules : narwhals.LazyFrame
        The ledger's table; complaints that began in the month are taken from it.
    policy : Policy
        Unit costs.
    month : datetime.date
        First day of the month.
    customers, branches : narwhals.LazyFrame, optional
        The ledger's customers and what `priced_branches` returns: needed where the policy's `branch_minutes_month` is
        not zero.

    Returns
    -------
    narwhals.LazyFrame
        `customer_id` and `PERSON_LINES`, a row for every customer with an event or a complaint.

    Raises
    ------
    PolicyError
        Where the policy prices branch minutes and `customers` or `branches` is missing.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> events = nw.from_native(pl.LazyFrame({"customer_id": ["x"], "channel": ["adviser"], "minutes": [10.0]}))
    >>> rules = {"customer_id": ["x"], "rule": ["complaint"], "starts_on": [dt.date(2025, 6, 30)]}
    >>> policy = load_policy("models/retail.toml")
    >>> person_lines(events, nw.from_native(pl.LazyFrame(rules)), policy, dt.date(2025, 6, 1)).collect().rows()
    [('x', 20.0, 120.0, 1.0)]
    """
    costs = policy.costs
    events = _with_person_minute_cost(service_events, customers, branches, policy)
    minutes = counter_minutes(costs, nw.col("minutes")) * nw.col("minute_cost")
    served = events.select(
        "customer_id",
        service_event_cost=service_event_cost(costs),
        complaint_cost=nw.lit(0.0),
        overhead_cost=is_manual(MANUAL_EVENTS) * costs.overhead.per_manual_event + minutes,
    )
    complained = complaints_of_month(contact_rules, month, next_month(month)).select(
        "customer_id",
        service_event_cost=nw.lit(0.0),
        complaint_cost=nw.lit(costs.complaint),
        overhead_cost=nw.lit(0.0),
    )
    both = nw.concat([served, complained], how="vertical")
    return both.group_by("customer_id").agg(nw.col(name).sum() for name in PERSON_LINES)


def _sums_of_transactions(transactions: Frame, policy: Policy) -> Frame:
    per_transaction = transaction_fees(policy.fees) | {
        "transaction_cost": transaction_cost(policy.costs),
        "manual_transactions": is_manual(MANUAL_TRANSACTIONS),
        "counter_minutes": counter_minutes(policy.costs),
        "paid_back": paid_back(),
    }
    return transactions.group_by("account_id").agg(**{name: figure.sum() for name, figure in per_transaction.items()})


def _account_figures(policy: Policy, month: dt.date) -> dict[str, nw.Expr]:
    overhead = policy.costs.overhead
    is_open = nw.col("is_open")
    of_account = nw.lit(overhead.per_account_month)
    of_events = nw.col("manual_transactions") * overhead.per_manual_event
    of_branch = nw.col("counter_minutes") * nw.col("minute_cost")
    return {
        "net_interest": net_interest(policy, month),
        "fee_income": nw.col("fee_income"),
        "interchange_income": interchange_income(policy),
        "trail_fee_income": trail_fee_income(policy, month),
        "commission_income": nw.col("commission_income"),
        "transaction_cost": nw.col("transaction_cost"),
        **loss_lines(policy),
        "capital_cost": capital_cost(policy),
        "account_cost": where(is_open, account_cost(policy)),
        "overhead_cost": where(is_open, of_account) + of_events + of_branch,
    }


def _with_debts(base: Frame, debts: Frame | None) -> Frame:
    """Add what is booked of each debt; one that was written off in an earlier month is off the books."""
    booked = [f"debt_{name}" for name in LOSS_LINES]
    nothing = nw.lit(None, dtype=nw.Float64)
    if debts is None:
        return base.with_columns(nothing.alias(name) for name in (*booked, "loss_share")).with_columns(
            has_loss=nw.lit(False)
        )
    off = nw.col("months_written_off") > 0
    figures = debts.select(
        "account_id",
        *(nw.col(name).alias(f"debt_{name}") for name in LOSS_LINES),
        loss_share=nw.when(off & (nw.col("exposure") > 0.0)).then(nw.col("booked_loss") / nw.col("exposure")),
        off=off,
    )
    joined = base.join(figures, on="account_id", how="left")
    some = [~nw.col(name).is_null() & (nw.col(name) != 0.0) for name in booked]
    balance = nw.when(nw.col("off").fill_null(False)).then(nw.lit(0.0)).otherwise(nw.col("average_balance"))
    return joined.with_columns(average_balance=balance, has_loss=some[0] | some[1] | some[2])


def _with_minute_cost(frame: Frame, branches: Frame | None, policy: Policy) -> Frame:
    if policy.costs.overhead.branch_minutes_month == 0.0:
        return frame.with_columns(minute_cost=nw.lit(0.0))
    if branches is None or "minute_cost" not in branches.collect_schema().names():
        raise PolicyError.with_hint(
            "`branches` must hold `minute_cost` where `costs.overhead.branch_minutes_month` is not zero. Found none.",
            "pass what `priced_branches` returns",
        )
    priced = branches.select("branch_id", "minute_cost")
    return frame.join(priced, on="branch_id", how="left").with_columns(nw.col("minute_cost").fill_null(0.0))


def _with_person_minute_cost(events: Frame, customers: Frame | None, branches: Frame | None, policy: Policy) -> Frame:
    if policy.costs.overhead.branch_minutes_month > 0.0 and customers is not None:
        homes = customers.select("customer_id", "branch_id")
        events = events.join(homes, on="customer_id", how="left")
    elif policy.costs.overhead.branch_minutes_month > 0.0:
        branches = None
    return _with_minute_cost(events, branches, policy)
