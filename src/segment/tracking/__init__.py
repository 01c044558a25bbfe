"""Runs and models in MLflow: the only part that knows it."""

from segment.tracking.model_files import TRUSTED_TYPES
from segment.tracking.models import CHALLENGER, CHAMPION, COPY_TAG, HASH_TAG, RegisteredVersion
from segment.tracking.outbox import deliver, log_later
from segment.tracking.registry import Tracking
from segment.tracking.runs import RunRecord

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "COPY_TAG",
    "HASH_TAG",
    "TRUSTED_TYPES",
    "RegisteredVersion",
    "RunRecord",
    "Tracking",
    "deliver",
    "log_later",
]
