"""From the files of buckets to one whole file a month, as every other command reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow.parquet as pq

from segment.contribution import LINE_NAMES
from segment.features.peers import ClipBounds
from segment.features.slots import row_group_size
from segment.features.store import debts_file, month_file
from segment.files import write_parquet, write_tables
from segment.policy.decisions import Tiers
from segment.spark.bucket_months import UNUSED, BucketPlan
from segment.store.tombstones import Erased

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class MonthWork:
    """What a task needs to put a month together."""

    month: dt.date
    rows: Path  # files of the buckets, which are ranges of slots in ascending order
    debts: Path
    bounds: ClipBounds
    erased: Erased
    folder: Path  # of the customer months


def clip_bounds(session: SparkSession, plan: BucketPlan, tiers: Tiers) -> dict[dt.date, ClipBounds]:
    """Find the quantiles of each month's contribution, by peer group and over the bank."""
    from pyspark.sql import functions as sf

    rows = session.read.parquet(*(str(plan.built("months", month)) for month in plan.months))
    levels = sf.array(*(sf.lit(level) for level in (tiers.winsor_quantile, 1.0 - tiers.winsor_quantile)))
    ends = sf.percentile("contribution_clipped", levels).alias("ends")
    groups = rows.groupBy("month", "peer_group").agg(ends, sf.count(sf.lit(1)).alias("customers")).collect()
    bank = rows.groupBy("month").agg(ends).collect()
    enough: dict[dt.date, dict[str, tuple[float, float]]] = {row["month"]: {} for row in bank}
    for row in groups:
        if row["customers"] >= tiers.winsor_least_customers:
            enough[row["month"]][row["peer_group"]] = tuple(row["ends"])
    return {row["month"]: ClipBounds(enough[row["month"]], tuple(row["ends"])) for row in bank}


def put_month_together(work: MonthWork) -> int:
    """Write a month's file bucket by bucket, and its debts; return the number of rows."""
    files = sorted(work.rows.glob("bucket-*.parquet"))
    group = row_group_size(sum(pq.read_metadata(file).num_rows for file in files))
    every = (work.bounds.clip(pl.read_parquet(file, glob=False)) for file in files)
    tables = (work.erased.leave_out(rows).to_arrow(compat_level=pl.CompatLevel.oldest()) for rows in every)
    written = month_file(work.folder, work.month)
    write_tables(tables, written, group)
    debts = [pl.read_parquet(file, glob=False) for file in sorted(work.debts.glob("bucket-*.parquet"))]
    owed = work.erased.leave_out(pl.concat(debts).sort("account_id"))
    write_parquet(owed, debts_file(work.folder, work.month))
    return int(pq.read_metadata(written).num_rows)


def month_sums(session: SparkSession, plan: BucketPlan, month: dt.date, kinds: Sequence[str]) -> list[pl.DataFrame]:
    """Sums of a month by branch over all buckets, of each kind."""
    from pyspark.sql import functions as sf

    rows = session.read.parquet(str(plan.built("sums", month)))
    columns = (*LINE_NAMES, UNUSED)
    summed = rows.groupBy("kind", "branch_id").agg(*(sf.sum(name).alias(name) for name in columns)).collect()
    schema = {"kind": pl.String, "branch_id": pl.String, **dict.fromkeys(columns, pl.Float64)}
    every = pl.DataFrame([tuple(row) for row in summed], schema=schema, orient="row")
    of_month = every.sort("branch_id").with_columns(month=pl.lit(month))
    return [of_month.filter(pl.col("kind") == kind).drop("kind") for kind in kinds]
