"""Lists put into a store as a list is made, with the columns that a test has no need of left empty."""

from __future__ import annotations

import polars as pl

from segment.store.lists import write_list
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS
from segment.workspace import Workspace


def store_list(workspace: Workspace, rows: pl.DataFrame, list_id: str) -> None:
    given = rows.with_columns(list_id=pl.lit(list_id))
    known = [name for name in LIST_ROWS.schema if name in given.columns]
    whole = pl.concat([pl.DataFrame(schema=LIST_ROWS.schema), given.select(known)], how="diagonal_relaxed")
    write_list(workspace, list_id, {}, whole)


def stored_list(workspace: Workspace, list_id: str) -> pl.DataFrame:
    return read_rows(workspace, LIST_ROWS, "list_id", [list_id])
