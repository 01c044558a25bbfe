"""The list: who is contacted within the limits, with a control arm beside."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.policy import Policy
from segment.upgrade.places import Limits, ListChoice, choose_within

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
    "programme",
    "bundle_name",
    "rm_id",
    "say",
    "do_not_say",
    "expected_net_value",
    "value_horizon_months",
    "owner",
    "cluster",
    "trigger",
    "trigger_on",
    "trigger_amount",
)


def rank_list(
    options: pl.DataFrame, limits: Limits, managers: pl.DataFrame, policy: Policy, list_on: dt.date
) -> tuple[pl.DataFrame, ListChoice]:
    """Choose within the limits and rank by expected net value, whatever the programme."""
    # The control arm takes no place: customers of it stand where they would have been contacted, that is, where their
    # best option brings more than the limits' prices, so that the two arms can be compared.
    chosen = choose_within(options, limits, managers, policy)
    last = pl.lit(list_on + dt.timedelta(days=policy.upgrade.list_expires_after_days))
    # an offer whose event is over is no longer the one that was made
    ends = pl.min_horizontal(last, "trigger_until") if "trigger_until" in options.columns else last
    listed = chosen.offers.sort(
        ["expected_net_value", "priority", "customer_id"], descending=[True, False, False]
    ).with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        arm=pl.when("control").then(pl.lit("control")).otherwise(pl.lit("contact")),
        expires_on=ends,
    )
    return listed, chosen
