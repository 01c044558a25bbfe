"""A refresh that is due happens by itself, and the server shows what it did."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from segment.banks.simulator import simulate_bank
from segment.jobs.learn.train import train
from segment.jobs.lists.draft_lists import list_drafts
from segment.jobs.schedule.due import refresh_due
from segment.policy import load_policy
from segment.tracking.registry import Tracking
from segment.warehouse.published_tiers import published_tiers
from segment.working_days import WorkingDays
from segment.workspace import Workspace
from tests.conftest import RETAIL
from tests.flows.server import ask, ended_runs, prefect_server, process, until

SHOWN = (
    "tier-table", "migration-matrix", "reconciliation", "drift", "shadow", "timings", "summary", "run-page",
    "draft-lists",
)  # fmt: skip


def lines_with(mark: str, environment: Mapping[str, str]) -> str | None:
    said = "\n".join(line["message"] for line in ask(environment, "/logs/filter", {}))
    return said if mark in said else None


@pytest.mark.slow
def test_a_refresh_that_is_due_happens_by_itself_and_the_server_shows_what_it_did(tmp_path: Path) -> None:
    due = refresh_due(dt.datetime.now(dt.UTC).date(), WorkingDays())
    simulate_bank(tmp_path / "bank", customers=500, months=28, seed=5, end=due)
    ledger, workspace = tmp_path / "bank" / "ledger", Workspace(tmp_path / "workspace")
    train(str(ledger), due, workspace, load_policy(RETAIL), Tracking(workspace.root), n_jobs=1)

    with prefect_server(tmp_path) as environment:
        environment |= {
            "SEGMENT_LEDGER": str(ledger),
            "SEGMENT_WORKSPACE": str(workspace.root),
            "SEGMENT_POLICY": str(RETAIL),
            "SEGMENT_REFRESH_SCHEDULE": "FREQ=SECONDLY;INTERVAL=20",
        }
        command = [str(Path(sys.executable).parent / "segment"), "schedule"]
        with process(command, environment, tmp_path / "schedule.log"):
            runs = until(lambda: ended_runs(environment), "a scheduled run ends")
            # a run sends its log in parts, the last of them when it has ended
            said = until(lambda: lines_with("--list-id", environment), "the log tells of the draft list")
        shown = {found["key"]: found for found in ask(environment, "/artifacts/latest/filter", {})}
        deployments = {found["name"]: found for found in ask(environment, "/deployments/filter", {})}

    assert runs[0]["state"]["type"] == "COMPLETED", (tmp_path / "schedule.log").read_text()[-2000:]
    assert runs[0]["auto_scheduled"]
    assert runs[0]["name"] == f"refresh {due}"
    assert {"segment", "refresh", f"as of {due}"} <= set(runs[0]["tags"])
    assert f"To be refreshed: {due}." in said
    assert f"customers as of {due} with model" in said
    assert published_tiers(workspace, due).height > 0
    drafts = list_drafts(workspace)
    assert set(drafts["as_of"]) == {due}
    assert drafts["released_on"].null_count() == drafts.height > 0
    assert f"segment upgrade-list --list-id {drafts['list_id'][0]}" in said
    assert {name: set(found["tags"]) for name, found in deployments.items()} == dict.fromkeys(deployments, {"segment"})
    assert set(deployments) == {"monthly", "quarterly", "on-demand"}
    assert all(found["concurrency_options"]["collision_strategy"] == "ENQUEUE" for found in deployments.values())
    assert all(found["parameters"] == {} for found in deployments.values())
    assert set(SHOWN) <= set(shown)
    assert [key for key, found in shown.items() if "```" in str(found["data"])] == []
    assert "run.html" in shown["run-page"]["data"]
    assert f"customers as of {due}" in shown["summary"]["data"]
    assert "of the features moved" in shown["drift"]["data"]
    assert "| bank | future_value_12m |" in shown["drift"]["data"]
    assert all(f'"{step}"' in shown["timings"]["data"] for step in ("extract", "score", "gates", "prove", "publish"))
    table = json.loads(shown["tier-table"]["data"])
    bank = [row["customers"] for row in table if row["branch_id"] == "(bank)"]
    assert sum(count for count in bank if count is not None) <= published_tiers(workspace, due).height
    customers = set(published_tiers(workspace, due)["customer_id"])
    everything = json.dumps(shown) + said
    assert not [customer for customer in customers if customer in everything]
