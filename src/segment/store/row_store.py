"""Rows that people hand in, and rows of lists and arms: read, added, replaced, deleted."""

# A row has a key; handing it in twice changes nothing, and handing it in anew replaces it. Rows of a customer can be
# taken away, which the record chain (`segment.store.records`) cannot; so who is meant stands here, never there.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from segment.store.stored_tables import REVIEWS, TABLES, StoredTable
from segment.store.tombstones import Erased, subject_key
from segment.store.transactions import reading, transaction
from segment.workspace import Workspace

_AT_ONCE = 500
"""Keys that are asked for in one statement."""


@dataclass(frozen=True)
class UpsertCounts:
    """What became of rows handed in."""

    added: int  # added, changed, same: Rows by what they did.
    changed: int
    same: int


def read_rows(
    workspace: Workspace, table: StoredTable, column: str | None = None, values: Iterable[str] = ()
) -> pl.DataFrame:
    """Read a table in the order of its key, or the rows of some values of a column."""
    query = sa.select(table.sql)
    with reading(workspace) as connection:
        if column is None:
            rows = connection.execute(query).all()
        else:
            asked = sorted(set(values))
            parts = [asked[start : start + _AT_ONCE] for start in range(0, len(asked), _AT_ONCE)]
            rows = [row for part in parts for row in connection.execute(query.where(table.sql.c[column].in_(part)))]
    return pl.DataFrame([tuple(row) for row in rows], schema=table.schema, orient="row").sort(table.key)


def read_tables(workspace: Workspace) -> dict[str, pl.DataFrame]:
    """Read every table, as of one moment."""
    with transaction(workspace):
        return {table.name: read_rows(workspace, table) for table in TABLES}


def upsert_rows(workspace: Workspace, table: StoredTable, rows: pl.DataFrame) -> UpsertCounts:
    """Add rows, or replace those of the same key; whoever was erased is left out, in the same transaction."""
    rows = rows.select(list(table.schema)).cast(table.schema)  # type: ignore[arg-type]
    rows = rows.unique(list(table.key), keep="last", maintain_order=True)
    with transaction(workspace) as connection:
        rows = Erased.of(workspace).leave_out(rows)
        first = table.key[0]
        before = read_rows(workspace, table, first, rows[first])
        existing = rows.join(before, on=table.key, how="semi").height
        new = rows.join(before, on=list(table.schema), how="anti", nulls_equal=True)
        _delete(connection, table, new.join(before, on=table.key, how="semi"))
        if not new.is_empty():
            connection.execute(table.sql.insert(), new.to_dicts())
    same = rows.height - new.height
    return UpsertCounts(added=rows.height - existing, changed=existing - same, same=same)


def delete_rows(workspace: Workspace, table: StoredTable, rows: pl.DataFrame) -> int:
    """Delete rows that stand as they are given."""
    first = table.key[0]
    with transaction(workspace) as connection:
        before = read_rows(workspace, table, first, rows[first])
        gone = before.join(rows, on=list(table.schema), how="semi", nulls_equal=True)
        _delete(connection, table, gone)
    return gone.height


def delete_customers(workspace: Workspace, customers: Iterable[str]) -> dict[str, int]:
    """Delete every row of some customers; of a review that was decided only the name goes."""
    # Source: PIPL art. 56: records of automated decisions are kept for at least three years; so a decision outlives the
    # name.
    names, deleted = list(customers), {}
    with transaction(workspace) as connection:
        for table in TABLES:
            own = read_rows(workspace, table, "customer_id", names)
            deleted[table.name] = own.height
            if table is REVIEWS:
                for name in names:
                    nameless = table.sql.update().where(table.sql.c.customer_id == name)
                    connection.execute(nameless.values(customer_id=subject_key(workspace, name)))
            else:
                _delete(connection, table, own)
            if "household" in table.schema:
                # a household is often named after one of its members
                for name in names:
                    renamed = table.sql.update().where(table.sql.c.household == name)
                    connection.execute(renamed.values(household=subject_key(workspace, name)[:16]))
    return deleted


def _delete(connection: sa.Connection, table: StoredTable, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    same = sa.and_(*(table.sql.c[name] == sa.bindparam(f"of_{name}") for name in table.key))
    keys: Sequence[dict[str, object]] = rows.select(pl.col(table.key).name.prefix("of_")).to_dicts()
    connection.execute(table.sql.delete().where(same), keys)
