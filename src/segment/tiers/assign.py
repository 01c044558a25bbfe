"""The tier of each customer, and whose word decided it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from segment.arrays import Flags, Floats
from segment.policy import Policy
from segment.policy.cost_of_error import excess_costs
from segment.tiers.borders import contradicts, with_own_tier
from segment.tiers.describe import describe_customers
from segment.tiers.household import NOTE, is_below, least_tiers, with_household
from segment.tiers.in_arrears import in_default
from segment.tiers.odds import MARGIN, ODDS, costs_of_tiers
from segment.tiers.outlook import GROWTH
from segment.tiers.tier_columns import BREAK_EVEN, HIGH_VALUE, LOSS_MAKING, TIERS, VALUABLE, require

_READ = (
    "customer_id",
    "branch_id",
    "standing",
    "blended_contribution_12m",
    "mean_cost",
    "border_low",
    "border_break_even",
    "border_high_reachable",
    "cluster_tier",
    *ODDS,
    GROWTH,
)


def assign_tiers(frame: pl.DataFrame, policy: Policy, managers: Mapping[str, int] | None = None) -> pl.DataFrame:
    """Assign a tier to each customer and describe where in the tier the customer stands.

    In this order: what the policy decides by; new and excluded customers, who are break-even; the household's floor,
    where the policy has one; default, which lets nobody stand above break-even; the managers' capacity, which moves the
    least high-value customers of a branch to valuable. The policy decides by

    - `clusters`: the cluster's tier, unless by the customer's own odds it is dearer than the cheapest by more than
      `guard_margin`, or it is closed to the customer, or no cluster is known: then the cheapest tier of the own odds;
    - `expected_cost`: the cheapest tier of the own odds;
    - `borders`: the cluster's tier, unless the own figures contradict it beyond the policy's margin; then growth, which
      lifts break-even to valuable.

    High-value is closed to whom the policy's further conditions rule out.

    Parameters
    ----------
    frame : polars.DataFrame
        One row per customer, with the columns of `with_blended` and `with_borders`, `cluster_tier` (null where no
        cluster is known), the odds (`ODDS`, `GROWTH`), `guard_margin` where clusters decide, and what
        `describe_customers` reads.
    policy : segment.policy.Policy
    managers : mapping of str to int, optional
        Relationship managers of each branch. Where the policy limits the customers per manager, a branch that is not
        named here has no limit.

    Returns
    -------
    polars.DataFrame
        The frame with `own_tier` (the tier of the own figures, before growth and capacity), `tier`, `tier_source`
        (`cluster`, `guard`, `new_customer`), `tier_note` (`growth`, `expected_cost`, `household`, `default`,
        `rm_capacity` or null), the columns of `describe_customers`, and `household_contribution_12m`. Excluded
        customers are `break_even` by `guard` with the sub-state `excluded`.

    Raises
    ------
    ModelError
        If a column is missing.

    References
    ----------
    The four-tier policy, "order of tests" and "clusters".

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> people = pl.DataFrame({
    ...     "customer_id": ["a"], "branch_id": ["b"], "standing": ["active"], "blended_contribution_12m": [60.0],
    ...     "mean_cost": [200.0], "branch_reference": [100.0], "border_low": [-50.0], "border_break_even": [50.0],
    ...     "border_high": [400.0], "border_high_reachable": [400.0], "cluster_tier": ["break_even"],
    ...     "income_12m": [140.0], "cost_12m": [80.0], "cost_annual": [80.0], "contribution_12m": [60.0],
    ...     "direct_contribution_12m": [70.0], "future_value_12m": [60.0], "future_value_p90": [90.0],
    ...     "chance_high_value": [0.0], "chance_valuable": [0.7],
    ...     "chance_break_even": [0.3], "chance_loss_making": [0.0],
    ...     "growth_probability": [0.7], "guard_margin": [0.25], "main_bank_elsewhere_probability": [0.1],
    ...     "main_bank_state": ["main_here"],
    ...     "wallet_elsewhere_12m": [0.0]})
    >>> tiers = assign_tiers(people, load_policy("models/retail.toml"))
    >>> tiers.select("tier", "tier_source").row(0)
    ('valuable', 'guard')
    """
    require(frame, _READ, "A tier")
    frame = _by_default(_by_household(decide(frame, policy), policy))
    frame = _by_capacity(frame, policy, managers or {})
    return with_household(describe_customers(frame, policy))


def decide(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Give each customer the tier of what the policy decides by, and new and excluded customers theirs."""
    return _by_standing(_DECIDED_BY[policy.tiers.decide_by](with_own_tier(frame), policy))


