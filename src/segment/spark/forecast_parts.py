"""Forecasts of a date's customers: each task reads its part of the stored snapshot and asks the models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from segment.files import write_parquet
from segment.spark.session import in_tasks
from segment.warehouse.stored_snapshots import StoredPart

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def forecast_parts(
    session: SparkSession, forecast: Callable[[pl.DataFrame], pl.DataFrame], parts: Sequence[StoredPart], folder: Path
) -> pl.DataFrame:
    """Forecast the customers of each part in a task of its own; the narrow rows come back by way of the folder."""
    sent = session.sparkContext.broadcast(forecast)

    def lay_down(part: StoredPart) -> str:
        path = folder / f"part-{part.start:012d}.parquet"
        write_parquet(sent.value(part.read()), path)
        return str(path)

    try:
        paths = in_tasks(session, lay_down, parts)
    finally:
        sent.destroy()
    return pl.concat(pl.read_parquet(path, glob=False) for path in paths)
