"""What the workspace holds of one customer: kinds of data, lists, and files that left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from segment.features import months_written
from segment.features.store import month_file
from segment.ledger import TABLES
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, OBJECTIONS, RELEASED, REVIEWS
from segment.warehouse.reference_tables import COLUMNS, read_reference
from segment.workspace import Workspace

SUMMED = ("transactions", "balances", "service_events")
"""Tables of which no row is kept: sums by month are."""


@dataclass(frozen=True)
class DataUsed:
    """A kind of data of a customer that was used."""

    table: str
    meaning: str
    columns: list[str]
    rows: int | None  # Of a table whose rows are kept
    months: list[str] | None  # First and last, of a table of which sums by month are kept


@dataclass(frozen=True)
class Listing:
    """A list that held a customer."""

    list_id: str
    list_on: str | None  # Lists of earlier versions do not say
    purpose: str | None
    arm: str


@dataclass(frozen=True)
class CustomerData:
    """Everything that the workspace holds of one customer."""

    customer_id: str
    tables: Mapping[str, pl.DataFrame]  # Small tables of the ledger, of everyone
    snapshot: pl.DataFrame | None  # The customer's row of the date's snapshot; null: the snapshot is gone
    months: tuple[dt.date, ...]  # Months of which sums are kept, up to the date
    objections: pl.DataFrame
    reviews: pl.DataFrame
    listed: pl.DataFrame  # The customer's rows of every list
    released: list[Record]  # Records of files that held the customer

    @classmethod
    def read(cls, customer_id: str, as_of: dt.date, workspace: Workspace) -> CustomerData:
        """Read it."""
        own = pl.col("customer_id") == customer_id
        path, folder = workspace.snapshot(as_of), workspace.customer_months
        months = pl.scan_parquet(
            [month_file(folder, month) for month in months_written(folder, as_of)], glob=False
        ).filter(own)
        return cls(
            customer_id,
            tables=read_reference(workspace),
            snapshot=pl.scan_parquet(path, glob=False).filter(own).collect() if path.is_file() else None,
            months=tuple(sorted(months.select("month").unique().collect()["month"])),
            objections=read_rows(workspace, OBJECTIONS, "customer_id", [customer_id]),
            reviews=read_rows(workspace, REVIEWS, "customer_id", [customer_id]),
            listed=read_rows(workspace, LIST_ROWS, "customer_id", [customer_id]),
            released=releases_of(
                read_rows(workspace, RELEASED, "customer_id", [customer_id]),
                customer_id,
                read_records(workspace, RecordKind.LIST_RELEASED),
            ),
        )


def releases_of(rows: pl.DataFrame, customer_id: str, releases: Iterable[Record]) -> list[Record]:
    """Choose the records of the files in which a customer stands, by rows of `RELEASED`."""
    files = set(rows.filter(pl.col("customer_id") == customer_id)["sha256"])
    return [release for release in releases if release.content.get("sha256") in files]


def data_used(data: CustomerData) -> list[DataUsed]:
    """Say which kinds of data of a customer were used, and of which months."""
    own = pl.col("customer_id") == data.customer_id
    accounts = data.tables["holdings"].filter(own)["account_id"]
    used = []
    for name in COLUMNS:
        if name == "accounts":
            rows = data.tables[name].filter(pl.col("account_id").is_in(accounts.implode())).height
        elif "customer_id" in COLUMNS[name]:
            rows = data.tables[name].filter(own).height
        else:
            continue
        if rows:
            columns = [column for column in COLUMNS[name] if column != "customer_id"]
            used.append(DataUsed(name, TABLES[name].meaning, columns, rows, None))
    for name in SUMMED if data.months else ():
        columns = [column.name for column in TABLES[name].columns if not column.key]
        ends = [data.months[0].isoformat(), data.months[-1].isoformat()]
        used.append(DataUsed(name, TABLES[name].meaning, columns, None, ends))
    return used


def lists_of(data: CustomerData, policy: Policy) -> list[Listing]:
    """Say which lists held a customer, for what, and in which arm."""
    listings = []
    for row in data.listed.to_dicts():
        programme, on = policy.programmes.get(row.get("programme") or ""), row.get("list_on")
        purpose = programme.name if programme else row.get("programme")
        listings.append(Listing(row["list_id"], on and on.isoformat(), purpose, row["arm"]))
    return listings
