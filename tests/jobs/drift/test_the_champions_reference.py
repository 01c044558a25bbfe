"""A training leaves the reference that the next refreshes are held against."""

from __future__ import annotations

import polars as pl

from segment.jobs.drift import REFERENCE, DriftReference, drift_of
from segment.tracking import CHAMPION
from tests.conftest import AS_OF, Bank


def test_a_champions_run_holds_a_reference_that_its_own_moment_keeps_to(trained_bank: Bank) -> None:
    tracking = trained_bank.tracking()
    model, version = tracking.load(CHAMPION)
    text = tracking.read_text(version.run_id, REFERENCE)
    assert text is not None
    snapshot = pl.read_parquet(trained_bank.workspace.snapshot(AS_OF))
    assert not [one for one in snapshot["customer_id"].to_list() if f'"{one}"' in text]
    scored = model.score_customers(snapshot)
    found = drift_of(scored, snapshot, DriftReference.from_json(text), trained_bank.policy.drift)
    assert [one for one in found.moved if not one.group] == []
    assert max(one.index for one in found.scores) < 0.01
