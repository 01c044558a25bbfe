"""An extract on a cluster leaves the workspace that one machine leaves, whatever happens to its workers."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from segment.exceptions import UsageError
from segment.jobs.build.distributed_extract import extract_on_spark
from segment.policy import load_policy
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL
from tests.spark.conftest import BuiltBank
from tests.spark.scattered_bank import assert_same_workspace
from tests.spark.spark_cluster import Cluster


@pytest.mark.slow
def test_a_worker_that_dies_small_files_late_rows_and_a_huge_customer_change_nothing(
    built_bank: BuiltBank, running_cluster: Cluster, tmp_path: Path
) -> None:
    workspace, steps = Workspace(tmp_path / "workspace"), []

    def kill_one_while_months_are_built(step: str, done: int, total: int) -> None:
        steps.append((step, done))
        if (step, done) == ("customer months", 0):
            threading.Timer(1.0, running_cluster.kill_a_worker).start()

    done = extract_on_spark(
        built_bank.ledger, AS_OF, workspace, built_bank.policy, running_cluster.master,
        buckets=3, progress=kill_one_while_months_are_built,
    )  # fmt: skip
    assert running_cluster.workers[0].poll() is not None, "the worker outlived the test of its death"
    assert ("customer months", 1) in steps
    assert_same_workspace(built_bank.workspace, workspace)
    assert replace(done, check={}) == replace(built_bank.extracted, check={})
    assert done.to_dict()["check"] == built_bank.extracted.to_dict()["check"]


def test_a_policy_that_prices_branch_minutes_is_refused(tmp_path: Path) -> None:
    retail = load_policy(RETAIL)
    overhead = retail.costs.overhead.model_copy(update={"branch_minutes_month": 100.0})
    priced = retail.model_copy(update={"costs": retail.costs.model_copy(update={"overhead": overhead})})
    with pytest.raises(UsageError, match="prices no branch minutes"):
        extract_on_spark("no-ledger", AS_OF, Workspace(tmp_path), priced, "local[1]")
