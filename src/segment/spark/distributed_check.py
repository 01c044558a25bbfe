"""A ledger held to the contract on Spark: the report of one machine, and rows laid down for what is built of them."""

# Short tables are read and checked where the command runs. Rows of bookings, balances and service events never come
# there: only what was counted of them does.

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from segment.exceptions import LedgerError
from segment.files import write_parquet
from segment.ledger.check import (
    DAYS_OF_LEDGER,
    CheckedTable,
    check_tables,
    last_day_of,
    require_usable,
    table_report,
)
from segment.ledger.check_report import CheckReport
from segment.ledger.contract import TABLES
from segment.ledger.day_sums import digest_of_sums
from segment.ledger.faults import Fault
from segment.ledger.increments.increment_check import LONG, LongTotals, count_notices, put_together
from segment.ledger.increments.parents import CLOSED, OPENED, STANDING, parent_of, span_of
from segment.ledger.input_notices import notices_of_inputs
from segment.ledger.parts import TableInput
from segment.ledger.quarantine import write_quarantine
from segment.ledger.reading import faults_of_schemas, read
from segment.ledger.rules import RuleContext
from segment.ledger.unknown_words import UnknownWord, find_unknown_words
from segment.policy import Policy
from segment.spark.bad_rows import collect_bad_rows, write_bad_rows
from segment.spark.customer_buckets import BUCKETS, HOME, CustomerBuckets
from segment.spark.long_parts import LongPart, PartCounts, long_parts, look_at
from segment.spark.long_verdicts import JudgedTable, idle_accounts, judge, set_aside
from segment.spark.session import in_tasks
from segment.store.tombstones import Erased

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NOTHING = JudgedTable({}, pl.DataFrame(schema={"day": pl.Date, "rows": pl.Int64}))


@dataclass(frozen=True)
class GivenLedger:
    """A ledger as its source holds it, and how it is to be checked."""

    inputs: Mapping[str, TableInput]
    strays: Sequence[Fault]
    location: str
    as_of: dt.date
    policy: Policy
    erased: Erased
    quarantine: Path | None  # Folder that receives bad rows
    buckets: int | None = None  # Of customers; by default as many as there are customers for


@dataclass(frozen=True)
class DistributedLedger:
    """A checked ledger: short tables at hand, long ones laid down by bucket of customers and month."""

    tables: dict[str, pl.DataFrame]
    quarantine: dict[str, pl.DataFrame]  # Bad rows of the short tables
    report: CheckReport
    buckets: CustomerBuckets
    first_ons: tuple[dt.date | None, ...]  # Of bookings and balances
    parts: int


@dataclass(frozen=True)
class _Read:
    """What was read of a long table before any rule was asked."""

    parts: Sequence[LongPart]
    counts: PartCounts
    faults: Sequence[Fault]


def check_distributed(session: SparkSession, given: GivenLedger, root: Path) -> DistributedLedger:
    """Hold a ledger to the contract; `root`: A folder that every machine of the cluster sees."""
    longs = {name: _read(session, given.inputs[name], given.as_of, root / "read") for name in LONG}
    readings = {name: read(source) for name, source in given.inputs.items() if name not in LONG}
    by_table = [longs[name].faults if name in LONG else readings[name].faults for name in TABLES]
    faults = [*given.strays, *(fault for faults in by_table for fault in faults)]
    if faults:
        raise LedgerError.with_faults([fault.message for fault in faults])
    cells = {name: reading.cells for name, reading in readings.items()}
    cells |= {name: long.counts.cells or {} for name, long in longs.items()}
    products = tuple(given.policy.products)
    last_day = last_day_of({name: longs[name].counts.last_on for name in DAYS_OF_LEDGER})
    short, context = check_tables(given.inputs, readings, products, given.as_of, last_day)
    clean = {name: TABLES[name].in_order(table.clean) for name, table in short.items()}
    buckets = CustomerBuckets.of(clean, given.buckets)
    _write_parents(context, clean, buckets, root)
    judged = {name: _judged(session, longs[name], context, root) for name in LONG}
    bad = {name: table.quarantine for name, table in short.items() if table.quarantine.height}
    words = find_unknown_words(bad, products)
    if given.quarantine is not None:
        kept = {name: given.erased.leave_out(rows) for name, rows in bad.items()}
        write_quarantine(kept, given.quarantine)
    for name in LONG:
        words += _bad_rows(session, given, name, longs[name], judged[name], root)
    begun = CheckReport(
        location=given.location,
        as_of=given.as_of,
        tolerated_bad_row_share=given.policy.ledger.tolerated_bad_row_share,
        tables=(),
        notices=notices_of_inputs(given.inputs, {name: cells[name] for name in TABLES}),
        unknown_words=tuple(sorted(words, key=lambda word: list(TABLES).index(word.table))),
    )
    report = _report(session, given, longs, judged, short, begun, root)
    require_usable(report, bad)
    firsts = tuple(span_of(judged[name].days, "day")[0] for name in DAYS_OF_LEDGER)
    parts = sum(len(long.parts) for long in longs.values())
    return DistributedLedger(clean, bad, report, buckets, firsts, parts)