def _by_borders(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Take the cluster's tier unless the own figures contradict it or there is none; then let growth lift."""
    guarded = pl.col("cluster_tier").is_null() | contradicts(policy.tiers)
    frame = frame.with_columns(
        tier=pl.when(guarded).then("own_tier").otherwise("cluster_tier"),
        tier_source=pl.when(guarded).then(pl.lit("guard")).otherwise(pl.lit("cluster")),
        tier_note=pl.lit(None, dtype=pl.String),
    )
    # break-even customers whose next twelve months very probably cover their cost well
    probable = pl.col(GROWTH).fill_null(0.0) >= policy.tiers.growth_probability
    grows = (pl.col("tier") == BREAK_EVEN) & probable & pl.col("standing").is_in(["active", "provisional"])
    return _decide(frame, grows, VALUABLE, "guard", "growth")


def _by_own_odds(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Give each customer the tier that is least costly to be wrong about by the own odds."""
    return _overruled(frame, _costs(frame, policy), np.ones(frame.height, dtype=bool))


def _by_clusters(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Take the cluster's tier unless it is closed, there is none, or it is clearly dearer by the own odds."""
    require(frame, (MARGIN,), "A tier by clusters")
    costs = _costs(frame, policy)
    places = {tier: place for place, tier in enumerate(TIERS)}
    cluster = frame["cluster_tier"].cast(pl.String).replace_strict(places, default=None, return_dtype=pl.Int64)
    excess = excess_costs(costs, cluster.fill_null(0).to_numpy())
    margin = frame[MARGIN].cast(pl.Float64).fill_null(0.0).to_numpy()
    return _overruled(frame, costs, cluster.is_null().to_numpy() | (excess > margin))


def _costs(frame: pl.DataFrame, policy: Policy) -> Floats:
    reachable = frame["border_high_reachable"].is_not_null().to_numpy()
    return costs_of_tiers(frame.select(ODDS).to_numpy(), policy.tiers.cost_of_error.matrix, reachable)


def _overruled(frame: pl.DataFrame, costs: Floats, by_own_odds: Flags) -> pl.DataFrame:
    """Give the cheapest tier of the own odds where these decide, else the cluster's; say where they differ."""
    least = pl.Series(np.array(TIERS)[costs.argmin(axis=1)].tolist(), dtype=pl.String)
    tier = pl.when(pl.Series(by_own_odds)).then(least).otherwise("cluster_tier")
    other = tier.ne_missing(pl.col("cluster_tier"))
    return frame.with_columns(
        tier=tier,
        tier_source=pl.when(other).then(pl.lit("guard")).otherwise(pl.lit("cluster")),
        tier_note=pl.when(other).then(pl.lit("expected_cost")).otherwise(pl.lit(None, dtype=pl.String)),
    )


_DECIDED_BY = {"clusters": _by_clusters, "expected_cost": _by_own_odds, "borders": _by_borders}


def _by_standing(frame: pl.DataFrame) -> pl.DataFrame:
    """Give new and excluded customers break-even, and nobody new less."""
    new = (pl.col("standing") == "new") | ((pl.col("standing") == "provisional") & (pl.col("tier") == LOSS_MAKING))
    frame = _decide(frame, new, BREAK_EVEN, "new_customer", None)
    return _decide(frame, pl.col("standing") == "excluded", BREAK_EVEN, "guard", None)


def _by_household(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Let nobody stand more than one tier below the household, where the policy says so."""
    least = least_tiers(frame, policy)
    frame = frame.join(least, on="customer_id", how="left", maintain_order="left")
    lifted = is_below(pl.col("least_tier"))
    for tier in (VALUABLE, BREAK_EVEN):
        frame = _decide(frame, lifted & (pl.col("least_tier") == tier), tier, "guard", NOTE)
    return frame.drop("least_tier")


def _by_default(frame: pl.DataFrame) -> pl.DataFrame:
    """Let nobody in default stand above break-even."""
    above = pl.col("tier").is_in([HIGH_VALUE, VALUABLE]) & in_default(frame)
    return _decide(frame, above, BREAK_EVEN, "guard", "default")


def _by_capacity(frame: pl.DataFrame, policy: Policy, managers: Mapping[str, int]) -> pl.DataFrame:
    """Move the high-value customers whom a branch's managers cannot serve to valuable, least valuable first."""
    if policy.tiers.high_value_per_manager is None or not managers:
        return frame
    places = pl.col("branch_id").replace_strict(dict(managers), default=None, return_dtype=pl.Int64)
    ranked = (
        frame.select("customer_id", "branch_id", "tier", "blended_contribution_12m")
        .filter(pl.col("tier") == HIGH_VALUE)
        .sort(["blended_contribution_12m", "customer_id"], descending=[True, False])
        .with_columns(place=pl.int_range(pl.len()).over("branch_id"))
        .filter(pl.col("place") >= places * policy.tiers.high_value_per_manager)
    )
    over_capacity = pl.col("customer_id").is_in(ranked["customer_id"].to_list())
    return _decide(frame, over_capacity, VALUABLE, "guard", "rm_capacity")


def _decide(frame: pl.DataFrame, where: pl.Expr, tier: str, source: str, note: str | None) -> pl.DataFrame:
    """Set the tier, its source and its note where a rule applies."""
    return frame.with_columns(
        tier=pl.when(where).then(pl.lit(tier)).otherwise("tier"),
        tier_source=pl.when(where).then(pl.lit(source)).otherwise("tier_source"),
        tier_note=pl.when(where).then(pl.lit(note, dtype=pl.String)).otherwise("tier_note"),
    )
