"""Customer months of a bucket of customers: a task reads the bucket's ledger month by month, and writes its rows."""

# A month of a bucket is a month of a small bank, so the task runs what one machine runs, on Polars. What follows from
# the whole bank comes before (whether the ledger books both ends of a transfer) or after (the clipped contribution).

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from segment.contribution import LINE_NAMES, debts_of_month, remainder_of_month
from segment.contribution.lines import to_polars
from segment.dates import month_end, next_month
from segment.departures.employer_alarm import count_payers, pay_groups, read_pay
from segment.features import on_engine
from segment.features.monthly import month_rows
from segment.features.own_transfers import paired_transfers
from segment.features.peers import contribution
from segment.features.point_in_time import DATED_BY, short_tables_as_of, tables_as_of, windows
from segment.features.slots import slot_of
from segment.files import write_parquet
from segment.ledger.contract import TABLES
from segment.policy import Policy
from segment.spark.customer_buckets import HOME
from segment.spark.long_verdicts import BUCKET, MONTH
from segment.store.tombstones import Erased
from segment.warehouse.branch_hours import count_visits

UNUSED = "unused_overhead"
CUSTOMERS, ERASED, UNHELD = "customers", "erased", "unheld"
"""Whose sums by branch a row holds: customers', those of who was erased, what nobody holds."""


@dataclass(frozen=True)
class BucketPlan:
    """What every bucket does."""

    root: Path  # the ledger as `judge` lays it down below `laid`, short tables below `short`; receives what is built
    policy: Policy
    months: tuple[dt.date, ...]
    reconciled: tuple[dt.date, ...]  # months whose sums are held to the general ledger
    erased: Erased
    both_ends: Mapping[dt.date, float] = field(default_factory=dict)

    def laid(self, table: str) -> Path:
        """Folder of a long table's rows."""
        return self.root / "laid" / table

    def built(self, kind: str, month: dt.date) -> Path:
        """Folder that receives a file of each bucket."""
        return self.root / kind / f"{month:%Y-%m}"

    def short(self, bucket: int, table: str) -> Path:
        """File of a bucket's short table."""
        return self.root / "short" / f"{bucket:04d}" / f"{table}.parquet"


@dataclass(frozen=True)
class BucketTables:
    """The ledger of a bucket."""

    plan: BucketPlan
    number: int
    tables: Mapping[str, pl.DataFrame]  # short ones; HOME says of customers and accounts who is counted here

    @classmethod
    def read(cls, plan: BucketPlan, number: int) -> BucketTables:
        """Read the short tables; long ones are read month by month."""
        names = ("branches", "customers", "accounts", "holdings", "contact_rules")
        return cls(plan, number, {name: pl.read_parquet(plan.short(number, name), glob=False) for name in names})

    @property
    def accounts(self) -> pl.DataFrame:
        """Accounts that are counted here."""
        return self.tables["accounts"].filter(HOME).select("account_id")

    @property
    def customers(self) -> pl.DataFrame:
        """Customers whose figures are made here."""
        return self.tables["customers"].filter(HOME).select("customer_id")

    def rows(self, name: str, first: dt.date, last: dt.date, where: pl.Expr | None = None) -> pl.DataFrame:
        """Rows of a long table that are wanted, of a span of days, in an order that does not depend on files."""
        table, month, found = TABLES[name], first.replace(day=1), []
        while month <= last:
            folder = self.plan.laid(name) / f"{BUCKET}={self.number}" / f"{MONTH}={month:%Y-%m}"
            found += sorted(folder.glob("*.parquet"))
            month = next_month(month)
        parts = [pl.read_parquet(path, glob=False, hive_partitioning=False) for path in found]
        typed = [part.select(pl.col(column).cast(dtype) for column, dtype in table.schema.items()) for part in parts]
        every = pl.concat([pl.DataFrame(schema=table.schema), *typed])
        within = pl.col(DATED_BY[name]).is_between(first, last)
        return table.in_one_order(every.filter(within if where is None else within & where))

    def of_month(self, month: dt.date) -> dict[str, pl.DataFrame]:
        """What a month sees of the long tables."""
        return {name: self.rows(name, *window) for name, window in windows(month).items()}


