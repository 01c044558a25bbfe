"""Runs and models in MLflow: the only part that knows it."""

from segment.tracking.model_files import TRUSTED_TYPES
from segment.tracking.registry import CHALLENGER, CHAMPION, RegisteredVersion, Tracking

__all__ = ["CHALLENGER", "CHAMPION", "TRUSTED_TYPES", "RegisteredVersion", "Tracking"]
