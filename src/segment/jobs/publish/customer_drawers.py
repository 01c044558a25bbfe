"""Drawers of the page's copy: some hundred customers each, so that one person's months are read without a million's."""

# A drawer is a small Parquet file per kind of rows, kept in the copy as it is: swapped and dropped with it.

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import polars as pl

from segment.contribution import LINE_NAMES
from segment.features.slots import SLOTS, slot_of
from segment.features.store import month_file, newest_months, scan_months
from segment.jobs.lists.customer_levers import LEVER_SUMS
from segment.tiers import TIERS
from segment.warehouse.serving_copy import ServingCopy
from segment.warehouse.tiers_table import published_dates, read_tiers

MONTHS: Final = 24
"""Months of a customer that the page shows."""
CUSTOMERS: Final = 500
"""Customers of a drawer, about."""
AT_ONCE: Final = 32
"""Drawers that are filled with months at a time."""
_NONE: Final = "none"
_MONTHS: Final = {"customer_id": pl.String, "month": pl.Date, **dict.fromkeys(LINE_NAMES, pl.Float64)}
_HELD: Final = {"account_id": pl.String, "customer_id": pl.String, "share": pl.Float64}
_ACCOUNT: Final = {
    "account_id": pl.String, "product": pl.String, "opened_on": pl.Date, "closed_on": pl.Date, "family": pl.String,
}  # fmt: skip
_SNAPSHOT: Final = ("customer_id", "holds_everyday", *(f"{name}_12m" for name in (*LINE_NAMES, *LEVER_SUMS)))


@dataclass(frozen=True)
class Drawer:
    """What lies in a drawer of one customer."""

    published: pl.DataFrame  # The row of the tiers
    snapshot: pl.DataFrame | None  # The sums of twelve months that levers are made of; null: no snapshot
    months: pl.DataFrame  # `month` and each line, oldest first
    history: pl.DataFrame  # `as_of`, `tier`, newest first
    tables: Mapping[str, pl.DataFrame]  # `holdings` and `accounts` of the ledger


def read_drawer(copy: ServingCopy, customer_id: str) -> Drawer:
    """Read what lies there of one customer, of whom a row is published."""
    ((drawers,),) = copy.rows("SELECT drawers FROM drawer_count")
    drawer = int(slot_of(pl.Series([customer_id]))[0]) * drawers // SLOTS
    parts = unpacked_parts(copy.rows("SELECT part, rows FROM drawers WHERE drawer = ?", [drawer]))
    own = {name: rows.filter(pl.col("customer_id") == customer_id) for name, rows in parts.items()}
    dates = own["history"].drop("customer_id").unpivot(variable_name="as_of", value_name="tier").drop_nulls()
    tier = pl.col("tier").cast(pl.String)
    history = dates.select(pl.col("as_of").str.to_date(), tier=pl.when(tier != _NONE).then(tier))
    months = own.get("months", pl.DataFrame(schema=_MONTHS))
    held = own.get("accounts", pl.DataFrame(schema={**_HELD, **_ACCOUNT}))
    return Drawer(
        own["published"], own.get("snapshot"), months.drop("customer_id").sort("month"),
        history.sort("as_of", descending=True),
        {"holdings": held.select(list(_HELD)), "accounts": held.select(list(_ACCOUNT)).unique(maintain_order=True)},
    )  # fmt: skip


def write_drawers(
    connection: sqlite3.Connection,
    published: pl.DataFrame,
    history: pl.DataFrame,
    accounts: pl.DataFrame | None,
    snapshot: Path,
    customer_months: Path,
) -> None:
    """Fill the drawers of a copy with what there is of the people who are published."""
    # `accounts`: from `own_accounts`; `snapshot`, a file, and months need not be there.
    connection.execute("CREATE TABLE drawers (drawer INTEGER, part TEXT, rows BLOB, PRIMARY KEY (drawer, part))")
    people = published["customer_id"]
    count = min(SLOTS, max(1, len(people) // CUSTOMERS))
    connection.execute("CREATE TABLE drawer_count AS SELECT ? AS drawers", (count,))
    places = pl.DataFrame({"customer_id": people}).with_columns(drawer=slot_of(people).cast(pl.Int64) * count // SLOTS)
    _fill(connection, "published", published, places)
    if snapshot.is_file():
        rows = pl.scan_parquet(snapshot, glob=False)
        sums = [name for name in rows.collect_schema() if name in _SNAPSHOT]
        _fill(connection, "snapshot", rows.select(*sums, "^balance_.*_12m$").collect(), places)
    if accounts is not None:
        _fill(connection, "accounts", accounts, places)
    _fill(connection, "history", history, places)
    for part in _months(customer_months, published["as_of"].item(0), count):
        _fill(connection, "months", part, places)


def own_accounts(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Join holdings with the accounts that they are shares of."""
    holdings, accounts = tables["holdings"].select(list(_HELD)), tables["accounts"].select(list(_ACCOUNT))
    return holdings.join(accounts, on="account_id", maintain_order="left")


def _fill(connection: sqlite3.Connection, part: str, rows: pl.DataFrame, places: pl.DataFrame) -> None:
    placed = rows.select("customer_id").join(places, on="customer_id", how="left", maintain_order="left")
    for drawer, packed in packed_parts(rows, placed.select("drawer", "customer_id")):
        connection.execute("INSERT INTO drawers VALUES (?, ?, ?)", (drawer, part, packed))


def packed_parts(rows: pl.DataFrame, keys: pl.DataFrame) -> Iterator[tuple[int | str, bytes]]:
    """Pack the rows of each first key, in the order of the keys, as Parquet; never a second copy of all of them."""
    # `keys`: A row for each of `rows`; one without a first key is left out
    first = keys.columns[0]
    order = keys.with_row_index("place").drop_nulls(first).sort(*keys.columns, maintain_order=True)
    for (key,), own in order.select(first, "place").partition_by(first, as_dict=True, maintain_order=True).items():
        packed = BytesIO()
        rows[own["place"]].write_parquet(packed, compression="lz4", statistics=False)
        yield key, packed.getvalue()


def unpacked_parts(found: Sequence[sqlite3.Row]) -> dict[str, pl.DataFrame]:
    """Unpack the `rows` of each `part` of a drawer."""
    return {row["part"]: pl.read_parquet(BytesIO(row["rows"]), glob=False) for row in found}


def _months(folder: Path, as_of: dt.date, drawers: int) -> Iterator[pl.DataFrame]:
    """Read the months of some drawers after the other: never all of everybody."""
    months = newest_months(folder, as_of, MONTHS)
    if not months:
        return  # tiers may be published where no months are kept
    rows = scan_months([month_file(folder, month) for month in months])
    for first in range(0, drawers, AT_ONCE):
        low, high = (-(-number * SLOTS // drawers) for number in (first, first + AT_ONCE))
        own = rows.filter(pl.col("slot").is_between(low, high, closed="left"))
        yield own.select("customer_id", "month", *LINE_NAMES).collect()


def tiers_by_date(tiers: Path, version: int, as_of: dt.date, people: pl.Series) -> pl.DataFrame:
    """Each customer's tier by date, a column a date; null where the customer was not there."""
    history, named = pl.DataFrame({"customer_id": people}), pl.Enum([*TIERS, _NONE])
    for date in (date for date in published_dates(tiers, version) if date <= as_of):
        rows = read_tiers(tiers, date, version, ("customer_id", "tier"))
        tier = pl.col("tier").cast(pl.String).fill_null(_NONE).cast(named).alias(date.isoformat())
        history = history.join(rows.select("customer_id", tier), on="customer_id", how="left", maintain_order="left")
    return history
