"""Features: from a checked ledger to customer months, from these to the cube, from it to snapshots."""

from segment.features.catalogue import KEYS, catalogue, cost_target_name, target_name
from segment.features.cube import build_cube
from segment.features.frames import Engine, on_engine
from segment.features.monthly import measures
from segment.features.snapshot import snapshot
from segment.features.store import months_written, write_customer_months
from segment.features.windows import window_features

__all__ = [
    "KEYS",
    "Engine",
    "build_cube",
    "catalogue",
    "cost_target_name",
    "measures",
    "months_written",
    "on_engine",
    "snapshot",
    "target_name",
    "window_features",
    "write_customer_months",
]
