"""The segmentation model: from a snapshot to tiers."""

from segment.model.columns import FURTHER, PUBLISHED, baseline_name, forecast_columns
from segment.model.estimator import SegmentationModel
from segment.model.quality import tier_quality

__all__ = ["FURTHER", "PUBLISHED", "SegmentationModel", "baseline_name", "forecast_columns", "tier_quality"]
