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
from segment.service.segments import STANDARD, with_service_state

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

BY_TRIAL = "by_trial"
"""Last column where a trial runs: customers of the group who are served so by its draw, not by their own tier."""


def plan_table(
    tiers: pl.DataFrame, service: Service, policy: Policy, objecting: pl.Series | None = None
) -> pl.DataFrame:
    """Lay the plan of every branch out.

    Parameters
    ----------
    tiers : polars.DataFrame
        As published, one row per customer; with `served_as` where a trial runs. Service and budget go by that, waivers
        of prices by the own tier: chance decides nobody's price (DOMAIN.md 5, PIPL art. 24).
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
        `COLUMNS`, and `by_trial` where a trial runs; by branch, tiers best first, `GENERIC` last. `budget` adds up to
        the branch's to the cent.

    References
    ----------
    PIPL art. 24: an option that does not rest on a person's characteristics. GDPR art. 21 and 22.
    """
    states = with_service_state(tiers, policy.tiers)
    if objecting is not None:
        states = _generic(states, objecting)
    groups = _groups(states)
    schema = COLUMNS | ({BY_TRIAL: pl.Int64} if "served_as" in tiers.columns else {})
    rows: list[dict[str, Any]] = []
    for branch in groups.partition_by("branch_id", maintain_order=True):
        rows += _of_branch(branch.to_dicts(), service, policy)
    return pl.DataFrame(rows, schema=schema)


def _generic(states: pl.DataFrame, objecting: pl.Series) -> pl.DataFrame:
    """Customers who object, out of their tier's group and out of a trial's."""
    own = pl.col("customer_id").is_in(objecting.implode())
    told = [name for name in ("tier", "service_state", "served_as") if name in states.columns]
    return states.with_columns(pl.when(own).then(pl.lit(GENERIC)).otherwise(pl.col(name)).alias(name) for name in told)


def _groups(customers: pl.DataFrame) -> pl.DataFrame:
    order = pl.Enum([*SUB_STATES, GENERIC])
    keys = ["branch_id", "tier", "service_state"]
    priced = customers.group_by(keys).agg(priced=pl.len().cast(pl.Int64))
    if "served_as" in customers.columns:
        customers = _as_served(customers)
    # customers in one order: sums of floats must not depend on the file's
    return (
        customers.sort("customer_id")
        .group_by("as_of", *keys, maintain_order=True)
        .agg(
            pl.col(f"^{BY_TRIAL}$").sum().cast(pl.Int64),
            customers=pl.len().cast(pl.Int64),
            contribution_12m=pl.col("contribution_12m").sum(),
        )
        .join(priced, on=keys, how="left")
        .with_columns(pl.col("priced").fill_null(0))
        .sort("branch_id", pl.col("tier").cast(order), "service_state")
        .rename({"service_state": "sub_state"})
    )


def _as_served(customers: pl.DataFrame) -> pl.DataFrame:
    """Customers in the group whose service they have; another tier's is that tier's own plan, no sub-state's."""
    other = pl.col("served_as") != pl.col("tier")
    state = pl.when(other).then(pl.lit(STANDARD)).otherwise("service_state")
    return customers.with_columns(other.alias(BY_TRIAL), tier="served_as", service_state=state)


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
    if group["priced"] >= LEAST_CUSTOMERS and plan.tariff_items:
        items = [service.tariff[name] for name in plan.tariff_items]
        effects = [
            round(sum(waiver_effect(item, group["priced"], plan.waiver_share[1], one) for item in items), 2)
            for one in plan.elasticity
        ]
    return {
        **said,
        **{name: value for name, value in group.items() if name != "priced"},
        "contribution_12m": round(group["contribution_12m"], 2) if told else None,
        "advisers_needed": math.ceil(number / per_adviser) if per_adviser else None,
        "tariff_items": list(plan.tariff_items),
        "waiver_low": plan.waiver_share[0],
        "waiver_high": plan.waiver_share[1],
        **dict(zip(("effect_low", "effect_mid", "effect_high"), effects, strict=True)),
        "bundles": policy.offered(plan.bundles),
        "programmes": list(plan.programmes),
        "skills": list(plan.skills),
    }
