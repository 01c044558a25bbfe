"""Drawers of the page's copy by branch: the customers that a branch's plan is made of, and what they ask of it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.features.store import month_file, newest_months
from segment.jobs.publish.customer_drawers import packed_parts, unpacked_parts
from segment.service.traffic import MONTHS, TRAFFIC, Traffic, contacts, traffic_of
from segment.warehouse.serving_copy import ServingCopy


@dataclass(frozen=True)
class BranchDrawer:
    """What lies in the drawer of a branch."""

    published: pl.DataFrame  # The rows of the tiers
    traffic: Traffic


def read_branch(copy: ServingCopy, branch: str) -> BranchDrawer | None:
    """Read what lies there of a branch; of one without customers, nothing."""
    parts = unpacked_parts(copy.rows("SELECT part, rows FROM branch_drawers WHERE branch_id = ?", [branch]))
    if "published" not in parts:
        return None
    of_bank = [tuple(row) for row in copy.rows("SELECT month, contacts FROM bank_traffic ORDER BY month")]
    rows = parts.get("traffic", pl.DataFrame(schema=TRAFFIC))
    months = tuple(dt.date.fromisoformat(month) for month, _ in of_bank)
    return BranchDrawer(parts["published"], Traffic(months, rows, sum(number for _, number in of_bank)))


def write_branch_drawers(connection: sqlite3.Connection, published: pl.DataFrame, customer_months: Path) -> None:
    """Fill the drawers of a copy with the published rows and the traffic of each branch's customers."""
    connection.execute(
        "CREATE TABLE branch_drawers (branch_id TEXT, part TEXT, rows BLOB, PRIMARY KEY (branch_id, part))"
    )
    connection.execute("CREATE TABLE bank_traffic (month TEXT, contacts REAL)")
    branches = published.select("customer_id", branch=pl.col("branch_id").cast(pl.String))
    _fill(connection, "published", published, branches["branch"])
    months, asked = newest_months(customer_months, published["as_of"].item(0), MONTHS), []
    for month in months:
        file = month_file(customer_months, month)
        rows = traffic_of(pl.scan_parquet(file, glob=False), month).collect()
        number = float(rows.select(contacts().sum()).item() or 0.0)
        connection.execute("INSERT INTO bank_traffic VALUES (?, ?)", (month.isoformat(), number))
        # whoever asked for nothing stands in the last month alone, and so in the sums of their group
        some = pl.sum_horizontal("visits", "meetings", "adviser_minutes", "calls") != 0.0
        asked.append(rows if month == months[-1] else rows.filter(some))
    if asked:
        traffic = pl.concat(asked)
        own = traffic.select("customer_id").join(branches, on="customer_id", how="left", maintain_order="left")
        _fill(connection, "traffic", traffic, own["branch"])


def _fill(connection: sqlite3.Connection, part: str, rows: pl.DataFrame, branches: pl.Series) -> None:
    for branch, packed in packed_parts(rows, branches.to_frame()):
        connection.execute("INSERT INTO branch_drawers VALUES (?, ?, ?)", (branch, part, packed))
