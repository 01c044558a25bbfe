"""Cost to serve: time-driven, by event, account and complaint.

References
----------
DOMAIN.md 1.3. Unit costs by channel are the policy's; the overhead is what one customer more or less would not change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import narwhals as nw

from segment.contribution.lines import Frame
from segment.contribution.net_interest import by_product
from segment.ledger.vocabulary import CHANNELS, SERVICE_CHANNELS
from segment.policy import Policy
from segment.policy.money import Costs

MANUAL_TRANSACTIONS = ("counter", "phone")
MANUAL_EVENTS = (*MANUAL_TRANSACTIONS, "adviser")


def transaction_cost(costs: Costs) -> nw.Expr:
    """Cost of one transaction.

    Parameters
    ----------
    costs : Costs
        The policy's unit costs.

    Returns
    -------
    narwhals.Expr
        Reads `channel`, `kind` and `counterparty_bank`. A cash withdrawal at another bank's machine costs
        `atm_other_bank`.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> rows = {"channel": ["counter", "atm"], "kind": "cash_withdrawal", "counterparty_bank": [None, "0102"]}
    >>> frame = nw.from_native(pl.LazyFrame(rows))
    >>> frame.select(cost=transaction_cost(load_policy("models/retail.toml").costs)).collect()["cost"].to_list()
    [10.0, 3.5]
    """
    unit = _by_channel({name: nw.lit(getattr(costs.transaction, name)) for name in CHANNELS})
    elsewhere = (
        (nw.col("channel") == "atm") & (nw.col("kind") == "cash_withdrawal") & ~nw.col("counterparty_bank").is_null()
    )
    return nw.when(elsewhere).then(nw.lit(costs.transaction.atm_other_bank)).otherwise(unit)


def service_event_cost(costs: Costs) -> nw.Expr:
    """Cost of one service event.

    Parameters
    ----------
    costs : Costs
        The policy's unit costs.

    Returns
    -------
    narwhals.Expr
        Reads `channel` and `minutes`; only an adviser's minutes are priced.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> frame = nw.from_native(pl.LazyFrame({"channel": ["phone", "adviser", "adviser"], "minutes": [9.0, 10.0, None]}))
    >>> frame.select(cost=service_event_cost(load_policy("models/retail.toml").costs)).collect()["cost"].to_list()
    [6.0, 20.0, 60.0]
    """
    units = {name: nw.lit(getattr(costs.service_event, name)) for name in SERVICE_CHANNELS}
    minutes = nw.coalesce(nw.col("minutes"), nw.lit(costs.service_event.adviser_minutes_if_unknown))
    units["adviser"] = nw.lit(costs.service_event.adviser) + minutes * costs.service_event.adviser_minute
    return _by_channel(units)


def is_manual(channels: Sequence[str]) -> nw.Expr:
    """Whether a person of the bank did the work.

    Parameters
    ----------
    channels : sequence of str
        `MANUAL_TRANSACTIONS` or `MANUAL_EVENTS`.

    Returns
    -------
    narwhals.Expr
        One or zero; reads `channel`.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.LazyFrame({"channel": ["adviser", "mobile"]}))
    >>> frame.select(manual=is_manual(MANUAL_EVENTS)).collect()["manual"].to_list()
    [1.0, 0.0]
    """
    manual = nw.when(nw.col("channel").is_in(list(channels)))
    return manual.then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def counter_minutes(costs: Costs, minutes: nw.Expr | None = None) -> nw.Expr:
    """Minutes of the branch's counter that an event uses.

    Parameters
    ----------
    costs : Costs
        Holds the minutes of a counter event.
    minutes : narwhals.Expr, optional
        Minutes recorded; where missing, the policy's.

    Returns
    -------
    narwhals.Expr
        Reads `channel`.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> costs = load_policy("models/retail.toml").costs
    >>> frame = nw.from_native(pl.LazyFrame({"channel": ["counter", "counter", "phone"], "minutes": [9.0, None, 9.0]}))
    >>> frame.select(used=counter_minutes(costs, nw.col("minutes"))).collect()["used"].to_list()
    [9.0, 6.0, 0.0]
    """
    usual = nw.lit(costs.overhead.minutes_per_counter_event)
    used = usual if minutes is None else nw.coalesce(minutes, usual)
    return nw.when(nw.col("channel") == "counter").then(used).otherwise(nw.lit(0.0))


def account_cost(policy: Policy) -> nw.Expr:
    """Fixed cost of an open account in a month.

    Parameters
    ----------
    policy : Policy
        Names each product's fixed cost.

    Returns
    -------
    narwhals.Expr
        Reads `product`.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> frame = nw.from_native(pl.LazyFrame({"product": ["current", "mortgage"]}))
    >>> frame.select(cost=account_cost(load_policy("models/retail.toml"))).collect()["cost"].to_list()
    [3.0, 10.0]
    """
    return by_product(policy, lambda product: nw.lit(product.fixed_cost_month))


def complaints_of_month(contact_rules: Frame, month: dt.date, next_month: dt.date) -> Frame:
    """Keep the complaints that began in a month.

    Parameters
    ----------
    contact_rules : narwhals.LazyFrame
        The ledger's table.
    month, next_month : datetime.date
        First days of the month and of the one after.

    Returns
    -------
    narwhals.LazyFrame

    Examples
    --------
    >>> import polars as pl
    >>> rules = {"rule": ["complaint"] * 2, "starts_on": [dt.date(2025, 6, 30), dt.date(2025, 7, 1)]}
    >>> began = complaints_of_month(nw.from_native(pl.LazyFrame(rules)), dt.date(2025, 6, 1), dt.date(2025, 7, 1))
    >>> began.collect().rows()
    [('complaint', datetime.date(2025, 6, 30))]
    """
    began = (nw.col("starts_on") >= nw.lit(month)) & (nw.col("starts_on") < nw.lit(next_month))
    return contact_rules.filter((nw.col("rule") == "complaint") & began)


def _by_channel(units: dict[str, nw.Expr]) -> nw.Expr:
    chosen = nw.lit(0.0)
    for channel, unit in units.items():
        chosen = nw.when(nw.col("channel") == channel).then(unit).otherwise(chosen)
    return chosen