def _read(session: SparkSession, source: TableInput, as_of: dt.date, folder: Path) -> _Read:
    faults = faults_of_schemas(source)
    if faults or not source.parts:
        return _Read((), PartCounts(), faults)
    parts = long_parts(source, as_of, folder)
    counts = sum(in_tasks(session, look_at, parts), PartCounts())
    return _Read(parts, counts, counts.all_faults(source.table))


def _write_parents(
    context: RuleContext, tables: Mapping[str, pl.DataFrame], buckets: CustomerBuckets, root: Path
) -> None:
    """Lay down how the accounts and customers that rows may name stand, how long they live, and who reads them."""
    own = buckets.customers.select(
        pl.col("customer_id").alias("id"), pl.concat_list("bucket").alias(BUCKETS), pl.col("bucket").alias(HOME)
    )
    lives = {
        "accounts": tables["accounts"]
        .select("account_id", OPENED, CLOSED)
        .join(buckets.accounts, on="account_id")
        .rename({"account_id": "id"}),
        "customers": own.with_columns(pl.lit(None, pl.Date).alias(name) for name in (OPENED, CLOSED)),
    }
    for name, life in lives.items():
        clean = pl.DataFrame({"id": context.clean[name]}).with_columns(pl.lit(2, pl.Int8).alias(STANDING))
        given = pl.DataFrame({"id": context.given[name].drop_nulls().unique()})
        standing = given.join(clean, on="id", how="left").with_columns(pl.col(STANDING).fill_null(1))
        write_parquet(standing.join(life, on="id", how="left"), root / f"{name}.parquet")


def _judged(session: SparkSession, long: _Read, context: RuleContext, root: Path) -> JudgedTable:
    if not long.parts:
        return _NOTHING
    table = long.parts[0].source.table
    parents = root / f"{parent_of(table)[1]}.parquet"
    return judge(session, long.parts, long.counts.rows, parents, context, root / "laid" / table.name)


def _bad_rows(
    session: SparkSession, given: GivenLedger, name: str, long: _Read, judged: JudgedTable, root: Path
) -> tuple[UnknownWord, ...]:
    """Write a table's bad rows out, and name the words in them that nobody knows."""
    place = None if given.quarantine is None else given.quarantine / f"{name}.parquet"
    folder = root / "bad" / name
    if judged.rules:
        write_bad_rows(set_aside(session, root / "laid" / name), long.parts, folder)
    return collect_bad_rows(session, folder, name, tuple(given.policy.products), given.erased, place)


def _report(
    session: SparkSession,
    given: GivenLedger,
    longs: Mapping[str, _Read],
    judged: Mapping[str, JudgedTable],
    short: Mapping[str, CheckedTable],
    begun: CheckReport,
    root: Path,
) -> CheckReport:
    reports = {
        name: table_report(
            given.inputs[name],
            judged[name].rules,
            rows=long.counts.rows,
            kept=judged[name].clean,
            after_as_of=long.counts.after,
            first_on=judged[name].days["day"].min(),
            last_on=judged[name].days["day"].max(),
            sha256=digest_of_sums(long.counts.rows, long.counts.sums) if given.inputs[name].present else None,
        )
        for name, long in longs.items()
    }
    idle = idle_accounts(session, root / "laid" / "balances", root / "laid" / "transactions")
    booked, months = (_totals(judged[name]) for name in DAYS_OF_LEDGER)
    rules = {name: table.rules for name, table in judged.items()}
    return put_together(short, reports, rules, count_notices(booked, months, *idle), begun)


def _totals(table: JudgedTable) -> LongTotals:
    return LongTotals(table.days["day"], table.clean, table.early, table.late, table.with_bank)
