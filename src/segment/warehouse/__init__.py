"""Folders, whole files, the lock, and the published tiers."""

from segment.warehouse.lock import workspace_lock
from segment.warehouse.published import (
    publish_tiers,
    published_moments,
    published_runs,
    published_version,
    read_tiers,
    restore_tiers,
)
from segment.warehouse.tables import Workspace, write_json, write_parquet, write_whole

__all__ = [
    "Workspace",
    "publish_tiers",
    "published_moments",
    "published_runs",
    "published_version",
    "read_tiers",
    "restore_tiers",
    "workspace_lock",
    "write_json",
    "write_parquet",
    "write_whole",
]
