"""Every rule asked of the rows of a long table: Spark brings rows of one key together, Polars asks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from segment.ledger.increments.parents import CLOSED, EARLY, LATE, OPENED, STANDING, parent_of
from segment.ledger.parsing import ROW
from segment.ledger.quarantine import RULE, sift
from segment.ledger.rules import RuleContext
from segment.ledger.schema import Table
from segment.spark.arrow_types import for_spark, from_spark
from segment.spark.customer_buckets import BUCKETS, HOME
from segment.spark.long_parts import MARKS, PART, LongPart, unpacked
from segment.spark.session import without_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROWS_A_GROUP = 250_000
"""Rows that a task asks at a time: what it holds in memory is a few times that."""
BUCKET, MONTH, FOUND = "__bucket", "__month", "__rule"
SET_ASIDE = -1
"""The bucket of rows that break a rule."""
_PLACE, _GROUP = "__place", "__group"


@dataclass(frozen=True)
class JudgedTable:
    """A long table whose rows were asked every rule."""

    rules: Mapping[str, int]  # bad rows by the first rule that each breaks
    days: pl.DataFrame  # `day` and `rows`: of the clean rows
    early: int = 0  # clean rows dated before their account's life, and after it
    late: int = 0
    with_bank: int = 0  # clean rows that name a bank at the other end

    @property
    def clean(self) -> int:
        """Rows that break no rule."""
        return int(self.days["rows"].sum())


def judge(
    session: SparkSession, parts: Sequence[LongPart], rows: int, parents: Path, context: RuleContext, folder: Path
) -> JudgedTable:
    """Ask the rules of a table's rows, and lay them down by bucket of customers and month."""
    # `parents`: The accounts or customers that rows name: `id`, STANDING, OPENED, CLOSED, BUCKETS, HOME.
    from pyspark.sql import functions as sf

    table = parts[0].source.table
    column, parent = parent_of(table)
    given = session.read.parquet(str(parts[0].folder))
    joined = given.join(session.read.parquet(str(parents)).withColumnRenamed("id", column), on=column, how="left")
    # rows without a key are nobody's doubles, and many of them must not meet in one task
    no_key = [sf.col(name).isNull() for name in table.key]
    nobodys = no_key[0] if len(no_key) == 1 else no_key[0] | no_key[1]
    spread = sf.when(nobodys, sf.xxhash64(PART, ROW)).otherwise(sf.xxhash64(*table.key))
    groups = joined.withColumn(_GROUP, sf.pmod(spread, sf.lit(max(1, -(-rows // ROWS_A_GROUP))))).groupBy(_GROUP)
    kept = [field for field in joined.schema if field.name not in (MARKS, STANDING, OPENED, CLOSED)]
    columns = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in kept)
    schema = f"{columns}, `{FOUND}` string, `{EARLY}` boolean, `{LATE}` boolean"
    names = [field.name for field in kept]
    judged = groups.applyInArrow(without_rows(_verdicts(table, parent, context, names)), schema)
    aside = sf.array(sf.lit(SET_ASIDE))
    buckets = sf.when(sf.col(FOUND).isNull(), sf.col(BUCKETS)).otherwise(aside)
    laid = judged.withColumn(BUCKET, sf.explode(buckets)).withColumn(HOME, sf.col(HOME) == sf.col(BUCKET))
    laid = laid.withColumn(MONTH, sf.date_format(str(table.dated_by), "yyyy-MM")).drop(BUCKETS)
    laid.repartition(BUCKET, MONTH).write.mode("overwrite").partitionBy(BUCKET, MONTH).parquet(str(folder))
    return _counted(session.read.parquet(str(folder)), table)


def idle_accounts(session: SparkSession, balances: Path, transactions: Path) -> tuple[int, int]:
    """Count the accounts with balances and no booking, and those with balances."""
    with_balances, booked = (_home_rows(session.read.parquet(str(folder))).select("account_id").distinct()
                             for folder in (balances, transactions))  # fmt: skip
    return with_balances.join(booked, on="account_id", how="left_anti").count(), with_balances.count()


def set_aside(session: SparkSession, folder: Path) -> DataFrame:
    """Rows that break a rule: part, number and rule of each."""
    from pyspark.sql import functions as sf

    bad = session.read.parquet(str(folder)).filter(sf.col(BUCKET) == SET_ASIDE)
    return bad.select(PART, ROW, sf.col(FOUND).alias(RULE))


def _verdicts(table: Table, parent: str, context: RuleContext, names: Sequence[str]) -> Callable[[Any], Any]:
    """A function of a group of rows that says of each which rule it breaks first."""
    column, dated_by = parent_of(table)[0], str(table.dated_by)
    products, last_day = tuple(context.products), context.last_day
    monthly = table.column(dated_by).kind == "month"

    def verdicts(group: Any) -> Any:
        rows = from_spark(group).sort(PART, ROW).with_row_index(_PLACE)
        standing = rows[STANDING].fill_null(0)
        of_group = RuleContext(
            products,
            {parent: rows.filter(standing >= 1)[column].unique()},
            {parent: rows.filter(standing == 2)[column].unique()},
            last_day,
        )
        # rows of several parts: a place in the group stands for each
        bad = sift(table, unpacked(table, rows.with_columns(pl.col(_PLACE).alias(ROW))), of_group).bad
        found = bad.select(pl.col(ROW).alias(_PLACE), pl.col(RULE).alias(FOUND))
        judged = rows.join(found, on=_PLACE, how="left", maintain_order="left")
        day, clean = pl.col(dated_by), pl.col(FOUND).is_null()
        first = pl.col(OPENED).dt.truncate("1mo") if monthly else pl.col(OPENED)
        outside = {EARLY: day < first, LATE: day > pl.col(CLOSED)}
        flags = [(clean & where).fill_null(value=False).alias(name) for name, where in outside.items()]
        return for_spark(judged.select(*names, FOUND, *flags))

    return verdicts


def _home_rows(rows: DataFrame) -> DataFrame:
    """Clean rows, each once however many buckets read it."""
    from pyspark.sql import functions as sf

    return rows.filter((sf.col(BUCKET) != SET_ASIDE) & sf.col(HOME))


def _counted(rows: DataFrame, table: Table) -> JudgedTable:
    from pyspark.sql import functions as sf

    broken = rows.filter(sf.col(BUCKET) == SET_ASIDE).groupBy(FOUND).count().collect()
    bank = sf.count("counterparty_bank") if "counterparty_bank" in table.schema else sf.lit(0)
    sums = [sf.sum(sf.col(name).cast("bigint")).alias(name) for name in (EARLY, LATE)]
    of_days = _home_rows(rows).groupBy(sf.col(str(table.dated_by)).alias("day"))
    counted = of_days.agg(sf.count(sf.lit(1)).alias("rows"), *sums, bank.alias("bank")).collect()
    days = pl.DataFrame(
        [(row["day"], row["rows"]) for row in counted], {"day": pl.Date, "rows": pl.Int64}, orient="row"
    )
    return JudgedTable(
        rules={row[FOUND]: int(row["count"]) for row in broken},
        days=days.sort("day"),
        early=sum(int(row[EARLY]) for row in counted),
        late=sum(int(row[LATE]) for row in counted),
        with_bank=sum(int(row["bank"]) for row in counted),
    )
