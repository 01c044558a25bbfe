"""The segmentation model: from a snapshot to tiers."""

from segment.model.columns import FURTHER, PUBLISHED, baseline_name, forecast_columns
from segment.model.estimator import SegmentationModel
from segment.model.quality import odds_quality, tier_quality, with_forecast_tier

__all__ = [
    "FURTHER",
    "PUBLISHED",
    "SegmentationModel",
    "baseline_name",
    "forecast_columns",
    "odds_quality",
    "tier_quality",
    "with_forecast_tier",
]
