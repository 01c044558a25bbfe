"""The segmentation model: from a snapshot to tiers."""

from segment.model.estimator import SegmentationModel

__all__ = ["SegmentationModel"]
