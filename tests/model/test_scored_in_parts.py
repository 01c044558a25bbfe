"""A snapshot scored some customers at a time has the tiers of the whole, and reads nothing that it leaves out."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from segment.warehouse.stored_snapshots import CustomerSnapshot, read_snapshot
from tests.conftest import AS_OF, Bank


@pytest.fixture(scope="module")
def stored(trained_bank: Bank) -> CustomerSnapshot:
    return read_snapshot(trained_bank.workspace, AS_OF)


@pytest.fixture(scope="module")
def whole(trained_bank: Bank, stored: CustomerSnapshot) -> pl.DataFrame:
    return trained_bank.tracking().load()[0].score_customers(stored.rows, stored.managers)


def test_parts_have_the_tiers_of_the_whole(trained_bank: Bank, stored: CustomerSnapshot, whole: pl.DataFrame) -> None:
    model, _ = trained_bank.tracking().load()
    scored = model.score_parts(stored.rows.iter_slices(97), stored.managers)
    # sums over fewer rows may differ in their last digit
    assert_frame_equal(scored, whole, rel_tol=1e-12, abs_tol=1e-9)


def test_nothing_reads_a_feature_that_is_left_out(
    trained_bank: Bank, stored: CustomerSnapshot, whole: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segment.model.estimator.forecasts_alone", lambda policy: set())
    model, _ = trained_bank.tracking().load()
    assert model.score_parts([stored.rows], stored.managers).equals(whole)


def test_the_parts_of_a_stored_snapshot_are_its_rows(stored: CustomerSnapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segment.warehouse.stored_snapshots.ROWS_A_PART", 100)
    parts = list(stored.parts())
    assert len(parts) == -(-stored.height // 100)
    assert pl.concat(parts).equals(stored.rows)
