"""Published tiers are taken back by a named person, and do not come again by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import NotPublishedError
from segment.jobs.publish.publication_gates import rolled_back
from segment.jobs.publish.rollback import roll_back_tiers, withdrawn_runs
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.warehouse.tiers_table import publish_tiers, published_runs, read_tiers
from segment.workspace import Workspace
from tests.conftest import Said
from tests.warehouse.test_tiers_table import JULY, JUNE, tiers


@pytest.fixture
def published(tmp_path: Path) -> Workspace:
    """June by two runs, then July."""
    workspace = Workspace(tmp_path)
    publish_tiers(tiers(JUNE, run_id="r1"), workspace.tiers)
    publish_tiers(tiers(JUNE, "loss_making", run_id="r2"), workspace.tiers)
    publish_tiers(tiers(JULY, run_id="r3"), workspace.tiers)
    return workspace


def test_the_tiers_before_the_last_run_come_back(published: Workspace) -> None:
    back = roll_back_tiers(published, "July's salaries were missing.")
    assert back.withdrawn == ("r3",)
    assert published_runs(published.tiers) == {JUNE: "r2"}
    again = roll_back_tiers(published, "So were June's.")
    assert again.withdrawn == ("r2",)
    assert published_runs(published.tiers) == {JUNE: "r1"}
    with pytest.raises(NotPublishedError, match="None of the 4 before this one lacks the last run"):
        roll_back_tiers(published, "And all others.")


def test_a_version_is_brought_back_whole(published: Workspace) -> None:
    back = roll_back_tiers(published, "Wrong rates.", version=0)
    assert back.withdrawn == ("r2", "r3")
    assert read_tiers(published.tiers, JUNE)["tier"].to_list() == ["break_even", "valuable"]


def test_what_was_taken_back_fails_a_gate_that_says_who_and_why(
    published: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segment.settings.login_name", lambda: "A. Keeper")
    assert rolled_back(withdrawn_runs(read_records(published, RecordKind.TIERS_ROLLED_BACK)).get("r3")).holds
    roll_back_tiers(published, "July's salaries were missing.")
    assert set(withdrawn_runs(read_records(published, RecordKind.TIERS_ROLLED_BACK))) == {"r3"}
    gate = rolled_back(withdrawn_runs(read_records(published, RecordKind.TIERS_ROLLED_BACK))["r3"])
    assert not gate.holds
    assert gate.message.endswith("taken back by A. Keeper: July's salaries were missing.")


def test_readers_of_a_version_still_see_what_was_taken_back(published: Workspace) -> None:
    roll_back_tiers(published, "July's salaries were missing.")
    assert read_tiers(published.tiers, JULY, version=2)["run_id"].unique().to_list() == ["r3"]


@pytest.mark.parametrize("version", [2, 7])
def test_a_version_that_is_the_present_one_or_none_is_refused(published: Workspace, version: int) -> None:
    with pytest.raises(NotPublishedError, match="must differ|must be one of"):
        roll_back_tiers(published, "Why not.", version=version)
    assert withdrawn_runs(read_records(published, RecordKind.TIERS_ROLLED_BACK)) == {}


def test_the_command_needs_a_reason_and_shows_a_version(published: Workspace, segment: Callable[..., Said]) -> None:
    refused = segment("rollback", "--tiers", workspace=published.root)
    assert refused.code == 2
    assert "taken back with a reason" in refused.err
    done = segment("rollback", "--tiers", "--reason", "Wrong rates.", "--json", workspace=published.root)
    assert done.code == 0
    gone = segment("tiers", "--as-of", JULY, workspace=published.root)
    assert "Published: 2025-06-30" in gone.err
    out = published.root / "then.csv"
    then = segment("tiers", "--as-of", JULY, "--version", "2", "--out", out, workspace=published.root)
    assert then.code == 0
    assert pl.read_csv(out).height == 2


def test_nothing_published_is_nothing_to_take_back(tmp_path: Path) -> None:
    with pytest.raises(NotPublishedError, match="None are"):
        roll_back_tiers(Workspace(tmp_path), "Why not.")


def test_the_same_command_again_takes_no_second_month_back(published: Workspace) -> None:
    first = roll_back_tiers(published, "July's salaries were missing.")
    again = roll_back_tiers(published, "July's salaries were missing.")
    assert (again.version, again.withdrawn, again.again) == (first.version, ("r3",), True)
    assert published_runs(published.tiers) == {JUNE: "r2"}
    assert len(read_records(published, RecordKind.TIERS_ROLLED_BACK)) == 1


def test_a_rollback_cut_off_before_its_commit_is_ended_by_the_same_command(
    published: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("segment.jobs.publish.rollback.restore_tiers", killed)
        with pytest.raises(KeyboardInterrupt):
            roll_back_tiers(published, "July's salaries were missing.")
    done = roll_back_tiers(published, "July's salaries were missing.")
    assert (done.withdrawn, done.again) == (("r3",), False)
    assert published_runs(published.tiers) == {JUNE: "r2"}
    assert len(read_records(published, RecordKind.TIERS_ROLLED_BACK)) == 1


def test_after_another_publication_the_same_reason_is_another_act(published: Workspace) -> None:
    roll_back_tiers(published, "Wrong rates.")
    publish_tiers(tiers(JULY, run_id="r4"), published.tiers)
    assert roll_back_tiers(published, "Wrong rates.").withdrawn == ("r4",)
