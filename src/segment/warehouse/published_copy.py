"""A copy of the published tiers in object storage: a Delta table that readers of the bank open, a commit per date."""

from __future__ import annotations

import datetime as dt

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from segment.exceptions import ExportError
from segment.object_storage import bucket_path
from segment.warehouse.tiers_table import replace_date
from segment.warehouse.workspace_clock import writes_trial

_OPTIONS = {"max_retries": "2", "retry_timeout": "30s"}


def publish_copy(tiers: pl.DataFrame, as_of: dt.date, address: str) -> str:
    """Replace a date's tiers there, at once or not at all; return the address."""
    table = f"s3://{bucket_path(address)}"
    if writes_trial():
        raise ExportError.of("errors.trial_stays")
    try:
        exists = DeltaTable.is_deltatable(table, _OPTIONS)
        replace_date(table, tiers, as_of, exists=exists, storage_options=_OPTIONS)
        written = DeltaTable(table, storage_options=_OPTIONS).to_pyarrow_table(
            columns=["customer_id"], filters=[("as_of", "=", as_of)]
        )
    except (DeltaError, OSError):  # what the store says may hold who asked
        raise ExportError.of("errors.no_table_taken", table=table) from None
    if written.num_rows != tiers.height:
        raise ExportError.of("errors.other_rows_taken")
    return table
