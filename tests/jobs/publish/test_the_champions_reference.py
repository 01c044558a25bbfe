"""A training leaves the reference that the next refreshes are held against."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from segment.drift.compare_snapshots import measure_drift
from segment.drift.drift_reference import REFERENCE, build_reference
from segment.files import write_json
from segment.jobs.publish.evaluate_drift import DRIFT_FILE, DriftEvaluation, drift_gate, evaluate_drift, reference_for
from segment.policy.drift import DriftLimits
from segment.tracking.models import CHAMPION, RegisteredVersion
from segment.tracking.registry import Tracking
from tests.conftest import AS_OF, Bank


def test_a_champions_run_holds_a_reference_that_its_own_moment_keeps_to(trained_bank: Bank) -> None:
    tracking = trained_bank.tracking()
    model, version = tracking.load(CHAMPION)
    text = tracking.read_text(version.run_id, REFERENCE)
    assert text is not None
    snapshot = pl.read_parquet(trained_bank.workspace.snapshot(AS_OF))
    assert not [one for one in snapshot["customer_id"].to_list() if f'"{one}"' in text]
    scored = model.score_customers(snapshot)
    reference = reference_for(version, tracking)
    assert reference is not None
    report = measure_drift(scored, snapshot.lazy(), reference, trained_bank.policy.drift)
    assert [one for one in report.moved if not one.group] == []
    assert max(one.index for one in report.scores) < 0.01


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tracking:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    return Tracking(tmp_path, "http://127.0.0.1:9")


def _evaluate(bank: Bank, version: RegisteredVersion, tracking: Tracking) -> DriftEvaluation:
    snapshot = pl.read_parquet(bank.workspace.snapshot(AS_OF))
    scored = bank.tracking().load(CHAMPION)[0].score_customers(snapshot)
    return evaluate_drift(
        scored, snapshot.lazy(), None, version.version, reference_for(version, tracking), bank.policy.drift
    )


@pytest.mark.slow
def test_a_reference_that_was_read_once_is_there_when_the_server_is_away(
    trained_bank: Bank, away: Tracking, tmp_path: Path
) -> None:
    _, version = trained_bank.tracking().load(CHAMPION)
    evaluation = _evaluate(trained_bank, version, trained_bank.tracking())
    assert evaluation.report is not None
    kept = trained_bank.workspace.root / "models" / f"{version.tags['sha256']}.{REFERENCE}"
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / kept.name).write_text(kept.read_text())
    assert _evaluate(trained_bank, version, away).to_dict() == evaluation.to_dict()


@pytest.mark.slow
def test_a_champion_without_a_reference_is_not_judged_and_the_gate_says_so(
    trained_bank: Bank, away: Tracking, tmp_path: Path
) -> None:
    _, version = trained_bank.tracking().load(CHAMPION)
    evaluation = _evaluate(trained_bank, replace(version, tags={}), away)
    assert evaluation.gate().holds
    assert evaluation.gate().message.startswith("not judged: the champion was trained before references were kept")
    write_json(evaluation.to_dict(), tmp_path / "run" / DRIFT_FILE)
    assert json.loads((tmp_path / "run" / DRIFT_FILE).read_text())["judged"] is False


def test_a_reference_of_another_form_is_no_reference(tmp_path: Path, away: Tracking) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / f"abc.{REFERENCE}").write_text('{"features": {}}')
    assert reference_for(RegisteredVersion("1", "run", {"sha256": "abc"}), away) is None


def test_a_feature_whose_window_was_not_full_is_held_against_the_trainings_own_moment() -> None:
    rng = np.random.default_rng(3)
    steady, few = rng.normal(0, 1, 600), np.where(rng.random(600) < 0.6, 0.0, rng.normal(5, 1, 600))

    def moment(day: str, trend: NDArray[np.float64]) -> pl.DataFrame:
        ids = [f"c{one}" for one in range(600)]
        rows = {"customer_id": ids, "branch_id": ["a", "b"] * 300, "peer_group": ["g", "h"] * 300}
        return pl.DataFrame({**rows, "steady": steady, "trend": trend}).with_columns(as_of=pl.lit(day).str.to_date())

    learned, newest = moment("2024-06-30", rng.normal(5, 1, 600)), moment("2024-12-31", few)
    scored = newest.select("customer_id").with_columns(tier=pl.lit("valuable"), future_value_12m=pl.Series(steady))
    reference = build_reference(learned, newest, scored, ["steady", "trend"], least_group=30)
    report = measure_drift(scored, newest.lazy(), reference, DriftLimits())
    gate = drift_gate(report)
    assert gate.holds, gate.message
    broken = newest.with_columns(trend=pl.lit(0.0))
    assert not drift_gate(measure_drift(scored, broken.lazy(), reference, DriftLimits())).holds
