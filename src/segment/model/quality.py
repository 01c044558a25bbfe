"""How good a model's tiers are, in figures that every run reports."""

from __future__ import annotations

from typing import Any

import polars as pl

from segment.model.estimator import SegmentationModel
from segment.tiers import TIERS


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
