"""A bank's own directory of names and phones: read as a sheet or a page is made, and kept nowhere."""

# Names and phones are no part of the ledger (CONTRACT.md 7). What is read here is joined to what a person looks at and
# goes with it: it enters no workspace, no record, no log and no message.

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from segment.exceptions import InputFileError
from segment.ledger.handed_in import read_handed_in
from segment.ledger.schema import Column, Table
from segment.messages import Message

DIRECTORY_COLUMNS: Final = ("customer_id", "name", "phone")
_FILE: Final = Table(
    "directory",
    "names and phones of customers",
    (
        Column("customer_id", "text", "the customer"),
        Column("name", "text", "how the customer is called", nullable=True),
        Column("phone", "text", "where the customer is reached", nullable=True, optional=True),
    ),
)


def read_directory(path: Path) -> pl.DataFrame:
    """Read `customer_id`, `name` and `phone`, all text, a row per customer; a customer who stands twice is refused."""
    read = read_handed_in(
        path, _FILE, Message("errors.what.directory"), InputFileError, Message("errors.hint.first_line")
    )
    rows = read.rows.select(DIRECTORY_COLUMNS).drop_nulls("customer_id")
    twice = rows.height - rows["customer_id"].n_unique()
    if twice:
        raise InputFileError.of("errors.directory_twice", twice=twice, rows=rows.height)
    return rows
