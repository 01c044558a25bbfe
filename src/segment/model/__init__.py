"""The segmentation model: from a snapshot to tiers."""

from segment.model.columns import FURTHER, PUBLISHED
from segment.model.estimator import SegmentationModel, baseline_name

__all__ = ["FURTHER", "PUBLISHED", "SegmentationModel", "baseline_name"]
