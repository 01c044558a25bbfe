"""How good a model's tiers are, in figures that every run reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from segment.model.columns import Floats
from segment.model.estimator import SegmentationModel
from segment.model.scoring import placed, with_future_value
from segment.tiers import (
    LOWER_TIER,
    TIERS,
    branch_sizes,
    chance_of_lower_tier,
    coverage_by_group,
    early_warning_figures,
    odds_figures,
    realised_tiers,
    with_odds,
    with_own_tier,
)


def tier_quality(model: SegmentationModel, snapshot: Any) -> dict[str, float]:
    """How well clusters agree with each customer's own figures, and what the tiers look like.

    Parameters
    ----------
    model : SegmentationModel
        Fitted.
    snapshot : polars.DataFrame or pandas.DataFrame
        One moment, with every customer.

    Returns
    -------
    dict of str to float
        Shares between 0 and 1, and the number of clusters. Agreement and recall are before any guard; new and excluded
        customers are left out of them. A figure that cannot be taken is left out.
    """
    tiers = model.score_customers(snapshot)
    seen = tiers.filter(~pl.col("standing").is_in(["new", "excluded"]))
    break_even = seen.filter(pl.col("own_tier") == "break_even")
    found = {
        "cluster_agreement": (seen["cluster_tier"] == seen["own_tier"]).mean(),
        "break_even_recall": (break_even["cluster_tier"] == "break_even").mean(),
        "cluster_stability": model.clustering_.stability_,
        "cluster_separation": model.clustering_.separation_,
        "cluster_names_kept": model.clustering_.kept_share_,
        "clusters": len(model.clustering_.cluster_numbers_),
        "guard_share": (tiers["tier_source"] == "guard").mean(),
        "main_bank_elsewhere_share": tiers["main_bank_elsewhere"].mean(),
        **{f"share_{tier}": (tiers["tier"] == tier).mean() for tier in TIERS},
    }
    return {name: float(value) for name, value in found.items() if isinstance(value, int | float) and value == value}


def with_forecast_tier(model: SegmentationModel, snapshot: pl.DataFrame) -> pl.DataFrame:
    """Score a snapshot by the forecast alone, as a model can whose clusters were not fitted.

    Parameters
    ----------
    model : SegmentationModel
        At least its future value is fitted.
    snapshot : polars.DataFrame
        One moment, with every customer.

    Returns
    -------
    polars.DataFrame
        With the future value, the borders, `own_tier`, `tier` (the same), the odds and the early warning.
    """
    known = placed(with_future_value(snapshot, model.predict_future_value(snapshot)), model.known_policy())
    tiered = with_odds(with_own_tier(known), model.predict_odds(snapshot)).with_columns(tier=pl.col("own_tier"))
    return tiered.with_columns(chance_of_lower_tier(tiered))


def odds_quality(model: SegmentationModel, snapshot: pl.DataFrame, actual: Floats) -> dict[str, float]:
    """Measure odds, early warning and coverage on outcomes that the model had not seen.

    Parameters
    ----------
    model : SegmentationModel
        At least its future value is fitted.
    snapshot : polars.DataFrame, n rows
        One moment, with its outcomes (`contribution_next_<h>m`, `cost_next_<h>m`).
    actual : array of shape (n,)
        Contribution that came, book currency a year.

    Returns
    -------
    dict of str to float
        Log loss and calibration errors of the odds, figures of the early warning against the tiers that came, and
        coverage of P10 to P90 by today's tier and by the branch's size. Figures that cannot be taken are left out.
    """
    scored = with_forecast_tier(model, snapshot)
    came = realised_tiers(snapshot, model.known_policy(), model.horizon_months)
    judged = came.is_not_null() & (scored["tier"] != TIERS[-1])
    rank = {tier: number for number, tier in enumerate(TIERS)}
    fell = came.replace_strict(rank, return_dtype=pl.Int64) > scored["tier"].replace_strict(rank, return_dtype=pl.Int64)
    inside = (actual >= scored["future_value_p10"].to_numpy()) & (actual <= scored["future_value_p90"].to_numpy())
    groups = {"tier": scored["tier"], "branch": branch_sizes(snapshot["branch_id"])}
    return {
        **odds_figures(model.predict_odds(snapshot), came.to_list()),
        **early_warning_figures(scored[LOWER_TIER].filter(judged).to_numpy(), fell.filter(judged).to_numpy()),
        **coverage_by_group(np.asarray(inside), groups),
    }
