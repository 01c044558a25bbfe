"""Tiers that Spark extracted and scored are those of one machine; MLflow scores inside Spark as well."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import mlflow
import polars as pl
import pytest
from pyspark import cloudpickle

from segment.exceptions import ClusterError
from segment.jobs.publish.refresh import refresh
from segment.model import SegmentationModel
from segment.spark.forecast_parts import forecast_parts
from segment.spark.session import spark_session
from segment.tracking.locations import database_uri
from segment.tracking.registry import Tracking
from segment.warehouse.stored_snapshots import CustomerSnapshot, read_snapshot
from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, Bank
from tests.spark.scattered_bank import assert_same_rows
from tests.spark.spark_cluster import Cluster

CHAMPION = "models:/segment@champion"


class ByValue:
    """A function of a test on its way to workers, who cannot import tests."""

    def __init__(self, function: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        self.function = function

    def __call__(self, part: pl.DataFrame) -> pl.DataFrame:
        return self.function(part)

    def __reduce__(self) -> tuple[object, ...]:
        return cloudpickle.loads, (cloudpickle.dumps(self.function),)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segment.warehouse.stored_snapshots.ROWS_A_PART", 200)


@pytest.fixture
def driver_without_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process, unlike the tasks, neither read customers with their features nor ask the trees."""

    def refused(*_: object) -> None:
        raise AssertionError("the driver scored by itself")

    monkeypatch.setattr(SegmentationModel, "_forecast", refused)
    monkeypatch.setattr(CustomerSnapshot, "parts", refused)
    monkeypatch.setattr(CustomerSnapshot, "rows", property(refused))


@pytest.mark.slow
@pytest.mark.usefixtures("small_parts", "driver_without_features")
def test_every_published_column_is_that_of_one_machine(
    bank: Bank, challenged: Tracking, running_cluster: Cluster
) -> None:
    before = read_tiers(bank.workspace.tiers, AS_OF)
    shutil.rmtree(bank.workspace.tiers)
    assert len(read_snapshot(bank.workspace, AS_OF).stored_parts()) > 2
    done = refresh(
        str(bank.ledger), AS_OF, bank.workspace, bank.policy, challenged, n_jobs=1, master=running_cluster.master
    )
    after = read_tiers(bank.workspace.tiers, AS_OF)
    assert after["tier"].equals(before["tier"])
    assert_same_rows(before.drop("run_id"), after.drop("run_id"), "tiers")  # other code has another run
    shadow = json.loads((bank.workspace.runs / done.run_id / "run.json").read_text())["shadow"]
    assert (shadow["challenger"], shadow["customers"], shadow["changed"]) == ("2", before.height, 0.0)
    assert not list(bank.workspace.root.glob(".spark-*"))


@pytest.mark.slow
@pytest.mark.usefixtures("small_parts")
def test_a_part_is_forecast_again_where_its_task_dies(
    trained_bank: Bank, running_cluster: Cluster, tmp_path: Path
) -> None:
    model, snapshot = trained_bank.tracking().load()[0], read_snapshot(trained_bank.workspace, AS_OF)
    died = tmp_path / "died"

    def dies_once(part: pl.DataFrame) -> pl.DataFrame:
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return model.forecast_rows(part)

    with spark_session(running_cluster.master) as session:
        rows = forecast_parts(session, ByValue(dies_once), snapshot.stored_parts(), tmp_path)
    assert died.exists()
    scored = model.settle_tiers(snapshot.circumstances(rows), snapshot.managers)
    assert_same_rows(model.score_customers(snapshot.rows, snapshot.managers), scored, "scored")


@pytest.mark.slow
def test_a_model_that_fails_in_a_task_names_no_customer(
    trained_bank: Bank, running_cluster: Cluster, tmp_path: Path
) -> None:
    parts = read_snapshot(trained_bank.workspace, AS_OF).stored_parts()

    def quoting(part: pl.DataFrame) -> pl.DataFrame:
        raise ValueError(part["customer_id"][0])

    with pytest.raises(ClusterError, match="Spark must end every task") as failed:  # noqa: SIM117
        with spark_session(running_cluster.master) as session:
            forecast_parts(session, ByValue(quoting), parts, tmp_path)
    assert parts[0].read()["customer_id"][0] not in str(failed.value)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")  # of MLflow's and PySpark's about pandas 3
def test_mlflow_scores_inside_spark(trained_bank: Bank, running_cluster: Cluster, tmp_path: Path) -> None:
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import struct

    mlflow.set_tracking_uri(database_uri(trained_bank.workspace.root))
    snapshot = read_snapshot(trained_bank.workspace, AS_OF).rows
    snapshot.write_parquet(tmp_path / "snapshot.parquet")
    session = SparkSession.getActiveSession()
    assert session is not None
    # one batch: references of branches are taken from the customers that come together
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(snapshot.height))
    columns = "customer_id string, tier string, future_value_12m double"
    score = mlflow.pyfunc.spark_udf(session, CHAMPION, result_type=columns, env_manager="local")
    rows = session.read.parquet(str(tmp_path / "snapshot.parquet")).coalesce(1)
    scored = pl.DataFrame(pl.from_arrow(rows.select(score(struct(*rows.columns)).alias("s")).select("s.*").toArrow()))
    own = trained_bank.tracking().load()[0].score_customers(snapshot).select(scored.columns)
    assert_same_rows(own.sort("customer_id"), scored.sort("customer_id"), "scored")
