"""The same customers' tiers by each way that a policy may decide, held against what came."""

from __future__ import annotations

from typing import Final, Literal, get_args

import polars as pl

from segment.policy import Policy
from segment.tiers.agreement import agreement, confusion
from segment.tiers.assign import decide

Way = Literal["clusters", "odds", "own_figures", "borders"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)
"""By clusters; by the own odds alone; by the own figures alone; by borders, with growth and the cluster's word."""

_DECIDE_BY: Final = {"clusters": "clusters", "odds": "expected_cost", "own_figures": "borders", "borders": "borders"}


def tiers_by(way: Way, scored: pl.DataFrame, policy: Policy) -> pl.Series:
    """Give each customer the tier of one way, without household, capacity and hysteresis, which are alike for all."""
    # `scored`: What `assign_tiers` reads, or has written.
    if way == "own_figures":
        scored = scored.with_columns(cluster_tier="own_tier", growth_probability=pl.lit(0.0))
    tiers = policy.tiers.model_copy(update={"decide_by": _DECIDE_BY[way]})
    return decide(scored, policy.model_copy(update={"tiers": tiers}))["tier"]


def cost_by_way(scored: pl.DataFrame, came: pl.Series, policy: Policy) -> dict[str, float]:
    """Measure accuracy and cost of each way on the customers whose tier really came."""
    # `came` (n,): Of `realised_tiers`; null where it is not known.
    known = came.is_not_null()
    metrics: dict[str, float] = {}
    for way in WAYS:
        table = confusion(came.filter(known).to_list(), tiers_by(way, scored, policy).filter(known).to_list())
        measured = agreement(table, policy.tiers.cost_of_error.matrix)
        metrics |= {f"{name}_by_{way}": float(measured[name]) for name in ("tier_accuracy", "tier_cost")}
    overruled = (tiers_by("clusters", scored, policy) != scored["cluster_tier"]).to_numpy()
    by_figures = ~scored["standing"].is_in(["new", "excluded"]).to_numpy()
    return metrics | {"cluster_guarded": float(overruled[by_figures].sum() / max(by_figures.sum(), 1))}
