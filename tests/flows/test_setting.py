"""What a flow's parameters may hold, when it tries again, and whom it tells."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.client.schemas.objects import State
from prefect.states import exception_to_failed_state

from flows.deployments import REFRESH, RETRAIN, deployments
from flows.extract import extract_flow, extract_task
from flows.notify import notify_failure
from flows.refresh import backfill_flow, refresh_flow, refresh_task
from flows.setting import find_ledger, source_is_away, waits
from flows.train import train_flow
from segment.exceptions import GateError, LedgerError, SourceError, UsageError

FLOWS = (extract_flow, refresh_flow, backfill_flow, train_flow)
ROOT = Path(__file__).parents[2]


def test_a_password_in_a_parameter_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="SEGMENT_LEDGER") as found:
        find_ledger("postgresql://segment:s3cret@db/bank")
    assert "s3cret" not in str(found.value)


def test_the_ledger_comes_from_the_environment_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from segment.settings import Settings

    monkeypatch.setenv("SEGMENT_LEDGER", "postgresql://segment:s3cret@db/bank")
    assert find_ledger(None) == "postgresql://segment:s3cret@db/bank"
    assert "s3cret" not in repr(Settings())
    monkeypatch.delenv("SEGMENT_LEDGER")
    with pytest.raises(UsageError, match="must know its ledger"):
        find_ledger(None)


def test_only_a_source_that_is_away_is_tried_again_and_each_wait_is_twice_as_long() -> None:
    away, gate = SourceError("away"), GateError("a gate")
    assert source_is_away(None, None, _failed(away))
    assert not source_is_away(None, None, _failed(gate))
    assert not source_is_away(None, None, _failed(LedgerError("a fault")))
    for task in (extract_task, refresh_task):
        assert task.retries == len(waits(1))
        assert task.retry_condition_fn is source_is_away
    assert [later / earlier for earlier, later in zip(waits(3), waits(3)[1:], strict=False)] == [2, 2, 2]


def test_every_flow_has_a_time_limit_and_tells_of_its_failure() -> None:
    for flow in FLOWS:
        assert flow.timeout_seconds
        assert flow.on_failure_hooks == [notify_failure]
        assert flow.on_crashed_hooks == [notify_failure]


def test_a_work_pool_gets_the_same_deployments_as_are_served() -> None:
    described = {one["name"]: one for one in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]}
    served = {one.name: one for one in deployments()}
    assert set(described) == set(served)
    for name, one in served.items():
        module, function = str(one.entrypoint).rsplit(".", 1)
        assert described[name]["entrypoint"] == f"{module.replace('.', '/')}.py:{function}"
        assert described[name]["concurrency_limit"]["limit"] == one.concurrency_limit == 1
    assert [one["rrule"] for one in described["monthly"]["schedules"]] == [REFRESH]
    assert [one["rrule"] for one in described["quarterly"]["schedules"]] == [RETRAIN]
    assert described["on-demand"]["schedules"] == []
    zones = [one["timezone"] for name in ("monthly", "quarterly") for one in described[name]["schedules"]]
    assert zones == ["{{ $SEGMENT_TIMEZONE }}"] * 2


def test_a_schedule_wakes_on_each_day_in_the_time_zone_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENT_TIMEZONE", "Asia/Shanghai")
    for one in deployments()[:2]:
        [schedule] = one.schedules or []
        assert schedule.schedule.timezone == "Asia/Shanghai"
        assert "FREQ=DAILY" in schedule.schedule.rrule


def _failed(error: Exception) -> State[Any]:
    return asyncio.run(exception_to_failed_state(error))
