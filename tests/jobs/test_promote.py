"""Who is champion is decided by somebody, for a reason, and stays on record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from segment.exceptions import ModelError
from segment.jobs.promote import promote, roll_back
from segment.tracking import CHAMPION, Tracking
from segment.warehouse import Workspace
from segment.warehouse.records import check_chain, records

X = np.arange(40.0).reshape(20, 2)


def test_promotion_and_rollback_leave_a_record(tmp_path: Path) -> None:
    workspace, tracking = Workspace(tmp_path), Tracking(tmp_path)
    for slope in (1.0, 2.0):
        model = LinearRegression().fit(X, slope * X[:, 0])
        tracking.register(model, ["a", "b"], "train", {}, {"mae": 1.0}, {}, {})
    with pytest.raises(ModelError, match="Every gate of version 2 must hold"):
        promote(None, tracking, workspace)
    assert records(workspace) == []

    promote(None, tracking, workspace, reason="first real one", approver="Ann")
    (approval,) = records(workspace, "approval")
    assert (approval.by, approval.why) == ("Ann", "first real one")
    assert approval.content["figures"] == {"mae": 1.0}
    assert (approval.content["version"], approval.content["before"]) == ("2", "1")

    assert roll_back(tracking, workspace, "worse in March") == "1"
    champion = tracking.find(CHAMPION)
    assert champion is not None
    assert champion.version == "1"
    assert records(workspace, "model rollback")[0].why == "worse in March"
    assert check_chain(workspace) == 2


def test_a_challenger_that_is_not_surely_better_fails_the_paired_gate(tmp_path: Path) -> None:
    workspace, tracking = Workspace(tmp_path), Tracking(tmp_path)
    good = {"spearman": 0.9, "spearman_persistence": 0.8, "mae_skill": 0.2, "coverage_p10_p90": 0.8}
    good |= {"total_predicted_over_actual": 1.0, "cluster_agreement": 0.97}
    for slope in (1.0, 2.0):
        tracking.register(LinearRegression().fit(X, slope * X[:, 0]), ["a", "b"], "train", {}, good, {}, {})
    unsure = {"figures": [["spearman", 0.8, 0.81, 0.01, -0.001, 0.02]]}
    with pytest.raises(ModelError, match="lower end of the 95 % interval -0.0010, must be above 0"):
        promote(None, tracking, workspace, paired=unsure)
    sure = {"figures": [["spearman", 0.8, 0.82, 0.02, 0.01, 0.03]]}
    assert promote(None, tracking, workspace, paired=sure).version == "2"
