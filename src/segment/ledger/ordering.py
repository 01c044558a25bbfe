"""An order of a table's rows that does not depend on how the ledger was written."""

from __future__ import annotations

import polars as pl

from segment.ledger.schema import Table


def in_order(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Take the contract's columns, sorted by date and key.

    Parameters
    ----------
    table : Table
        What the contract says.
    rows : polars.DataFrame
        Clean rows.

    Returns
    -------
    polars.DataFrame
    """
    names = table.schema.names()
    first = [name for name in (table.dated_by, *table.key) if name]
    order = list(dict.fromkeys([*first, *(() if table.key else names)]))
    return rows.select(names).sort(order)
