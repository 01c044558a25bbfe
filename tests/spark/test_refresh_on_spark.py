"""Tiers of a ledger that Spark extracted are those of one machine; the champion scores inside Spark as well."""

from __future__ import annotations

import shutil
from pathlib import Path

import mlflow
import polars as pl
import pytest

from segment.jobs.publish.refresh import refresh
from segment.tracking.locations import database_uri
from segment.warehouse.stored_snapshots import read_snapshot
from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, Bank
from tests.spark.scattered_bank import assert_same_rows
from tests.spark.spark_cluster import Cluster

CHAMPION = "models:/segment@champion"


@pytest.mark.slow
def test_every_published_column_is_that_of_one_machine(bank: Bank, running_cluster: Cluster) -> None:
    before = read_tiers(bank.workspace.tiers, AS_OF)
    shutil.rmtree(bank.workspace.tiers)
    refresh(
        str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1, master=running_cluster.master
    )
    after = read_tiers(bank.workspace.tiers, AS_OF)
    assert after["tier"].equals(before["tier"])
    assert_same_rows(before.drop("run_id"), after.drop("run_id"), "tiers")  # other code has another run


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
