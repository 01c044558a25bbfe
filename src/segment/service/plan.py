"""The plan as a table: a row for each branch, tier and sub-state, no customer in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from segment.policy import Policy
from segment.policy.decisions import Tier
from segment.policy.service import SUB_STATES, PlanChange, Service
from segment.service.budget import share_out
from segment.service.price import waiver_effect
from segment.service.segments import with_service_state

LEAST_CUSTOMERS = 10
"""Of fewer customers neither contribution nor what a waiver does is told: it would be nearly one person's."""

GENERIC: Final = "generic"
GENERIC_PLAN: Final = "break_even"
"""The group of customers who object to profiling, and the tier whose plan, without sub-states, is theirs."""

COLUMNS: dict[str, Any] = {
    "as_of": pl.Date,
    "branch_id": pl.String,
    "tier": pl.String,
    "sub_state": pl.String,
    "customers": pl.Int64,
    "contribution_12m": pl.Float64,
    "tracked_by": pl.String,
    "customers_per_adviser": pl.Int64,
    "advisers_needed": pl.Int64,
    "contact_every_days": pl.Int64,
    "fast_lane": pl.Boolean,
    "counter_wait_minutes": pl.Float64,
    "decision_days": pl.Float64,
    "complaint_days": pl.Float64,
    "counter_access": pl.Boolean,
    "basic_account": pl.Boolean,
    "complaints": pl.Boolean,
    "budget_floor_share": pl.Float64,
    "budget": pl.Float64,
    "tariff_items": pl.List(pl.String),
    "waiver_low": pl.Float64,
    "waiver_high": pl.Float64,
    "effect_low": pl.Float64,
    "effect_mid": pl.Float64,
    "effect_high": pl.Float64,
    "competitor_reaction": pl.String,
    "bundles": pl.List(pl.String),
    "programmes": pl.List(pl.String),
    "staff": pl.String,
    "skills": pl.List(pl.String),
}
"""Of the plan; `effect_…` is the change of contribution at the largest waiver and a low, mid and high elasticity."""


def plan_table(
    tiers: pl.DataFrame, service: Service, policy: Policy, objecting: pl.Series | None = None
) -> pl.DataFrame:
    """Lay the plan of every branch out.

    Parameters
    ----------
    tiers : polars.DataFrame
        As published, one row per customer.
    service : Service
        The policy's plan.
    policy : Policy
        Gives borders and the names of bundles.
    objecting : polars.Series of str, optional
        `customer_id` of those who object to profiling: they are `GENERIC`, whatever their tier, and get what break-even
        customers get as a rule, and the branch's mean budget.

    Returns
    -------
    polars.DataFrame
        `COLUMNS`; by branch, tiers best first, `GENERIC` last. `budget` adds up to the branch's to the cent.

    References
    ----------
    PIPL art. 24: an option that does not rest on a person's characteristics. GDPR art. 21 and 22.
    """
    states = with_service_state(tiers, policy.tiers)
    if objecting is not None:
        own = pl.col("customer_id").is_in(objecting.implode())
        states = states.with_columns(
            pl.when(own).then(pl.lit(GENERIC)).otherwise(pl.col(name)).alias(name) for name in ("tier", "service_state")
        )
    groups = _groups(states)
    rows: list[dict[str, Any]] = []
    for branch in groups.partition_by("branch_id", maintain_order=True):
        rows += _of_branch(branch.to_dicts(), service, policy)
    return pl.DataFrame(rows, schema=COLUMNS)


def _groups(customers: pl.DataFrame) -> pl.DataFrame:
    order = pl.Enum([*SUB_STATES, GENERIC])
    # customers in one order: sums of floats must not depend on the file's
    return (
        customers.sort("customer_id")
        .group_by("as_of", "branch_id", "tier", "service_state", maintain_order=True)
        .agg(customers=pl.len().cast(pl.Int64), contribution_12m=pl.col("contribution_12m").sum())
        .sort("branch_id", pl.col("tier").cast(order), "service_state")
        .rename({"service_state": "sub_state"})
    )


def _of_branch(groups: list[dict[str, Any]], service: Service, policy: Policy) -> list[dict[str, Any]]:
    plans = [service.plans[_tier_of(group)].of(group["sub_state"]) for group in groups]
    customers = [group["customers"] for group in groups]
    budget = service.branch_budgets.get(groups[0]["branch_id"], service.budget_per_customer * sum(customers))
    contributions = [0.0 if group["tier"] == GENERIC else group["contribution_12m"] for group in groups]
    parts = share_out(budget, contributions, _floors(groups, service), customers)
    return [
        {**_of_group(group, plan, service, policy), "budget": part}
        for group, plan, part in zip(groups, plans, parts, strict=True)
    ]


def _floors(groups: list[dict[str, Any]], service: Service) -> list[float]:
    """A tier's own floor is shared by those of its groups that have no plan of their own, by customers.

    Who objects to profiling has a part of the budget by head, set apart before all others.
    """
    generic = sum(group["customers"] for group in groups if group["tier"] == GENERIC)
    by_head = generic / sum(group["customers"] for group in groups)
    floors = []
    for group in groups:
        if group["tier"] == GENERIC:
            floors.append(by_head)
            continue
        plan = service.plans[group["tier"]]
        if group["sub_state"] in plan.sub_states:
            floors.append((1.0 - by_head) * plan.sub_states[group["sub_state"]].budget_floor_share)
            continue
        alike = [one for one in groups if one["tier"] == group["tier"] and one["sub_state"] not in plan.sub_states]
        floors.append(
            (1.0 - by_head) * plan.budget_floor_share * group["customers"] / sum(one["customers"] for one in alike)
        )
    return floors


def _tier_of(group: Mapping[str, Any]) -> Tier:
    tier: Tier = GENERIC_PLAN if group["tier"] == GENERIC else group["tier"]
    return tier


def _of_group(group: Mapping[str, Any], plan: PlanChange, service: Service, policy: Policy) -> dict[str, Any]:
    said = plan.model_dump(include=set(COLUMNS))
    number, per_adviser = group["customers"], plan.customers_per_adviser
    told = number >= LEAST_CUSTOMERS and group["tier"] != GENERIC
    effects: list[float | None] = [None, None, None]
    if told and plan.tariff_items:
        items = [service.tariff[name] for name in plan.tariff_items]
        effects = [
            round(sum(waiver_effect(item, number, plan.waiver_share[1], one) for item in items), 2)
            for one in plan.elasticity
        ]
    return {
        **said,
        **group,
        "contribution_12m": round(group["contribution_12m"], 2) if told else None,
        "advisers_needed": math.ceil(number / per_adviser) if per_adviser else None,
        "tariff_items": list(plan.tariff_items),
        "waiver_low": plan.waiver_share[0],
        "waiver_high": plan.waiver_share[1],
        **dict(zip(("effect_low", "effect_mid", "effect_high"), effects, strict=True)),
        "bundles": [policy.upgrade.bundles[name].name for name in plan.bundles],
        "programmes": list(plan.programmes),
        "skills": list(plan.skills),
    }
