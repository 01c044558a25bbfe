"""A tracking server that is away costs neither the champion nor a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LinearRegression

from segment.exceptions import ModelError
from segment.tracking.models import CHALLENGER, COPY_TAG
from segment.tracking.outbox import deliver, log_later
from segment.tracking.registry import Tracking
from segment.tracking.runs import FinishedRun
from segment.tracking.scoring_model import ModelInterface
from segment.workspace import Workspace

X = np.arange(40.0).reshape(20, 2)
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


def registered(folder: Path) -> Tracking:
    tracking = Tracking(folder)
    model = LinearRegression().fit(X, X[:, 0])
    tracking.register(
        model,
        ModelInterface.of(pl.DataFrame({"a": [0.0], "b": [0.0]})),
        "train",
        {},
        {"mae": 1.0},
        {},
        {"policy_hash": "p"},
    )
    return tracking


def test_the_last_champion_known_is_loaded_where_the_server_is_away(tmp_path: Path) -> None:
    _, there = registered(tmp_path).load()
    model, away = Tracking(tmp_path, NOBODY).load()
    np.testing.assert_allclose(model.predict(X), X[:, 0], atol=1e-9)
    assert (away.version, away.run_id) == (there.version, there.run_id)
    assert away.tags == {**there.tags, COPY_TAG: "true"}
    assert COPY_TAG not in there.tags


def test_a_copy_changed_after_registration_is_not_loaded(tmp_path: Path) -> None:
    registered(tmp_path).load()
    (copy,) = (tmp_path / "models").glob("*.skops")
    copy.write_bytes(copy.read_bytes() + b"0")
    with pytest.raises(ModelError, match="SHA-256 differs"):
        Tracking(tmp_path, NOBODY).load()


def test_only_the_champion_has_a_copy(tmp_path: Path) -> None:
    registered(tmp_path).load()
    with pytest.raises(MlflowException):
        Tracking(tmp_path, NOBODY).load(CHALLENGER)


def test_a_run_waits_until_the_server_is_there_and_is_sent_once(tmp_path: Path) -> None:
    workspace, tracking = Workspace(tmp_path), Tracking(tmp_path)
    for _ in range(2):
        log_later(
            workspace, FinishedRun("refresh", {"as_of": "2025-12-31"}, {"customers": 3}, {"t.csv": "a"}, "refresh-1")
        )
        assert deliver(workspace, Tracking(tmp_path, NOBODY)) == ["refresh-1"]
        assert deliver(workspace, tracking) == []
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    (run,) = client.search_runs([client.get_experiment_by_name("segment/refresh").experiment_id])
    assert run.data.params == {"as_of": "2025-12-31"}
    assert run.data.tags["segment.run_id"] == "refresh-1"
