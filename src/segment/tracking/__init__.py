"""Runs and models in MLflow: the only part that knows it."""

from segment.tracking.model_files import TRUSTED_TYPES
from segment.tracking.registry import CHALLENGER, CHAMPION, RegisteredVersion, Tracking
from segment.tracking.runs import RunRecord

__all__ = ["CHALLENGER", "CHAMPION", "TRUSTED_TYPES", "RegisteredVersion", "RunRecord", "Tracking"]
