"""A refresh reads every table once, at its top, and hands it down."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from segment.jobs.publish.refresh import refresh
from segment.warehouse.cache import invalidate
from segment.warehouse.reference_tables import COLUMNS
from tests.conftest import AS_OF, Bank

BEFORE = dt.date(2025, 11, 30)
Reads = Counter[Any]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """How often each Parquet file, and each part of each version of the tiers, is read."""
    counted: Reads = Counter()
    rows_of = DeltaTable.to_pyarrow_table

    def counting(read: Any) -> Any:
        def wrapped(source: Any, *arguments: Any, **options: Any) -> Any:
            if isinstance(source, str | Path):
                counted[Path(source)] += 1
            return read(source, *arguments, **options)

        return wrapped

    def rows(table: DeltaTable, *arguments: Any, **options: Any) -> Any:
        counted[table.version(), repr(arguments), repr(options)] += 1
        return rows_of(table, *arguments, **options)

    monkeypatch.setattr(pl, "read_parquet", counting(pl.read_parquet))
    monkeypatch.setattr(pl, "scan_parquet", counting(pl.scan_parquet))
    monkeypatch.setattr(DeltaTable, "to_pyarrow_table", rows)
    return counted


def assert_each_read_once(bank: Bank, reads: Reads, as_of: dt.date) -> None:
    small = {bank.workspace.reference / f"{name}.parquet" for name in COLUMNS}
    files = {path: times for path, times in reads.items() if isinstance(path, Path)}
    assert {path: files.get(path) for path in small} == dict.fromkeys(small, 1)
    snapshots = {path: times for path, times in files.items() if path.parent == bank.workspace.snapshots}
    assert snapshots == {bank.workspace.snapshot(as_of): 1}
    assert {key: times for key, times in reads.items() if isinstance(key, tuple) and times > 1} == {}


def test_a_refresh_of_what_was_extracted_reads_each_table_once(bank: Bank, reads: Reads) -> None:
    policy = bank.policy.model_copy(update={"version": "next"})
    refresh(str(bank.ledger), AS_OF, bank.workspace, policy, bank.tracking(), n_jobs=1)
    assert_each_read_once(bank, reads, AS_OF)


def test_a_refresh_that_extracts_anew_reads_each_table_once(bank: Bank, reads: Reads) -> None:
    invalidate(bank.workspace)
    policy = bank.policy.model_copy(update={"version": "next"})
    refresh(str(bank.ledger), AS_OF, bank.workspace, policy, bank.tracking(), n_jobs=1)
    assert_each_read_once(bank, reads, AS_OF)


@pytest.mark.slow
def test_a_refresh_that_goes_on_from_earlier_tiers_reads_each_table_once(bank: Bank, reads: Reads) -> None:
    refresh(str(bank.ledger), BEFORE, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    reads.clear()
    refresh(str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    assert_each_read_once(bank, reads, AS_OF)
