"""The registered model in the hands of MLflow's own loader, server and evaluation."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError, URLError

import mlflow
import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LinearRegression

import segment
from segment.exceptions import ModelError
from segment.files import file_hash
from segment.model.model_columns import FURTHER, PUBLISHED
from segment.tracking.locations import database_uri
from segment.tracking.scoring_model import FILLED_IN_BY_PUBLICATION, ModelInterface, invented_customers
from tests.conftest import AS_OF, Bank

CHAMPION = "models:/segment@champion"


@pytest.fixture
def snapshot(trained_bank: Bank) -> pd.DataFrame:
    frame = segment.open(trained_bank.workspace.root, trained_bank.policy).snapshot(AS_OF)
    assert isinstance(frame, pd.DataFrame)
    return frame


@pytest.fixture
def folder(trained_bank: Bank, tmp_path: Path) -> Path:
    """The champion's folder, as anyone would download it."""
    mlflow.set_tracking_uri(database_uri(trained_bank.workspace.root))
    return Path(mlflow.artifacts.download_artifacts(CHAMPION, dst_path=str(tmp_path / "model")))


@pytest.mark.slow
def test_mlflows_loader_gives_what_is_published(trained_bank: Bank, snapshot: pd.DataFrame) -> None:
    mlflow.set_tracking_uri(database_uri(trained_bank.workspace.root))
    given = mlflow.pyfunc.load_model(CHAMPION).predict(snapshot)
    assert list(given.columns) == [name for name in (*PUBLISHED, *FURTHER) if name not in FILLED_IN_BY_PUBLICATION]
    rows = pl.from_pandas(snapshot).with_columns(pl.col("as_of").cast(pl.Date))
    own = trained_bank.tracking().load()[0].score_customers(rows)
    assert given["tier"].tolist() == own["tier"].to_list()
    np.testing.assert_array_equal(given["future_value_12m"], own["future_value_12m"])


def test_a_snapshot_that_lacks_a_column_is_refused_by_its_name(folder: Path, snapshot: pd.DataFrame) -> None:
    model = mlflow.pyfunc.load_model(str(folder))
    with pytest.raises(MlflowException, match="deposits_12m"):
        model.predict(snapshot.drop(columns="deposits_12m"))
    assert len(model.predict(snapshot.drop(columns=["deceased", "branch_managers"]))) == len(snapshot)


def test_a_file_put_in_the_models_place_is_not_loaded(folder: Path) -> None:
    skops.io.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), folder / "model.skops")
    with pytest.raises(ModelError, match="SHA-256 differs"):
        mlflow.pyfunc.load_model(str(folder))


def test_types_that_the_folder_says_to_trust_are_not_trusted(folder: Path) -> None:
    """A model of another package's class, whose folder names the class and the hash of its own file."""
    model = folder / "model.skops"
    skops.io.dump(subprocess.Popen, model)
    described = (folder / "MLmodel").read_text(encoding="utf-8")
    before = mlflow.models.Model.load(str(folder)).metadata["sha256"]
    named = described.replace("skops_trusted_types:", "skops_trusted_types:\n    - subprocess.Popen")
    (folder / "MLmodel").write_text(named.replace(before, file_hash(model)), encoding="utf-8")
    with pytest.raises(ModelError, match="trusted types only"):
        mlflow.pyfunc.load_model(str(folder))


def test_the_example_is_nobody(trained_bank: Bank, folder: Path, snapshot: pd.DataFrame) -> None:
    example = mlflow.models.Model.load(str(folder)).load_input_example(str(folder))
    assert example["customer_id"].tolist() == ["example-1", "example-2"]
    assert not set(example["customer_id"]) & set(snapshot["customer_id"])
    assert not set(example["branch_id"]) & set(snapshot["branch_id"])
    assert len(mlflow.pyfunc.load_model(str(folder)).predict(example)) == 2
    few = pl.from_pandas(snapshot).head(19)
    assert invented_customers(few, few.columns) is None


def test_a_run_names_its_ledger_by_hash(trained_bank: Bank) -> None:
    tracking = trained_bank.tracking()
    version = tracking.find("champion")
    assert version is not None
    client = mlflow.MlflowClient(database_uri(trained_bank.workspace.root))
    run = client.get_run(version.run_id)
    named = {read.dataset.name: json.loads(read.dataset.source)["tags"]["sha256"] for read in run.inputs.dataset_inputs}
    logged = json.loads(tracking.read_text(version.run_id, "ledger_hashes.json") or "")
    assert named == logged
    assert client.get_experiment(run.info.experiment_id).name == "segment/train"
    assert "before hysteresis" in client.get_registered_model("segment").description


def test_any_estimator_has_an_interface() -> None:
    columns = ModelInterface.of(pl.DataFrame({"a": [1.0], "b": [2.0]}))
    assert columns.signature.inputs.input_names() == ["a", "b"]
    assert columns.example is None


@pytest.mark.slow
def test_mlflow_evaluates_the_forecast(bank: Bank) -> None:
    opened = segment.open(bank.workspace.root, bank.policy)
    day = opened.dates()[-13]
    rows = opened.snapshot(day).merge(opened.outcomes(day)[["customer_id", "contribution_next_12m"]], on="customer_id")
    mlflow.set_tracking_uri(database_uri(bank.workspace.root))
    mlflow.set_experiment("segment/train")
    judged = mlflow.models.evaluate(
        CHAMPION, rows, targets="contribution_next_12m", predictions="future_value_12m", model_type="regressor",
        evaluators="default", evaluator_config={"log_model_explainability": False},
    )  # fmt: skip
    error = judged.metrics["mean_absolute_error"]
    model = mlflow.pyfunc.load_model(CHAMPION)
    told = model.predict(rows.drop(columns="contribution_next_12m"))["future_value_12m"]
    assert error == pytest.approx(np.abs(told - rows["contribution_next_12m"]).mean())


@pytest.mark.slow
def test_mlflow_serves_it_in_a_process_of_its_own(folder: Path, snapshot: pd.DataFrame, tmp_path: Path) -> None:
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    own = mlflow.pyfunc.load_model(str(moved)).predict(snapshot)
    port, programs = _free_port(), Path(sys.executable).parent
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(moved), "-p", str(port)]
    log = tmp_path / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--env-manager", "local", "-w", "1"], stdout=out, stderr=out, start_new_session=True,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "PATH": f"{programs}:{os.environ['PATH']}"},
        )  # fmt: skip
    try:
        _wait(port, process, log)
        body = json.dumps({"dataframe_split": json.loads(snapshot.to_json(orient="split", date_format="iso"))})
        asked = urllib.request.Request(  # noqa: S310
            f"http://127.0.0.1:{port}/invocations", body.encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=120) as answer:  # noqa: S310
            rows = json.loads(answer.read())["predictions"]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 15)
        process.wait(30)
    assert [row["tier"] for row in rows] == own["tier"].tolist()
    assert [row["customer_id"] for row in rows] == own["customer_id"].tolist()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=2):  # noqa: S310
                return
        except HTTPError as answer:
            raise AssertionError(log.read_text()) from answer
        except (URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(log.read_text())
