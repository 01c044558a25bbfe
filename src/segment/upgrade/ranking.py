"""The list: who is contacted within capacity and budget, with a control arm beside."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from segment.policy.contacts import Upgrade

LIST_COLUMNS = (
    "list_id",
    "rank",
    "customer_id",
    "branch_id",
    "tier",
    "target_tier",
    "main_bank_elsewhere",
    "upgrade_potential_12m",
    "conversion_probability",
    "expected_gain_12m",
    "contact_cost",
    "expected_net_gain_12m",
    "bundle",
    "channel",
    "reason_1",
    "reason_2",
    "reason_3",
    "arm",
    "expires_on",
    "model_version",
    "policy_version",
    "lever",
    "lever_gain_12m",
)


@dataclass(frozen=True)
class Limits:
    """What a list may use.

    Attributes
    ----------
    capacity : int or None
        Customers to contact in all; None: the policy's default for each branch.
    budget : float or None
        Sum of contact costs in book currency; None: no limit.
    """

    capacity: int | None = None
    budget: float | None = None


def rank_list(
    offers: pl.DataFrame, control: pl.Series, limits: Limits, policy: Upgrade, list_on: dt.date
) -> pl.DataFrame:
    """Rank by expected net gain and cut at capacity and budget.

    The control arm takes no place: customers of it stand where they would have been contacted, so that the two arms can
    be compared.

    Parameters
    ----------
    offers : polars.DataFrame
        From `segment.upgrade.offers.best_offers`, with the further columns of `LIST_COLUMNS` that come from the tiers.
    control : polars.Series of bool
        From `segment.upgrade.control.draw_control`, in the order of `offers`.
    limits : Limits
        Capacity and budget.
    policy : Upgrade
        Default capacity and expiry.
    list_on : datetime.date
        The list's date.

    Returns
    -------
    polars.DataFrame
        Both arms, by `rank`.
    """
    arms = offers.with_columns(arm=pl.when(control).then(pl.lit("control")).otherwise(pl.lit("contact")))
    ranked = arms.sort(["expected_net_gain_12m", "customer_id"], descending=[True, False]).with_columns(
        place=(pl.col("arm") == "contact").cum_sum(),
        place_in_branch=(pl.col("arm") == "contact").cum_sum().over("branch_id"),
        spent=pl.when(pl.col("arm") == "contact").then("contact_cost").otherwise(0.0).cum_sum(),
    )
    within = _within(limits, policy)
    return ranked.filter(within).with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        expires_on=pl.lit(list_on + dt.timedelta(days=policy.list_expires_after_days)),
    )


def _within(limits: Limits, policy: Upgrade) -> pl.Expr:
    if limits.capacity is None:
        within = pl.col("place_in_branch") <= policy.default_capacity_per_branch
    else:
        within = pl.col("place") <= limits.capacity
    return within if limits.budget is None else within & (pl.col("spent") <= limits.budget)
