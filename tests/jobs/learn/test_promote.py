"""Who is champion is decided by somebody, for a reason, and stays on record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression

from segment.exceptions import ApprovalError, GateError, ModelError
from segment.gate import Gate
from segment.jobs.build.hashes import features_hash
from segment.jobs.learn.evaluate_gates import evaluate_gates
from segment.jobs.learn.promote import candidate, promote, roll_back
from segment.policy import load_policy
from segment.store.record_kinds import RecordKind
from segment.store.records import check_chain, read_records
from segment.tracking.models import CHAMPION
from segment.tracking.registry import Tracking
from segment.tracking.scoring_model import ModelInterface
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL

X = np.arange(40.0).reshape(20, 2)
HOLDS, FAILS = Gate("coverage", True, "80 %"), Gate("calibration", False, "1.400 in all", {"total": 1.4})


def registered(folder: Path, versions: int = 2) -> Tracking:
    tracking = Tracking(folder)
    for slope in range(versions):
        model = LinearRegression().fit(X, (slope + 1.0) * X[:, 0])
        tracking.register(
            model, ModelInterface.of(pl.DataFrame({"a": [0.0], "b": [0.0]})), "train", {}, {"mae": 1.0}, {}, {}
        )
    return tracking


def test_a_champion_of_another_policy_stands_in_nobodys_way(tmp_path: Path) -> None:
    """A bank that fills its figures in trains by them; the champion before publishes no tiers any more."""
    policy = load_policy(RETAIL)
    tracking = Tracking(tmp_path)
    interface = ModelInterface.of(pl.DataFrame({"a": [0.0], "b": [0.0]}))
    for terms in ("another", policy.model_hash):
        tags = {"policy_model_hash": terms, "features_hash": features_hash(policy)}
        tracking.register(LinearRegression().fit(X, X[:, 0]), interface, "train", tags, {"mae": 1.0}, {}, tags)
    gates = evaluate_gates(candidate("2", tracking), Workspace(tmp_path), policy, tracking, as_of=AS_OF)
    held = {gate.name: gate.holds for gate in gates}
    assert held["same_terms"]
    assert held["other_champion"]
    assert not held["persistence"]
    assert "the champion is trained on another policy" in str(gates[-1])


def champion(tracking: Tracking) -> str | None:
    found = tracking.find(CHAMPION)
    return found.version if found else None


def test_a_failed_gate_stops_a_promotion_and_says_all_that_failed(tmp_path: Path) -> None:
    tracking = registered(tmp_path)
    with pytest.raises(GateError, match=r"1 of 2 failed:\n- calibration: 1.400 in all"):
        promote(candidate(None, tracking), (HOLDS, FAILS), tracking, Workspace(tmp_path))
    assert champion(tracking) == "1"
    assert read_records(Workspace(tmp_path)) == []


def test_a_promotion_with_a_reason_and_a_rollback_leave_records(tmp_path: Path) -> None:
    workspace, tracking = Workspace(tmp_path), registered(tmp_path)
    made = promote(
        candidate("2", tracking), (HOLDS, FAILS), tracking, workspace, reason="first real one", approver="Ann"
    )
    assert (made.version, made.before, made.failed_gates) == ("2", "1", ["calibration: 1.400 in all"])
    (approval,) = read_records(workspace, RecordKind.PROMOTION_APPROVED)
    assert (approval.by, approval.why) == ("Ann", "first real one")
    assert approval.content["gates"][1]["figures"] == {"total": 1.4}
    assert len(approval.content["sha256"]) == 64

    assert roll_back(tracking, workspace, "worse in March") == "1"
    assert champion(tracking) == "1"
    assert read_records(workspace, RecordKind.MODEL_ROLLED_BACK)[0].why == "worse in March"
    assert check_chain(workspace) == 2
    with pytest.raises(ModelError, match="must be an earlier champion"):
        roll_back(tracking, workspace, "again")
    assert check_chain(workspace) == 2


def test_a_promotion_killed_before_the_alias_moved_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, tracking = Workspace(tmp_path), registered(tmp_path, versions=3)
    promote(candidate("2", tracking), (HOLDS,), tracking, workspace)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(tracking._client, "set_registered_model_alias", killed)
        with pytest.raises(KeyboardInterrupt):
            promote(candidate("3", tracking), (HOLDS,), tracking, workspace)
    assert champion(tracking) == "2"
    assert tracking.champion_before() == "1"
    promote(candidate("3", tracking), (HOLDS,), tracking, workspace)
    assert (champion(tracking), tracking.champion_before()) == ("3", "2")


def test_who_trained_a_version_does_not_approve_it(tmp_path: Path) -> None:
    tracking = registered(tmp_path)
    found = candidate(None, tracking)
    trained_by = tracking.read_run(found.run_id).user
    with pytest.raises(ApprovalError, match="must be different persons"):
        promote(found, (HOLDS,), tracking, Workspace(tmp_path), approver=trained_by)


def test_no_model_is_no_candidate(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="`train` first"):
        candidate(None, Tracking(tmp_path))
