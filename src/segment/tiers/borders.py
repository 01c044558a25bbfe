"""The three borders of each customer's own, between which the blended contribution falls into one of four tiers."""

from __future__ import annotations

import polars as pl

from segment.policy import Policy
from segment.policy.decisions import Tiers
from segment.tiers.branch_reference import BranchReferences, with_references
from segment.tiers.tier_columns import BREAK_EVEN, HIGH_VALUE, LOSS_MAKING, VALUABLE, require

BORDERS = ("border_low", "border_break_even", "border_high")
"""The borders' columns, ascending."""


def least_fixed_cost(policy: Policy) -> float:
    """Return the least that a customer with one open account costs in twelve months."""
    smallest = min(product.fixed_cost_month for product in policy.products.values())
    return 12.0 * (smallest + policy.costs.overhead.per_account_month)


def with_borders(frame: pl.DataFrame, references: BranchReferences, policy: Policy) -> pl.DataFrame:
    """Add the references and the borders of each customer.

    With `COST` the customer's cost of twelve months, floored at the least fixed cost, `M` the mean cost and
    `eps = epsilon_of_mean_cost M`:

    - `border_low = -max(eps, min((1 - coverage_low) COST, cap M))`: below it loss-making;
    - `border_break_even = max(eps, min((coverage_high - 1) COST, cap M))`: up to it break-even;
    - `border_high = max(border_break_even, high_multiple ref_b)`: from it on high-value, else valuable;
    - `border_high_reachable`: the same with the two further conditions of high-value folded in: at least
      `(high_coverage - 1) COST`, and null where P10 of the future value is not positive.

    They restate the policy's order of tests: `|B| <= eps`, or coverage `1 + B / COST` within the band and `|B|` within
    the cap, is the interval from `border_low` to `border_break_even`.

    Parameters
    ----------
    frame : polars.DataFrame
        With `branch_id`, `peer_group`, `cost_annual`, `future_value_p10`.
    references : BranchReferences
        Of the same `as_of`.
    policy : segment.policy.Policy

    Returns
    -------
    polars.DataFrame
        The frame with `mean_cost`, `branch_reference`, `branch_pooled` and the four borders.

    References
    ----------
    The four-tier policy, "order of tests".

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> policy = load_policy("models/retail.toml")
    >>> people = pl.DataFrame({
    ...     "branch_id": ["b"], "peer_group": ["all"], "cost_annual": [800.0], "future_value_p10": [1.0]})
    >>> known = BranchReferences(400.0, 200.0, {"b": 300.0}, (), {"all": 300.0}, 300.0)
    >>> with_borders(people, known, policy).select(BORDERS).row(0)
    (-160.0, 200.0, 1200.0)
    """
    require(frame, ("branch_id", "peer_group", "cost_annual", "future_value_p10"), "A border")
    return draw_borders(with_references(frame, references), policy)


def draw_borders(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Add the four borders, by `cost_annual`, `future_value_p10`, `mean_cost` and `branch_reference` of each row."""
    tiers, mean_cost = policy.tiers, pl.col("mean_cost")
    epsilon, cap = tiers.epsilon_of_mean_cost * mean_cost, tiers.band_cap_of_mean_cost * mean_cost
    cost = pl.col("cost_annual").clip(lower_bound=least_fixed_cost(policy))
    # shares written in tenths are meant in tenths, not in the nearest binary fraction of their difference
    below, above, well_above = (
        round(share, 12) for share in (1.0 - tiers.coverage_low, tiers.coverage_high - 1.0, tiers.high_coverage - 1.0)
    )
    low, up = ((share * cost).clip(upper_bound=cap).clip(lower_bound=epsilon) for share in (below, above))
    high = pl.max_horizontal(up, tiers.high_multiple * pl.col("branch_reference"))
    reachable = pl.when(pl.col("future_value_p10") > 0.0).then(pl.max_horizontal(high, well_above * cost))
    return frame.with_columns(border_low=-low, border_break_even=up, border_high=high, border_high_reachable=reachable)


def with_own_tier(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `own_tier`, the tier of the customer's own figures.

    Parameters
    ----------
    frame : polars.DataFrame
        With `blended_contribution_12m` and the borders.

    Returns
    -------
    polars.DataFrame
        The frame with one more column.

    Examples
    --------
    >>> people = pl.DataFrame({
    ...     "blended_contribution_12m": [-60.0, 50.0, 70.0, 400.0, 400.0], "border_low": [-50.0] * 5,
    ...     "border_break_even": [50.0] * 5, "border_high_reachable": [400.0] * 4 + [None]})
    >>> with_own_tier(people)["own_tier"].to_list()
    ['loss_making', 'break_even', 'valuable', 'high_value', 'valuable']
    """
    value = pl.col("blended_contribution_12m")
    tier = (
        pl.when(value < pl.col("border_low"))
        .then(pl.lit(LOSS_MAKING))
        .when(value <= pl.col("border_break_even"))
        .then(pl.lit(BREAK_EVEN))
        .when(value >= pl.col("border_high_reachable"))
        .then(pl.lit(HIGH_VALUE))
        .otherwise(pl.lit(VALUABLE))
    )
    return frame.with_columns(own_tier=tier)


def contradicts(tiers: Tiers) -> pl.Expr:
    """Tell where a customer's own figures contradict the cluster's tier beyond the policy's margin."""
    value, low, up = pl.col("blended_contribution_12m"), pl.col("border_low"), pl.col("border_break_even")
    high, tier = pl.col("border_high_reachable"), pl.col("cluster_tier")
    distance = (
        pl.when(tier == LOSS_MAKING)
        .then(value - low)
        .when(tier == BREAK_EVEN)
        .then(pl.max_horizontal(low - value, value - up))
        .when(tier == VALUABLE)
        .then(pl.max_horizontal(up - value, value - high))
        .otherwise((high - value).fill_null(float("inf")))
    )
    return (pl.col("own_tier") != tier) & (distance >= tiers.guard_margin_of_mean_cost * pl.col("mean_cost"))
