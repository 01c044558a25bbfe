"""The plan as a table: a row for each branch, tier and sub-state, no customer in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import polars as pl

from segment.policy import Policy
from segment.policy.decisions import Tier
from segment.policy.service import SUB_STATES, PlanChange, Service
from segment.service.budget import in_cents, per_head, whole_cents
from segment.service.price import price_figures
from segment.service.segments import STANDARD, with_service_state

LEAST_CUSTOMERS = 10
"""Of fewer customers neither contribution nor what a waiver does is told: it would be nearly one person's."""

GENERIC: Final = "generic"
GENERIC_PLAN: Final = "break_even"
"""The group of customers who object to profiling, and the tier whose plan, without sub-states, is theirs."""

FLAGGED: Final = "main_bank_elsewhere"
LEVELS: Final = ("loss_making", "break_even", FLAGGED, "valuable", "high_value")
"""Whose customers get no less of the budget, each than the one before."""

COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "as_of": pl.Date,
    "branch_id": pl.String,
    "tier": pl.String,
    "sub_state": pl.String,
    "customers": pl.Int64,
    "contribution_12m": pl.Float64,
    "tracked_by": pl.String,
    "customers_per_adviser": pl.Int64,
    "advisers_needed": pl.Float64,
    "contact_every_days": pl.Int64,
    "fast_lane": pl.Boolean,
    "counter_wait_minutes": pl.Float64,
    "decision_days": pl.Float64,
    "complaint_days": pl.Float64,
    "counter_access": pl.Boolean,
    "basic_account": pl.Boolean,
    "complaints": pl.Boolean,
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
    "budget_per_customer": pl.Float64,
    "target_customers": pl.Int64,
    "room_cost": pl.Float64,
    "break_even_volume": pl.Float64,
    "competitor_cost": pl.Float64,
}
"""Of the plan; `advisers_needed` of full time, which groups share; the figures of price as `price_figures` says."""

BY_TRIAL = "by_trial"
"""Last column where a trial runs: customers of the group who are served so by its draw, not by their own tier."""


@dataclass(frozen=True)
class PlanGroup:
    """Customers of a branch who are served alike."""

    as_of: dt.date
    branch_id: str
    tier: Tier | Literal["generic"]
    sub_state: str
    customers: int
    contribution_12m: float
    worth: float  # What winning over those who bank elsewhere would bring in twelve months
    priced: int  # Whose own tier it is
    by_trial: int | None = None  # Where a trial runs


def plan_table(
    tiers: pl.DataFrame, service: Service, policy: Policy, objecting: pl.Series | None = None
) -> pl.DataFrame:
    """Lay the plan of every branch out."""
    # `tiers`: As published, one row per customer; with `served_as` where a trial runs. Service and budget go by that,
    # waivers of prices by the own tier: chance decides nobody's price (DOMAIN.md 5, PIPL art. 24).
    # Returns `COLUMNS`, and `by_trial` where a trial runs; by branch, tiers best first, `GENERIC` last. `budget` adds
    # up to the branch's to the cent.
    # Source: PIPL art. 24: an option that does not rest on a person's characteristics. GDPR art. 21 and 22.
    groups = _groups(group_customers(tiers, policy, objecting))
    schema = COLUMNS | ({BY_TRIAL: pl.Int64} if "served_as" in tiers.columns else {})
    rows: list[Mapping[str, object]] = []
    for branch in groups.partition_by("branch_id", maintain_order=True):
        rows += _of_branch([PlanGroup(**group) for group in branch.to_dicts()], service, policy)
    return pl.DataFrame(rows, schema=schema)


def group_customers(tiers: pl.DataFrame, policy: Policy, objecting: pl.Series | None = None) -> pl.DataFrame:
    """Say which group of the plan each customer is in, by own tier: `tier` and `service_state`."""
    states = with_service_state(tiers, policy.tiers)
    return states if objecting is None else _generic(states, objecting)


def target_customers(group: PlanGroup, plan: PlanChange, service: Service) -> int | None:
    """How many of a group the branch chooses to contact so, none where nobody of it is contacted."""
    if plan.contact_every_days is None:
        return None
    number = service.target(group.branch_id, group.tier, group.sub_state)
    return group.customers if number is None else min(number, group.customers)


def budget_of_branch(service: Service, branch: str, customers: int) -> float:
    """Budget of twelve months: the branch's own, or by its customers."""
    return service.branch_budgets.get(branch, service.budget_per_customer * customers)


def cost_by_tier(tiers: pl.DataFrame, service: Service) -> dict[str, float]:
    """What a year's service of a customer of each tier costs, by the bank's budgets."""
    counted = {tier: (number, mean) for tier, number, mean in tiers.group_by("tier", maintain_order=True).agg(
        pl.len(), pl.col("contribution_12m").mean()).iter_rows()}  # fmt: skip
    levels = [level for level in LEVELS if level != FLAGGED]
    values = [0.0 if level == LEVELS[0] else counted.get(level, (0, 0.0))[1] for level in levels]
    branches = tiers.group_by("branch_id", maintain_order=True).len()
    budget = sum(budget_of_branch(service, branch, number) for branch, number in branches.iter_rows())
    heads = [counted.get(level, (0, 0.0))[0] for level in levels]
    amounts = per_head(whole_cents(budget), heads, values, service.budget_by_head, service.budget_most_per_head)
    return dict(zip(levels, map(float, amounts), strict=True))


