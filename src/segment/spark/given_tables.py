"""The tables of a ledger as its source holds them; of a database, tasks read the long ones, some months each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from segment.exceptions import LedgerError, SourceError, UsageError
from segment.ledger.contract import TABLES
from segment.ledger.folder import FolderSource
from segment.ledger.increments.increment_check import LONG
from segment.ledger.parts import Source, TableInput
from segment.ledger.schema import Table
from segment.ledger.stored_objects import ObjectSource
from segment.spark.session import in_tasks

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from segment.ledger.database import DatabaseAddress, DatabaseSource
    from segment.ledger.database_rows import TableMonths


@dataclass(frozen=True)
class _Months:
    """What a task reads, and the folder that receives it."""

    span: TableMonths
    folder: Path


def find_tables(session: SparkSession, source: Source, folder: Path) -> dict[str, TableInput]:
    """Find every table; `folder`: Receives the rows of a database's long ones, where every machine sees them."""
    if isinstance(source, ObjectSource):
        raise UsageError.of("errors.spark_ledger_elsewhere")
    if isinstance(source, FolderSource):
        return {name: source.find(table) for name, table in TABLES.items()}
    from segment.ledger.database import DatabaseSource

    if not isinstance(source, DatabaseSource):
        raise TypeError(type(source).__name__)
    tables = {
        name: _find_long(session, source, table, folder / name) if name in LONG else source.find(table)
        for name, table in TABLES.items()
    }
    source.disconnect()
    return tables


def _find_long(session: SparkSession, database: DatabaseSource, table: Table, folder: Path) -> TableInput:
    """Have a table's rows read; none of them comes here. The parts are those of one machine."""
    spans = database.spans(table)
    if isinstance(spans, TableInput):
        return spans
    if not spans:
        return database.find(table)  # which says that there are no rows
    months = [_Months(span, folder / f"{number:06d}") for number, span in enumerate(spans)]
    # the address stands in the function alone, which no plan, event or error shows
    read = in_tasks(session, partial(_read, database.address, table), months)
    parts = tuple(part for some in read for part in some.parts)
    return replace(read[0], parts=parts, faults=tuple(dict.fromkeys(fault for some in read for fault in some.faults)))


def _read(address: DatabaseAddress, table: Table, months: _Months) -> TableInput:
    from segment.ledger.database import DatabaseSource

    with (
        _on_a_worker(),
        closing(
            DatabaseSource(address.url, address.ignored, address.reading, folder=months.folder, moment=address.moment)
        ) as source,
    ):
        found = source.find(table, months.span)
        rows = sum(part.rows.select(pl.len()).collect().item() for part in found.parts)
        if not found.faults and rows != months.span.rows:
            raise SourceError.of("errors.database_written", description=source.description, table=table.name)
    return found


@contextmanager
def _on_a_worker() -> Iterator[None]:
    """Say of an error that it is a worker's: the machine where the command runs has read the database."""
    try:
        yield
    except LedgerError as fault:
        raise type(fault).of("errors.on_a_worker", fault=fault.args[0]) from None
