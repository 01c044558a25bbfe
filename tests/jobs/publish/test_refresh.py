"""A refresh publishes once, all of it or nothing, and says why it did not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segment.exceptions import ApprovalError, GateError, ModelError
from segment.jobs.publish.acceptance import Acceptance
from segment.jobs.publish.refresh import refresh
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.warehouse.tiers_table import published_runs, published_version, read_tiers
from tests.conftest import AS_OF, RETAIL, Bank, Said

BEFORE = dt.date(2025, 11, 30)


def with_gates(policy: Policy, **limits: Any) -> Policy:
    return policy.model_copy(update={"gates": policy.gates.model_copy(update=limits)})


def report(bank: Bank, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bank.workspace.runs / run_id / "run.json").read_text())
    return found


def files(root: Path) -> dict[str, int]:
    return {str(one.relative_to(root)): one.stat().st_mtime_ns for one in root.rglob("*") if one.is_file()}


@pytest.mark.slow
def test_the_same_refresh_twice_writes_nothing(bank: Bank) -> None:
    refresh(str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    before = files(bank.workspace.root)
    again = refresh(str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    after = files(bank.workspace.root)
    assert again.published_before
    assert {name for name in after if after[name] != before.get(name)} <= {"mlflow.db"}
    assert published_runs(bank.workspace.tiers) == {AS_OF: again.run_id}


def test_a_limit_of_a_gate_needs_no_new_model_and_is_another_run(bank: Bank) -> None:
    first = published_runs(bank.workspace.tiers)[AS_OF]
    other = refresh(None, AS_OF, bank.workspace, with_gates(bank.policy, least_diagonal=0.8), bank.tracking())
    assert other.run_id != first
    assert published_runs(bank.workspace.tiers) == {AS_OF: other.run_id}


@pytest.mark.slow
def test_the_next_month_goes_on_from_the_last_tiers(bank: Bank) -> None:
    refresh(str(bank.ledger), BEFORE, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    refresh(str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    then = read_tiers(bank.workspace.tiers, BEFORE).select("customer_id", was="tier")
    now = read_tiers(bank.workspace.tiers, AS_OF).join(then, on="customer_id", how="left")
    assert now["previous_tier"].equals(now["was"].alias("previous_tier"))
    kept = now.filter(now["was"].is_not_null())
    assert (kept["tier"] == kept["was"]).mean() >= bank.policy.gates.least_diagonal


def test_a_gate_that_fails_leaves_the_last_tiers_and_says_why(bank: Bank) -> None:
    strict = with_gates(bank.policy, tier_shares=bank.policy.gates.tier_shares.model_copy(update={"valuable": (0, 0)}))
    before, version = read_tiers(bank.workspace.tiers, AS_OF), published_version(bank.workspace.tiers)
    with pytest.raises(GateError, match=r"1 of 7 failed:\n- tier_shares: valuable holds .* outside 0.0% to 0.0%"):
        refresh(None, AS_OF, bank.workspace, strict, bank.tracking())
    assert published_version(bank.workspace.tiers) == version
    assert read_tiers(bank.workspace.tiers, AS_OF).equals(before)
    told = [json.loads(one.read_text()) for one in bank.workspace.runs.glob("*/run.json")]
    (refused,) = [one for one in told if one["status"] == "refused"]
    assert [one["name"] for one in refused["gates"] if not one["holds"]] == ["tier_shares"]


def test_a_gate_let_pass_is_on_record_with_who_and_why(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segment.settings.login_name", lambda: "A. Keeper")
    strict = with_gates(bank.policy, tier_shares=bank.policy.gates.tier_shares.model_copy(update={"valuable": (0, 0)}))
    done = refresh(
        None, AS_OF, bank.workspace, strict, bank.tracking(), accept=Acceptance(("tier_shares",), "A merger in June.")
    )
    assert done.accepted == {"tier_shares": "A. Keeper"}
    (record,) = read_records(bank.workspace, RecordKind.GATE_ACCEPTED)
    assert (record.by, record.why, record.content["run_id"]) == ("A. Keeper", "A merger in June.", done.run_id)
    assert published_runs(bank.workspace.tiers)[AS_OF] == done.run_id


def test_a_gate_that_holds_is_not_recorded_as_let_pass(bank: Bank) -> None:
    other = with_gates(bank.policy, least_diagonal=0.5)
    refresh(None, AS_OF, bank.workspace, other, bank.tracking(), accept=Acceptance(("drift",), "To be safe."))
    assert read_records(bank.workspace, RecordKind.GATE_ACCEPTED) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--accept", "weather", "--reason", "It rained."), "must be one of the gates. Got weather"),
        (("--accept", "drift"), "accepted with a reason"),
        (("--reason", "For nothing."), "accepted with a reason"),
    ],
)
def test_an_acceptance_that_makes_no_sense_is_refused_before_anything_is_read(
    segment: Callable[..., Said], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = segment("refresh", "nowhere", "--as-of", AS_OF, *arguments, workspace=tmp_path)
    assert ended.code == 2
    assert said in ended.err


def test_a_run_killed_after_its_commit_is_finished_by_the_next(bank: Bank) -> None:
    done = published_runs(bank.workspace.tiers)[AS_OF]
    (bank.workspace.runs / done / "run.json").unlink()
    version = published_version(bank.workspace.tiers)
    again = refresh(None, AS_OF, bank.workspace, bank.policy, bank.tracking())
    assert (again.run_id, again.published_before) == (done, False)
    assert published_version(bank.workspace.tiers) == version
    assert report(bank, done)["status"] == "published"


def test_a_policy_that_asks_for_approval_is_not_used_without(bank: Bank) -> None:
    strict = with_gates(bank.policy, require_approved_policy=True)
    with pytest.raises(ApprovalError, match="must be approved"):
        refresh(None, AS_OF, bank.workspace, strict, bank.tracking())


def test_a_champion_of_another_policy_is_not_used(bank: Bank) -> None:
    tiers = bank.policy.tiers.model_copy(update={"high_multiple": 6.0})
    with pytest.raises(ModelError, match="Different: policy"):
        refresh(None, AS_OF, bank.workspace, bank.policy.model_copy(update={"tiers": tiers}), bank.tracking())


def test_a_ledger_that_is_not_there_leaves_a_report_of_the_failed_run(
    bank: Bank, segment: Callable[..., Said], tmp_path: Path
) -> None:
    ended = segment("refresh", tmp_path / "gone", "--as-of", AS_OF, workspace=bank.workspace.root)
    assert ended.code == 2
    told = [json.loads(one.read_text()) for one in bank.workspace.runs.glob("*/run.json")]
    assert [one["status"] for one in told].count("failed") == 1
    assert RETAIL.is_file()


def test_the_report_has_inputs_gates_migration_and_timings(bank: Bank) -> None:
    found = report(bank, published_runs(bank.workspace.tiers)[AS_OF])
    assert set(found["timings"]) >= {"extract", "load", "score", "gates", "publish"}
    assert {one["name"] for one in found["gates"]} >= {"contract", "quarantine", "reconciliation", "drift"}
    assert found["inputs"]["policy"] == bank.policy.hash
    assert found["inputs"]["tables"].keys() >= {"customers", "accounts", "transactions"}
