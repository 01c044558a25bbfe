"""What a list would bring by how many are contacted, before one is made."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from segment.jobs.lists.list_basis import ListBasis
from segment.policy import Policy
from segment.upgrade.places import MINUTES_AN_HOUR, Limits, choose_within

_POINTS = 10


@dataclass(frozen=True)
class TradeOff:
    """Net value against contacts, the best contacts first; nobody's name, and nothing is kept of it."""

    # `contacts`, `net_value` over the policy's horizon, `cost` of the contacts, adviser `hours`; each row adds to the
    # one before
    points: pl.DataFrame
    hours_there: float
    months: int  # Horizon of the value


def trade_off(basis: ListBasis, limits: Limits, policy: Policy) -> TradeOff:
    """Choose as a list would, and add its contacts up one by one; no control group is drawn yet.

    Parameters
    ----------
    basis : ListBasis
        What a list would be chosen from.
    limits : Limits
        Capacity and budget.
    policy : Policy
        Hours and minutes of advisers.

    Returns
    -------
    TradeOff
        The last row is the whole list; a part of it in its control group brings nothing.
    """
    options = basis.options.with_columns(control=pl.lit(value=False))
    chosen = choose_within(options, limits, basis.tables["relationship_managers"], policy)
    minutes = pl.col("channel").replace_strict(policy.upgrade.adviser_minutes, return_dtype=pl.Float64)
    best = chosen.offers.sort(["expected_net_value", "customer_id"], descending=[True, False]).select(
        contacts=pl.int_range(1, pl.len() + 1),
        net_value=pl.col("expected_net_value").cum_sum(),
        cost=pl.col("contact_cost").cum_sum(),
        hours=minutes.cum_sum() / MINUTES_AN_HOUR,
    )
    places = sorted({-(-best.height * point // _POINTS) for point in range(1, _POINTS + 1)})
    months = int(options["value_horizon_months"][0])
    return TradeOff(best.filter(pl.col("contacts").is_in(places)), chosen.adviser_hours(), months)
