"""The segmentation model: from a snapshot to tiers."""

from segment.model.columns import FURTHER, PUBLISHED, baseline_name
from segment.model.estimator import SegmentationModel
from segment.model.quality import tier_quality

__all__ = ["FURTHER", "PUBLISHED", "SegmentationModel", "baseline_name", "tier_quality"]
