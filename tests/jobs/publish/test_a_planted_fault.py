"""A fault of a source that moves the bank stops `segment refresh`, and the last tiers stay."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.jobs.publish.drift_trend import newest_by_date
from segment.warehouse.tiers_table import read_tiers
from segment.workspace import Workspace
from tests.conftest import AS_OF, Bank, Said
from tests.copied import copy_workspace

LAST_MONTH = dt.date(2025, 12, 1)


@pytest.fixture
def in_cents(trained_bank: Bank, tmp_path: Path) -> Path:
    """The bank's ledger, with the last month's balances in another unit."""
    ledger = tmp_path / "ledger"
    shutil.copytree(trained_bank.ledger, ledger, copy_function=os.link)
    balances = pl.read_parquet(ledger / "balances.parquet")
    (ledger / "balances.parquet").unlink()
    late = pl.when(pl.col("month") == LAST_MONTH).then(100).otherwise(1)
    names = ("average_balance", "closing_balance")
    balances.with_columns(pl.col(name) * late for name in names).write_parquet(ledger / "balances.parquet")
    return ledger


@pytest.mark.slow
def test_balances_in_another_unit_are_not_published(
    trained_bank: Bank, in_cents: Path, segment: Callable[..., Said], tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "workspace")
    copy_workspace(trained_bank.workspace.root, workspace.root)
    before = read_tiers(workspace.tiers, AS_OF)

    said = segment("refresh", in_cents, "--as-of", AS_OF, workspace=workspace.root)

    assert said.code == 2
    assert "future_value_12m moved against the training: the bank has index" in said.err
    assert read_tiers(workspace.tiers, AS_OF).equals(before)
    _, found = newest_by_date(workspace.runs)[AS_OF]
    assert found["gate"]["holds"] is False
    assert not [one for one in before["customer_id"] if one in json.dumps(found)]
