"""A check on Spark says what a check on one machine says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from segment.jobs.build.distributed_extract import check_on_spark
from segment.jobs.build.source_ledger import check_report
from segment.workspace import Workspace
from tests.spark.conftest import BuiltBank
from tests.spark.spark_cluster import Cluster


@pytest.mark.slow
def test_the_report_is_that_of_one_machine(built_bank: BuiltBank, running_cluster: Cluster, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    report = check_on_spark(built_bank.ledger, built_bank.policy, running_cluster.master, workspace)
    assert dataclasses.asdict(report) == dataclasses.asdict(check_report(built_bank.ledger, built_bank.policy))
    assert {(rule.table, rule.rule) for rule in report.broken} >= {
        ("transactions", "duplicate_key_repeated"),
        ("transactions", "duplicate_key_conflicting"),
        ("transactions", "orphan_account"),
        ("transactions", "amount_zero"),
        ("transactions", "null_key"),
        ("balances", "duplicate_key_conflicting"),
        ("service_events", "orphan_customer"),
    }
    assert [path.name for path in workspace.root.iterdir()] == []
