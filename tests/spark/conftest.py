"""One damaged, scattered bank, built once on this machine for all that Spark is held to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from segment.jobs.build.extract import Extracted, extract
from segment.policy import Policy, load_policy
from segment.spark.session import spark_session
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL
from tests.spark.scattered_bank import scattered_bank
from tests.spark.spark_cluster import Cluster, cluster


@dataclass(frozen=True)
class BuiltBank:
    """A ledger, and what one machine makes of it."""

    ledger: str
    policy: Policy
    workspace: Workspace
    extracted: Extracted


@pytest.fixture(scope="package")
def built_bank(tmp_path_factory: pytest.TempPathFactory) -> BuiltBank:
    folder = tmp_path_factory.mktemp("spark")
    ledger, policy = str(scattered_bank(folder / "bank")), load_policy(RETAIL)
    workspace = Workspace(folder / "workspace")
    return BuiltBank(ledger, policy, workspace, extract(ledger, AS_OF, workspace, policy, n_jobs=1))


# For few rows: compiling queries and hot spots would take longer than they run.
FEW_ROWS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}


@pytest.fixture(scope="package")
def running_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master, two workers, and a session on them that every test shares."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "events").mkdir()
    events = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": f"file://{folder}/events"}
    all_settings = FEW_ROWS | events | {"spark.eventLog.compress": "false"}
    settings = " ".join(f"--conf {name}={value}" for name, value in all_settings.items())
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYSPARK_SUBMIT_ARGS", f"{settings} pyspark-shell")
        environment.setenv("SPARK_DAEMON_JAVA_OPTS", "-XX:TieredStopAtLevel=1")
        with cluster(folder) as running, spark_session(running.master):
            yield running
