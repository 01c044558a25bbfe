"""Nobody's tier depends on age, sex or region: shuffled between customers, nothing changes (DOMAIN.md 0 (9))."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from segment.files import file_hash
from segment.jobs.publish.refresh import refresh
from segment.warehouse.protected_columns import FILE
from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, Bank

OF_THE_RUN = ["run_id"]


@pytest.mark.slow
def test_features_and_tiers_are_the_same_whoever_is_how_old_and_where(bank: Bank, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    shutil.copytree(bank.ledger, ledger)
    customers = pl.read_parquet(ledger / "customers.parquet")
    shuffled = [
        customers[name].shuffle(seed=place).alias(name) for place, name in enumerate(("birth_date", "sex", "region"))
    ]
    # nobody joins before they are born: such a row would be set aside, and figures would change for that reason
    born = pl.when(pl.col("birth_date") < pl.col("joined_on")).then("birth_date").otherwise(customers["birth_date"])
    changed = customers.with_columns(shuffled).with_columns(born)
    assert (changed["birth_date"] != customers["birth_date"]).mean() > 0.5  # type: ignore[operator]
    changed.write_parquet(ledger / "customers.parquet")
    features = file_hash(bank.workspace.snapshot(AS_OF))
    tiers = read_tiers(bank.workspace.tiers, AS_OF).drop(OF_THE_RUN)
    before = pl.read_parquet(bank.workspace.protected / FILE)

    refresh(str(ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)

    assert not pl.read_parquet(bank.workspace.protected / FILE).equals(before)
    assert file_hash(bank.workspace.snapshot(AS_OF)) == features
    assert read_tiers(bank.workspace.tiers, AS_OF).drop(OF_THE_RUN).equals(tiers)
