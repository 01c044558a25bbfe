"""What the workspace holds of one customer: kinds of data, lists, and files that left."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from segment.features import months_written
from segment.jobs.reference import COLUMNS, read_reference
from segment.jobs.release import RELEASED, rows_of
from segment.ledger import TABLES
from segment.policy import Policy
from segment.warehouse import Workspace
from segment.warehouse.records import records

SUMMED = ("transactions", "balances", "service_events")
"""Tables of which no row is kept: sums by month are."""


def rows_of_customer(table: pl.DataFrame, customer_id: str) -> list[dict[str, Any]]:
    """Read a customer's rows of a table.

    Parameters
    ----------
    table : polars.DataFrame
        With `customer_id`.
    customer_id : str
        Whose.

    Returns
    -------
    list of dict
    """
    return table.filter(pl.col("customer_id") == customer_id).to_dicts()


def data_used(workspace: Workspace, customer_id: str, as_of: dt.date) -> list[dict[str, Any]]:
    """Say which kinds of data of a customer were used, and of which months.

    Parameters
    ----------
    workspace : Workspace
        Holds the small tables and the customer months.
    customer_id : str
        Whose.
    as_of : datetime.date
        The moment.

    Returns
    -------
    list of dict
        `table`, `meaning`, `columns`, `rows` (of the customer; None for tables of which sums by month are kept) and
        `months`.
    """
    tables = read_reference(workspace)
    own = tables["holdings"].filter(pl.col("customer_id") == customer_id)["account_id"]
    found = []
    for name in COLUMNS:
        if name == "accounts":
            rows = tables[name].filter(pl.col("account_id").is_in(own.implode())).height
        elif "customer_id" in COLUMNS[name]:
            rows = tables[name].filter(pl.col("customer_id") == customer_id).height
        else:
            continue
        if rows:
            columns = [column for column in COLUMNS[name] if column != "customer_id"]
            found.append(
                {"table": name, "meaning": TABLES[name].meaning, "columns": columns, "rows": rows, "months": None}
            )
    months = _months(workspace, customer_id, as_of)
    for name in SUMMED if months else ():
        columns = [column.name for column in TABLES[name].columns if not column.key]
        told = {"table": name, "meaning": TABLES[name].meaning, "columns": columns}
        found.append({**told, "rows": None, "months": [months[0].isoformat(), months[-1].isoformat()]})
    return found


def lists_of(workspace: Workspace, customer_id: str, policy: Policy) -> list[dict[str, Any]]:
    """Say which lists held a customer, for what, and in which arm.

    Parameters
    ----------
    workspace : Workspace
        Keeps the analytics copies.
    customer_id : str
        Whose.
    policy : Policy
        Names the programmes.

    Returns
    -------
    list of dict
        `list_id`, `list_on`, `purpose`, `arm`; oldest first. The customer's own arm is told to the customer who asks,
        and to nobody in marketing.
    """
    found = []
    for path in sorted(workspace.lists.glob("*.parquet")):
        rows = pl.read_parquet(path).filter(pl.col("customer_id") == customer_id)
        for row in rows.to_dicts():
            programme = policy.programmes.get(row.get("programme") or "")
            purpose = programme.name if programme else row.get("programme")
            on = row.get("list_on")
            found.append(
                {"list_id": row["list_id"], "list_on": on and on.isoformat(), "purpose": purpose, "arm": row["arm"]}
            )
    return found


def released_of(workspace: Workspace, customer_id: str) -> list[dict[str, Any]]:
    """Say which files with a customer left the workspace, when and for what.

    Parameters
    ----------
    workspace : Workspace
        Keeps records and copies.
    customer_id : str
        Whose.

    Returns
    -------
    list of dict
        `released_on`, `purpose`, `list_id`.
    """
    found = []
    for one in records(workspace, RELEASED):
        copy = rows_of(workspace, one.content["sha256"])
        if copy.is_file() and rows_of_customer(pl.read_parquet(copy, columns=["customer_id"]), customer_id):
            told = {"released_on": one.content["released_on"], "purpose": one.why, "list_id": one.content["list_id"]}
            found.append(told)
    return found


def _months(workspace: Workspace, customer_id: str, as_of: dt.date) -> list[dt.date]:
    files = [
        workspace.customer_months / f"{month:%Y-%m}.parquet"
        for month in months_written(workspace.customer_months, as_of)
    ]
    own = pl.scan_parquet(files).filter(pl.col("customer_id") == customer_id).select("month").unique().collect()
    return sorted(own["month"].to_list())
