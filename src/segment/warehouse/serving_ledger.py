"""The ledger's small tables in the page's copy: rows of a few customers by an index, whoever else there is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from segment.files import stamp_of
from segment.warehouse.reference_tables import read_small_tables
from segment.warehouse.serving_copy import ServingCopy
from segment.workspace import Workspace

_KINDS: Final[Mapping[str, pl.DataType]] = {
    "BOOLEAN": pl.Boolean(),
    "DATE": pl.Date(),
    "INTEGER": pl.Int64(),
    "REAL": pl.Float64(),
    "TEXT": pl.String(),
}
SERVED: Final = (
    "branches", "campaign_outcomes", "contact_rules", "customers", "relationship_managers", "suppression_sources",
    "tariff_items",
)  # fmt: skip
"""Tables that the page asks for by customer, or whole; accounts lie in drawers."""
_AS_HELD: Final[Mapping[pl.DataType, pl.DataType]] = {pl.Date(): pl.String(), pl.Boolean(): pl.Int64()}
"""SQLite has neither."""
_OF_CUSTOMERS: Final = " WHERE customer_id IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class OwnTables:
    """The small tables of the ledger, of some customers; those that name no customer are whole."""

    tables: Mapping[str, pl.DataFrame]
    given: Mapping[str, int]  # Rows of each whole table, and values of each `table.column` of it


def ledger_stamp(workspace: Workspace) -> str:
    """Say which small tables a workspace holds, by their files."""
    return stamp_of(workspace.reference / f"{name}.parquet" for name in SERVED)


def own_tables(
    copy: ServingCopy | None,
    workspace: Workspace,
    customers: Iterable[str],
    names: Iterable[str] = SERVED,
    only: Mapping[str, Sequence[str]] | None = None,
) -> OwnTables:
    """Read small tables of some customers: from the copy while it holds what the last extract wrote."""
    # `only`: Columns of a table, where not all are asked for: a cell of SQLite costs more than one of Parquet
    only = only or {}
    asked = sorted(set(customers))
    if copy is not None and copy.made_of[0] == ledger_stamp(workspace):
        given = {row["name"]: row["number"] for row in copy.rows("SELECT name, number FROM given")}
        if given:
            return OwnTables({name: _own_rows(copy, name, asked, only.get(name)) for name in names}, given)
    whole = read_small_tables(workspace, SERVED)
    return OwnTables({name: _of_customers(whole[name], asked) for name in names}, _given(whole))


def write_small_tables(connection: sqlite3.Connection, workspace: Workspace) -> None:
    """Write them into a copy; a workspace that never saw an extract has none."""
    connection.execute("CREATE TABLE given (name TEXT PRIMARY KEY, number INTEGER)")
    if not all((workspace.reference / f"{name}.parquet").is_file() for name in SERVED):
        return
    tables = read_small_tables(workspace, SERVED)
    for name, rows in tables.items():
        kinds = {column: _kind_of(dtype) for column, dtype in rows.schema.items()}
        connection.execute(f"CREATE TABLE ledger_{name} ({', '.join(f'{key} {kind}' for key, kind in kinds.items())})")
        texts = [column for column, kind in kinds.items() if kind in ("TEXT", "DATE")]
        places = ", ".join("?" for _ in kinds)
        plain = rows.with_columns(pl.col(texts).cast(pl.String))
        connection.executemany(f"INSERT INTO ledger_{name} VALUES ({places})", plain.iter_rows())  # noqa: S608
        if "customer_id" in rows.columns:
            connection.execute(f"CREATE INDEX own_{name} ON ledger_{name} (customer_id)")
    connection.executemany("INSERT INTO given VALUES (?, ?)", _given(tables).items())


def _own_rows(copy: ServingCopy, name: str, customers: list[str], only: Sequence[str] | None) -> pl.DataFrame:
    held = {row["name"]: _KINDS[row["type"]] for row in copy.rows(f"PRAGMA table_info(ledger_{name})")}
    kinds = {key: kind for key, kind in held.items() if only is None or key in only}
    of_some = "customer_id" in kinds
    query = f"SELECT {', '.join(kinds)} FROM ledger_{name}{_OF_CUSTOMERS if of_some else ''}"  # noqa: S608  names of our own
    values = [json.dumps(customers)] if of_some else []
    plain = {key: _AS_HELD.get(kind, kind) for key, kind in kinds.items()}
    rows = pl.DataFrame([tuple(row) for row in copy.rows(query, values)], schema=plain, orient="row")
    return rows.with_columns(
        pl.col(key).str.to_date() if kind == pl.Date else pl.col(key).cast(kind)
        for key, kind in kinds.items()
        if kind != plain[key]
    )


def _of_customers(rows: pl.DataFrame, customers: list[str]) -> pl.DataFrame:
    return rows.filter(pl.col("customer_id").is_in(customers)) if "customer_id" in rows.columns else rows


def _given(tables: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    counts = {name: rows.height for name, rows in tables.items()}
    return counts | {
        f"{name}.{column}": rows[column].count() for name, rows in tables.items() for column in rows.columns
    }


def _kind_of(dtype: pl.DataType) -> str:
    if dtype == pl.Boolean:
        return "BOOLEAN"
    if dtype == pl.Date:
        return "DATE"
    return "INTEGER" if dtype.is_integer() else "REAL" if dtype.is_float() else "TEXT"
