"""Letting go of what was kept for long enough."""

from segment.jobs.retention.retain import Retained, retain

__all__ = ["Retained", "retain"]
