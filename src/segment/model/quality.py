"""How good a model's tiers are, in figures that every run reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from segment.arrays import Floats
from segment.model.estimator import SegmentationModel
from segment.model.scoring import placed, with_future_value
from segment.tiers import TIERS, realised_tiers, with_own_tier
from segment.tiers.odds import with_odds
from segment.tiers.outlook import LOWER_TIER, chance_of_lower_tier
from segment.tiers.reliability import branch_sizes, coverage_by_group, early_warning_metrics, odds_metrics
from segment.tiers.table import tier_shares


def tier_quality(model: SegmentationModel, snapshot: Any) -> dict[str, float]:
    """How well clusters agree with each customer's own figures, and what the tiers look like."""
    tiers = model.score_customers(snapshot)
    seen = tiers.filter(~pl.col("standing").is_in(["new", "excluded"]))
    break_even = seen.filter(pl.col("own_tier") == "break_even")
    metrics = {
        "cluster_agreement": (seen["cluster_tier"] == seen["own_tier"]).mean(),
        "break_even_recall": (break_even["cluster_tier"] == "break_even").mean(),
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
    predicted = placed(with_future_value(snapshot, model.predict_future_value(snapshot)), model.known_policy())
    tiered = with_odds(with_own_tier(predicted), model.predict_odds(snapshot)).with_columns(tier=pl.col("own_tier"))
    return tiered.with_columns(chance_of_lower_tier(tiered))


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