def count_transfers(plan: BucketPlan, number: int) -> dict[dt.date, tuple[float, int]]:
    """Count by month the unnamed own transfers of a bucket's accounts that find their other end, and all of them."""
    bucket, counts = BucketTables.read(plan, number), {}
    within = plan.policy.main_bank.signals.paired_within_days
    for month in plan.months:
        first, last = windows(month)["transactions"]
        rows = bucket.rows("transactions", first, last)
        nothing = {name: pl.DataFrame(schema=TABLES[name].schema) for name in ("balances", "service_events")}
        visible = tables_as_of(on_engine({**bucket.tables, **nothing, "transactions": rows}, "polars"), month)
        paired = to_polars(paired_transfers(visible["transactions"], visible["holdings"], month, within))
        of_account = rows.select("transaction_id", "account_id").join(bucket.accounts, on="account_id", how="semi")
        counted = paired.join(of_account, on="transaction_id", how="semi")["paired"]
        counts[month] = (float(counted.sum()), len(counted))
    return counts


def count_bucket_payers(plan: BucketPlan, number: int) -> pl.DataFrame:
    """Count the people of each payer among a bucket's customers, and those whose pay stays away."""
    bucket, as_of = BucketTables.read(plan, number), month_end(plan.months[-1])
    paid = read_pay(partial(bucket.rows, "transactions"), as_of)
    groups = pay_groups(paid, bucket.tables["holdings"], as_of).join(bucket.customers, on="customer_id", how="semi")
    return count_payers(plan.erased.leave_out(groups))


def build_months(plan: BucketPlan, number: int) -> pl.DataFrame:
    """Write every month's rows and debts of a bucket, and the sums of each; return visits by branch and hour."""
    bucket, debts, visits = BucketTables.read(plan, number), None, []
    for month in plan.months:
        short = {name: to_polars(rows) for name, rows in short_tables_as_of(bucket.tables, month).items()}
        long = bucket.of_month(month)
        debts = debts_of_month(debts, short["accounts"], long["balances"], plan.policy, month)
        tables = short | long | {"debts": debts}
        rows = month_rows(tables, plan.policy, month, "polars", plan.both_ends[month])
        rows = rows.join(bucket.customers, on="customer_id", how="semi", maintain_order="left")
        rows = rows.with_columns(contribution().alias("contribution_clipped"), slot_of(rows["customer_id"]))
        file = f"bucket-{number:04d}.parquet"
        write_parquet(rows.sort("slot", "customer_id"), plan.built("months", month) / file)
        own = debts.join(bucket.accounts, on="account_id", how="semi", maintain_order="left")
        write_parquet(own, plan.built("debts", month) / file)
        if month in plan.reconciled:
            write_parquet(_sums(bucket, rows, long, own, month), plan.built("sums", month) / file)
            home = bucket.tables["customers"].filter(HOME).select("customer_id", "branch_id")
            visits.append(count_visits(long["service_events"], plan.erased.leave_out(home)))
    return pl.concat(visits)


def _sums(
    bucket: BucketTables, rows: pl.DataFrame, long: Mapping[str, pl.DataFrame], debts: pl.DataFrame, month: dt.date
) -> pl.DataFrame:
    """Sums by branch: of customers, of those who were erased, and of what nobody holds."""
    gone = bucket.plan.erased.names(rows["customer_id"])
    parts = [_by_branch(rows.filter(~gone), CUSTOMERS), _by_branch(rows.filter(gone), ERASED)]
    accounts, customers, tables = bucket.accounts, bucket.customers, bucket.tables
    of_accounts = {
        name: long[name].join(accounts, on="account_id", how="semi") for name in ("balances", "transactions")
    }
    events = long["service_events"].join(customers, on="customer_id", how="semi")
    home = {
        **tables,
        **of_accounts,
        "service_events": events,
        "accounts": tables["accounts"].filter(HOME),
        "holdings": tables["holdings"].join(accounts, on="account_id", how="semi"),
        "debts": debts,
    }
    left = to_polars(remainder_of_month(on_engine(home, "polars"), bucket.plan.policy, month))
    parts.append(left.select("branch_id", pl.lit(UNHELD).alias("kind"), *LINE_NAMES, UNUSED))
    return pl.concat(parts).with_columns(month=pl.lit(month))


def _by_branch(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    summed = rows.group_by("branch_id", maintain_order=True).agg(pl.col(*LINE_NAMES).sum())
    return summed.select("branch_id", pl.lit(kind).alias("kind"), *LINE_NAMES, pl.lit(0.0).alias(UNUSED))


def write_short_tables(plan: BucketPlan, bucket: int, tables: Mapping[str, pl.DataFrame]) -> None:
    """Lay the short tables of a bucket down."""
    for name, rows in tables.items():
        write_parquet(rows, plan.short(bucket, name))
