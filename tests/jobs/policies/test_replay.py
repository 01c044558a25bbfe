"""Replaying and approving a policy."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import ApprovalError, HistoryError, UsageError
from segment.jobs.build.extract import extract
from segment.jobs.policies.approval import approve_policy, is_approved
from segment.jobs.policies.replay import replay
from segment.policy import Policy, load_policy
from segment.store.record_kinds import RecordKind
from segment.store.records import check_chain, read_records
from segment.tiers import TIERS
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL, Said

POLICY = load_policy(RETAIL)


def easier(multiple: float = 3.0) -> Policy:
    tiers = POLICY.tiers.model_copy(update={"high_multiple": multiple})
    return POLICY.model_copy(update={"version": "tried", "tiers": tiers})


def dearer() -> Policy:
    overhead = POLICY.costs.overhead
    more = overhead.model_copy(update={"per_account_month": overhead.per_account_month + 5.0})
    costs = POLICY.costs.model_copy(update={"overhead": more})
    return POLICY.model_copy(update={"costs": costs})


@pytest.fixture(scope="module")
def built(small_bank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("replayed")
    extract(str(small_bank), AS_OF, Workspace(root), POLICY, n_jobs=1)
    return root


@pytest.fixture
def workspace(built: Path, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(built, tmp_path / "ws")))


@pytest.mark.slow
def test_a_lower_border_raises_customers_and_lowers_nobody(workspace: Workspace) -> None:
    made = replay(easier(), POLICY, workspace, months=14, n_jobs=1)
    assert (made.months, made.months_judged) == (14, 2)
    moved = {(row.before, row.after) for row in made.migrations if row.before != row.after}
    # who falls again does so a step at a time, so those that were raised stay raised on the way down
    assert ("valuable", "high_value") in moved
    assert all(TIERS.index(after) < TIERS.index(before) for before, after in moved)
    assert all((row.lowered or 0.0) == 0.0 for row in made.groups)
    assert made.sides["after"].service_cost > made.sides["before"].service_cost


def test_the_policy_in_force_replayed_against_itself_moves_nobody(workspace: Workspace) -> None:
    made = replay(POLICY, POLICY, workspace, months=2, n_jobs=1)
    assert made.migrations
    assert all(row.before == row.after for row in made.migrations)
    assert made.sides["before"] == made.sides["after"]


def test_months_after_a_day_do_not_change_its_replay(workspace: Workspace, tmp_path: Path) -> None:
    earlier = dt.date(2025, 6, 30)
    shorter = Workspace(Path(shutil.copytree(workspace.root, tmp_path / "shorter")))
    for file in shorter.customer_months.glob("2025-*.parquet"):
        if file.stem > "2025-06":
            file.unlink()
    long, short = (
        replay(easier(), POLICY, one, months=3, as_of=earlier, n_jobs=1).to_dict() for one in (workspace, shorter)
    )
    assert long == short


def test_what_is_written_names_no_customer(workspace: Workspace) -> None:
    made = replay(easier(), POLICY, workspace, months=1, n_jobs=1)
    page = (workspace.root / made.file).with_suffix(".html").read_text()
    written = page + (workspace.root / made.file).read_text()
    names = pl.read_parquet(workspace.reference / "customers.parquet")["customer_id"]
    assert "Effect by group" in page
    assert not [name for name in names if name in written]


@pytest.mark.slow
def test_a_policy_that_counts_costs_otherwise_needs_the_ledger(workspace: Workspace, small_bank: Path) -> None:
    with pytest.raises(UsageError, match="`ledger=LEDGER`"):
        replay(dearer(), POLICY, workspace, months=1, n_jobs=1)
    made = replay(dearer(), POLICY, workspace, months=1, ledger=str(small_bank), n_jobs=1)
    assert all((row.raised or 0.0) <= (row.lowered or 0.0) for row in made.groups)
    assert not list(workspace.root.glob("replay-*"))


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("tiers", "winsor_quantile", 0.05),
        ("tiers", "winsor_least_customers", 20),
        ("main_bank", "round_amount", 50.0),
    ],
)
def test_a_figure_that_customer_months_are_made_by_needs_the_ledger_too(
    workspace: Workspace, section: str, key: str, value: float
) -> None:
    # months cut at the old quantiles were replayed as if they were cut at the new ones
    part = getattr(POLICY, section)
    changed = POLICY.model_copy(update={section: part.model_copy(update={key: value})})
    with pytest.raises(UsageError, match="other customer months"):
        replay(changed, POLICY, workspace, months=1, n_jobs=1)


def test_a_day_that_was_never_built_is_refused(workspace: Workspace) -> None:
    with pytest.raises(HistoryError, match="twelve months"):
        replay(POLICY, POLICY, workspace, as_of=dt.date(2027, 1, 31), n_jobs=1)


def test_only_exactly_the_policy_that_was_replayed_can_be_approved(workspace: Workspace) -> None:
    replay(easier(), POLICY, workspace, months=1, n_jobs=1)
    with pytest.raises(ApprovalError, match="exactly this policy"):
        approve_policy(workspace, easier(3.5), by="Ann", why="seen")
    approve_policy(workspace, easier(), by="Ann", why="seen")
    assert is_approved(read_records(workspace, RecordKind.POLICY_APPROVED), easier())
    assert not is_approved(read_records(workspace, RecordKind.POLICY_APPROVED), easier(3.5))
    assert check_chain(workspace) == 2


def test_the_owner_of_a_policy_cannot_approve_it(workspace: Workspace) -> None:
    replay(easier(), POLICY, workspace, months=1, n_jobs=1)
    with pytest.raises(ApprovalError, match="other than its owner"):
        approve_policy(workspace, easier(), by=f" {POLICY.owner.upper()} ", why="mine")
    assert not is_approved(read_records(workspace, RecordKind.POLICY_APPROVED), easier())


def test_a_replay_that_was_changed_afterwards_approves_nothing(workspace: Workspace) -> None:
    made = replay(easier(), POLICY, workspace, months=1, n_jobs=1)
    file = workspace.root / made.file
    file.write_text(json.dumps(json.loads(file.read_text()) | {"months": 24}))
    with pytest.raises(ApprovalError, match="was changed"):
        approve_policy(workspace, easier(), by="Ann", why="seen")


def test_the_commands_replay_and_approve(
    segment: Callable[..., Said], workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "changed.toml"
    changed.write_text(RETAIL.read_text().replace("high_multiple = 4.0", "high_multiple = 3.0"))
    asked = ("approve-policy", changed, "--by", "Ann", "--reason", "seen")
    assert segment(*asked, workspace=workspace.root).code == 2
    said = segment("replay", changed, "--months", 2, "--policy", RETAIL, workspace=workspace.root)
    assert (said.code, "Replayed retail" in said.out) == (0, True)
    assert "account of the operating system" in segment(*asked, workspace=workspace.root).err
    monkeypatch.setenv("SEGMENT_USER_FROM_ENVIRONMENT", "1")
    assert segment(*asked, workspace=workspace.root).code == 0
    assert read_records(workspace)[-1].by == "Ann (from environment)"
    assert [one.kind for one in read_records(workspace)] == ["policy replay", "policy approval"]
