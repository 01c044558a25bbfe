"""The same customers' tiers by each way that a policy may decide, held against what came."""

from __future__ import annotations

from typing import Final, Literal, get_args

import polars as pl

from segment.arrays import Floats
from segment.policy import Policy
from segment.statistics import FOR_STANDARD_ERRORS, Counts, Resamples, with_standard_errors
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
    really = came.filter(known).to_list()
    given = {way: tiers_by(way, scored, policy).filter(known).to_list() for way in WAYS}

    def measured(counts: Counts) -> dict[str, Floats]:
        figures: dict[str, Floats] = {}
        for way, tiers in given.items():
            found = agreement(confusion(really, tiers, counts), policy.tiers.cost_of_error.matrix)
            figures |= {f"{name}_by_{way}": found[name] for name in ("tier_accuracy", "tier_cost")}
        return figures

    metrics = with_standard_errors(Resamples(len(really), FOR_STANDARD_ERRORS).affordable.figures(measured))
    overruled = (tiers_by("clusters", scored, policy) != scored["cluster_tier"]).to_numpy()
    by_figures = ~scored["standing"].is_in(["new", "excluded"]).to_numpy()
    return metrics | {"cluster_guarded": float(overruled[by_figures].sum() / max(by_figures.sum(), 1))}
