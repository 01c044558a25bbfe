"""Who scores a snapshot: this machine, or the tasks of a cluster, by the same two steps of the model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from segment.model import SegmentationModel
from segment.spark.forecast_parts import forecast_parts
from segment.spark.session import spark_session, staging
from segment.warehouse.stored_snapshots import CustomerSnapshot

Score = Callable[[SegmentationModel, CustomerSnapshot], pl.DataFrame]


def score_here(model: SegmentationModel, snapshot: CustomerSnapshot) -> pl.DataFrame:
    """Score a snapshot on this machine, part by part."""
    return model.score_parts(snapshot.parts(), snapshot.managers)


def score_on_spark(model: SegmentationModel, snapshot: CustomerSnapshot, *, master: str, root: Path) -> pl.DataFrame:
    """Let tasks forecast the parts of a snapshot; what needs the whole bank is done here, from narrow rows."""
    with staging(root, "score") as folder, spark_session(master) as session:
        rows = forecast_parts(session, model.forecast_rows, snapshot.stored_parts(), Path(folder))
    # who died and who shares a household is asked by tiers alone, so tasks need not know the small tables
    return model.settle_tiers(snapshot.circumstances(rows), snapshot.managers)


def scored_by(master: str | None, root: Path) -> Score:
    """Who scores: the cluster of a master, or this machine where none is named."""
    return score_here if master is None else partial(score_on_spark, master=master, root=root)
