"""How good a model's tiers are, in figures that every run reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from segment.arrays import Floats
from segment.model.estimator import SegmentationModel
from segment.model.scoring import clustering_of, fit_clusters, placed, with_clusters, with_future_value
from segment.model.tier_outlook import with_outlook
from segment.tiers import TIERS, realised_tiers, with_own_tier
from segment.tiers.outlook import LOWER_TIER, chance_of_lower_tier
from segment.tiers.reliability import branch_sizes, coverage_by_group, early_warning_metrics, odds_metrics
from segment.tiers.table import tier_shares
from segment.tiers.ways_to_decide import cost_by_way


def tier_quality(model: SegmentationModel, snapshot: Any) -> dict[str, float]:
    """How stable clusters are, how far they agree with the own figures, and what the tiers look like."""
    tiers = model.score_customers(snapshot)
    seen = tiers.filter(~pl.col("standing").is_in(["new", "excluded"]))
    metrics = {
        "cluster_agreement": (seen["cluster_tier"] == seen["own_tier"]).mean(),
        "cluster_stability": model.clustering_.stability_,
        "cluster_separation": model.clustering_.separation_,
        "cluster_names_kept": model.clustering_.kept_share_,
        "clusters": len(model.clustering_.cluster_numbers_),
        "guard_share": (tiers["tier_source"] == "guard").mean(),
        "main_bank_elsewhere_share": tiers["main_bank_elsewhere"].mean(),
        **{f"share_{tier}": share for tier, share in tier_shares(tiers).items()},
    }
    return {name: float(value) for name, value in metrics.items() if isinstance(value, int | float) and value == value}


def with_forecast_tier(model: SegmentationModel, snapshot: pl.DataFrame) -> pl.DataFrame:
    """Score a snapshot by the forecast alone, as a model can whose clusters were not fitted."""
    forecast = model._forecast(snapshot)
    predicted = placed(with_future_value(snapshot, model._a_year(forecast)), model.known_policy())
    outlook = with_outlook(predicted, model._below(forecast), model.odds_, model.known_policy())
    tiered = with_own_tier(outlook).with_columns(tier=pl.col("own_tier"))
    return tiered.with_columns(chance_of_lower_tier(tiered))


def decision_quality(model: SegmentationModel, snapshot: pl.DataFrame) -> dict[str, float]:
    """Measure accuracy and cost of tiers by each way to decide, on outcomes that the model had not seen."""
    # Clusters are learned as in a training: from the snapshot's odds, which know nothing of its outcomes, and chosen by
    # what came on the dates before.
    policy = model.known_policy()
    scored = with_forecast_tier(model, snapshot)
    clusters = fit_clusters(scored, clustering_of(policy, model.random_state), None, model.earlier_)
    came = realised_tiers(snapshot, policy, model.horizon_months)
    return cost_by_way(with_clusters(scored, clusters), came, policy)


def odds_quality(model: SegmentationModel, snapshot: pl.DataFrame, actual: Floats) -> dict[str, float]:
    """Measure odds, early warning and coverage on outcomes that the model had not seen."""
    # `actual` (n,): Contribution that came, book currency a year.
    scored = with_forecast_tier(model, snapshot)
    came = realised_tiers(snapshot, model.known_policy(), model.horizon_months)
    can_fall = came.is_not_null() & (scored["tier"] != TIERS[-1])
    rank = {tier: number for number, tier in enumerate(TIERS)}
    fell = came.replace_strict(rank, return_dtype=pl.Int64) > scored["tier"].replace_strict(rank, return_dtype=pl.Int64)
    inside = (actual >= scored["future_value_p10"].to_numpy()) & (actual <= scored["future_value_p90"].to_numpy())
    groups = {"tier": scored["tier"], "branch": branch_sizes(snapshot["branch_id"])}
    return {
        **odds_metrics(model.predict_odds(snapshot), came.to_list()),
        **early_warning_metrics(scored[LOWER_TIER].filter(can_fall).to_numpy(), fell.filter(can_fall).to_numpy()),
        **coverage_by_group(np.asarray(inside), groups),
    }
