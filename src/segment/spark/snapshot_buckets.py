"""Snapshots of dates: the bucket function of one machine, given to Spark by bucket of customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from segment.dates import months_between, months_through
from segment.features.bank_level import (
    SUMMED,
    BankFacts,
    recorded_of,
    salaries_paid,
    with_bank_signals,
    with_salaries,
)
from segment.features.catalogue import KEYS, catalogue
from segment.features.cube import cube_of
from segment.features.derived import CLIPPED, with_derived_measures
from segment.features.monthly import measures
from segment.features.snapshot import CUSTOMERS_A_BUCKET, bucket_features
from segment.files import write_tables
from segment.policy import Policy
from segment.spark.arrow_types import for_spark, from_spark, spark_schema
from segment.spark.session import batches_without_rows, without_rows
from segment.statistics import pooled

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_AMOUNT = "salary_month_amount"


@dataclass(frozen=True)
class SnapshotPlan:
    """What snapshots are made of."""

    months: tuple[Path, ...]  # files of the customer months, ascending
    span: tuple[dt.date, dt.date]  # first and last month
    persons: Path  # `customers_as_of` of each date, with `as_of`
    customers: int
    policy: Policy
    staging: Path


def make_snapshots(session: SparkSession, plan: SnapshotPlan, dates: Sequence[dt.date], folder: Path) -> None:
    """Make the snapshots of some dates, and write each as one whole file."""
    from pyspark.sql import functions as sf

    columns = (*measures(plan.policy), CLIPPED)
    rows = session.read.parquet(*(str(file) for file in plan.months)).select("customer_id", "month", *columns)
    buckets = max(1, -(-plan.customers // CUSTOMERS_A_BUCKET))
    grouped = rows.groupBy(sf.pmod(sf.xxhash64("customer_id"), sf.lit(buckets)).alias("__bucket"))
    schema = pl.Schema({"as_of": pl.Date(), "customer_id": pl.String(), **_made(plan.policy)})
    features = grouped.applyInArrow(without_rows(_bucket_function(plan, dates, columns)), spark_schema(schema))
    persons = session.read.parquet(str(plan.persons))
    made = str(plan.staging / "features")
    features.join(persons, on=["customer_id", "as_of"]).write.mode("overwrite").partitionBy("as_of").parquet(made)
    for as_of in dates:
        of_date = session.read.parquet(made).filter(sf.col("as_of") == sf.lit(as_of))
        facts = _facts(of_date, plan.policy)
        _write(of_date, plan.policy, facts, as_of, folder / f"{as_of.isoformat()}.parquet")


def _made(policy: Policy) -> dict[str, pl.DataType]:
    return {feature.name: pl.Float64() for feature in catalogue(policy) if feature.recipe is not None}


def _bucket_function(plan: SnapshotPlan, dates: Sequence[dt.date], columns: Sequence[str]) -> Callable[[Any], Any]:
    """A function of the customer months of a bucket that returns its features as of each date."""
    policy, months = plan.policy, tuple(months_through(*plan.span))
    ends = [months_between(months[0], as_of.replace(day=1)) + 1 for as_of in dates]

    def features_of(group: Any) -> Any:
        cube = with_derived_measures(cube_of(from_spark(group), months, columns), policy)
        listed = [feature for feature in catalogue(policy) if feature.recipe is not None]
        made = bucket_features(cube, ends, listed)
        ids = pl.Series("customer_id", list(cube.customer_ids), dtype=pl.String)
        frames = [
            pl.DataFrame({feature.name: made[number, :, place] for place, feature in enumerate(listed)})
            .fill_nan(None)
            .select(pl.lit(as_of).alias("as_of"), ids, *(feature.name for feature in listed))
            for number, as_of in enumerate(dates)
        ]
        return for_spark(pl.concat(frames))

    return features_of


def _facts(rows: DataFrame, policy: Policy) -> BankFacts:
    """What signals ask of the whole bank, as of one date."""
    from pyspark.sql import functions as sf

    sums = rows.agg(*(sf.sum(f"{name}_6m").alias(name) for name in SUMMED)).collect()[0].asDict()
    coded, recorded = recorded_of({name: float(total or 0.0) for name, total in sums.items()})

    read = policy.main_bank.signals

    def paid(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            amounts = salaries_paid(with_salaries(from_spark(batch), coded), read)
            yield from for_spark(amounts.filter(amounts > 0.0).to_frame(_AMOUNT)).to_batches()

    salaries = rows.mapInArrow(batches_without_rows(paid), f"{_AMOUNT} double")
    count, median = salaries.agg(sf.count(_AMOUNT), sf.percentile(_AMOUNT, sf.lit(0.5))).collect()[0]
    usual, weighs = policy.main_bank.expected_income_month, policy.wallet.prior.salaries
    return BankFacts(coded, recorded, pooled(float(median or 0.0), int(count), usual, weighs))


def _write(rows: DataFrame, policy: Policy, facts: BankFacts, as_of: dt.date, path: Path) -> None:
    """Complete the rows of a date and write them in one task, batch by batch."""
    names = [*KEYS, *(feature.name for feature in catalogue(policy))]

    def write(batches: Iterator[Any]) -> Iterator[Any]:
        frames = (from_spark(batch).with_columns(as_of=pl.lit(as_of)) for batch in batches)
        whole = (with_bank_signals(frame, policy, facts).select(names) for frame in frames)
        write_tables((rows.to_arrow(compat_level=pl.CompatLevel.oldest()) for rows in whole), path)
        yield from for_spark(pl.DataFrame({"written": [1]}, schema={"written": pl.Int64})).to_batches()

    rows.repartition(1).sortWithinPartitions("customer_id").mapInArrow(
        batches_without_rows(write), "written bigint"
    ).count()
