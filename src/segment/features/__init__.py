"""Features: from a checked ledger to customer months, from these to the cube, from it to snapshots."""

from segment.features.catalogue import KEYS, catalogue, catalogue_table, cost_target_name, target_name
from segment.features.cube import Cube, build_cube
from segment.features.feature import Feature
from segment.features.frames import ENGINES, Engine, on_engine
from segment.features.monthly import build_customer_months, measures
from segment.features.snapshot import snapshot, write_snapshots
from segment.features.store import MonthsWritten, Progress, months_written, write_customer_months
from segment.features.windows import window_features

__all__ = [
    "ENGINES",
    "KEYS",
    "Cube",
    "Engine",
    "Feature",
    "MonthsWritten",
    "Progress",
    "build_cube",
    "build_customer_months",
    "catalogue",
    "catalogue_table",
    "cost_target_name",
    "measures",
    "months_written",
    "on_engine",
    "snapshot",
    "target_name",
    "window_features",
    "write_customer_months",
    "write_snapshots",
]