def _generic(states: pl.DataFrame, objecting: pl.Series) -> pl.DataFrame:
    """Customers who object, out of their tier's group and out of a trial's."""
    own = pl.col("customer_id").is_in(objecting.implode())
    neutral = [name for name in ("tier", "service_state", "served_as") if name in states.columns]
    return states.with_columns(
        pl.when(own).then(pl.lit(GENERIC)).otherwise(pl.col(name)).alias(name) for name in neutral
    )


def _groups(customers: pl.DataFrame) -> pl.DataFrame:
    order = pl.Enum([*SUB_STATES, GENERIC])
    keys = ["branch_id", "tier", "service_state"]
    priced = customers.group_by(keys, maintain_order=True).agg(priced=pl.len().cast(pl.Int64))
    if "served_as" in customers.columns:
        customers = as_served(customers)
    # customers in one order: sums of floats must not depend on the file's
    return (
        customers.sort("customer_id")
        .group_by("as_of", *keys, maintain_order=True)
        .agg(
            pl.col(f"^{BY_TRIAL}$").sum().cast(pl.Int64),
            customers=pl.len().cast(pl.Int64),
            contribution_12m=pl.col("contribution_12m").sum(),
            worth=(pl.col("main_bank_elsewhere_probability") * pl.col("upgrade_potential_12m")).sum(),
        )
        .join(priced, on=keys, how="left")
        .with_columns(pl.col("priced").fill_null(0))
        .sort("branch_id", pl.col("tier").cast(order), "service_state")
        .rename({"service_state": "sub_state"})
    )


def as_served(customers: pl.DataFrame) -> pl.DataFrame:
    """Customers in the group whose service they have; another tier's is that tier's own plan, no sub-state's."""
    other = pl.col("served_as") != pl.col("tier")
    state = pl.when(other).then(pl.lit(STANDARD)).otherwise("service_state")
    return customers.with_columns(other.alias(BY_TRIAL), tier="served_as", service_state=state)


def _of_branch(groups: Sequence[PlanGroup], service: Service, policy: Policy) -> list[Mapping[str, object]]:
    plans = [service.plans[_tier_of(group)].of(group.sub_state) for group in groups]
    customers = [group.customers for group in groups]
    budget = budget_of_branch(service, groups[0].branch_id, sum(customers))
    parts = in_cents(_quotas(groups, whole_cents(budget), service, policy))
    return [
        {**_of_group(group, plan, service, policy), "budget": part, "budget_per_customer": round(part / number, 2)}
        for group, plan, part, number in zip(groups, plans, parts, customers, strict=True)
    ]


def _quotas(groups: Sequence[PlanGroup], budget: Fraction, service: Service, policy: Policy) -> list[Fraction]:
    """Share a branch's budget by value and head; who objects to profiling gets the branch's mean."""
    mean = budget / sum(group.customers for group in groups)
    tiered = [group for group in groups if group.tier != GENERIC]
    customers = {level: sum(group.customers for group in tiered if _level_of(group) == level) for level in LEVELS}
    left = mean * sum(customers.values())
    amounts = per_head(
        left,
        list(customers.values()),
        _values(tiered, service, policy),
        service.budget_by_head,
        service.budget_most_per_head,
    )
    of_level = dict(zip(LEVELS, amounts, strict=True))
    return [group.customers * (mean if group.tier == GENERIC else of_level[_level_of(group)]) for group in groups]


def _values(groups: Sequence[PlanGroup], service: Service, policy: Policy) -> list[float]:
    """What a customer of each level brings; of the flagged, what winning them over is worth beside it."""

    def mean(level: str, total: Callable[[PlanGroup], float]) -> float:
        of_level = [group for group in groups if _level_of(group) == level]
        return sum(map(total, of_level)) / (sum(group.customers for group in of_level) or 1)

    brings = {level: max(0.0, mean(level, lambda group: group.contribution_12m)) for level in LEVELS}
    bundles = service.plans["break_even"].of(FLAGGED).bundles
    moved = max((policy.upgrade.bundles[name].moved_share for name in bundles), default=1.0)
    brings["loss_making"] = 0.0
    brings[FLAGGED] = brings["break_even"] + moved * mean(FLAGGED, lambda group: group.worth)
    return [brings[level] for level in LEVELS]


def _level_of(group: PlanGroup) -> str:
    return FLAGGED if group.sub_state == FLAGGED else group.tier


def _tier_of(group: PlanGroup) -> Tier:
    tier: Tier = GENERIC_PLAN if group.tier == GENERIC else group.tier
    return tier


def _of_group(group: PlanGroup, plan: PlanChange, service: Service, policy: Policy) -> Mapping[str, object]:
    columns = plan.model_dump(include=set(COLUMNS))
    number, per_adviser = group.customers, plan.customers_per_adviser
    large_enough = number >= LEAST_CUSTOMERS and group.tier != GENERIC
    shown = group.priced if group.priced >= LEAST_CUSTOMERS else 0
    return {
        **columns,
        **{name: value for name, value in vars(group).items() if name not in ("priced", "worth")},
        "contribution_12m": round(group.contribution_12m, 2) if large_enough else None,
        "advisers_needed": round(number / per_adviser, 2) if per_adviser else None,
        "tariff_items": list(plan.tariff_items),
        "waiver_low": plan.waiver_share[0],
        "waiver_high": plan.waiver_share[1],
        **price_figures(plan, [service.tariff[name] for name in plan.tariff_items], shown),
        "target_customers": target_customers(group, plan, service),
        "bundles": policy.offered(plan.bundles),
        "programmes": list(plan.programmes),
        "skills": list(plan.skills),
    }
