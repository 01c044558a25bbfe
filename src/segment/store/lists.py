"""Lists as they were made: both arms of each, and its report."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl
import sqlalchemy as sa

from segment.store.row_store import upsert_rows
from segment.store.stored_tables import LIST_ROWS, LISTS
from segment.store.transactions import reading, transaction
from segment.workspace import Workspace


def write_list(workspace: Workspace, list_id: str, report: Mapping[str, object], rows: pl.DataFrame) -> None:
    """Keep a list, in the place of one of the same name."""
    with transaction(workspace) as connection:
        connection.execute(LIST_ROWS.sql.delete().where(LIST_ROWS.sql.c.list_id == list_id))
        upsert_rows(workspace, LIST_ROWS, rows)
        text = json.dumps(report, sort_keys=True, default=str, ensure_ascii=False)
        connection.execute(LISTS.delete().where(LISTS.c.list_id == list_id))
        connection.execute(LISTS.insert().values(list_id=list_id, report=text))


def read_list_reports(workspace: Workspace) -> dict[str, str]:
    """Read the report of each list that is kept, as JSON, by the list's name."""
    with reading(workspace) as connection:
        return dict(tuple(row) for row in connection.execute(sa.select(LISTS.c.list_id, LISTS.c.report)))


def read_list_parts(workspace: Workspace) -> pl.DataFrame:
    """Sum up whom each list would contact, by branch; the database adds up, so that no row of a customer is read."""
    rows, gain = LIST_ROWS.sql.c, "expected_net_gain_12m"
    columns = {
        "list_id": (rows.list_id, pl.String),
        "branch_id": (rows.branch_id, pl.String),
        "customers": (sa.func.count(), pl.UInt32),
        gain: (sa.func.coalesce(sa.func.sum(rows[gain]), 0.0), pl.Float64),
        "expires_on": (sa.func.max(rows.expires_on), pl.Date),
    }
    asked = [expression.label(name) for name, (expression, _) in columns.items()]
    query = sa.select(*asked).where(rows.arm == "contact").group_by(rows.list_id, rows.branch_id)
    with reading(workspace) as connection:
        parts = [tuple(row) for row in connection.execute(query.order_by(rows.list_id, rows.branch_id))]
    schema = {name: dtype for name, (_, dtype) in columns.items()}
    return pl.DataFrame(parts, schema=schema, orient="row").with_columns(pl.col(gain).round(2))


def read_list_makers(workspace: Workspace) -> dict[str, str]:
    """Say who made each list; nobody knows of those of an older release."""
    made = {name: json.loads(report).get("made_by") for name, report in read_list_reports(workspace).items()}
    return {name: str(maker) for name, maker in made.items() if maker is not None}
