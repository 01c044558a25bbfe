"""A workspace is a real one or one to try things on, for good; the second has a clock of its own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from segment.exceptions import WorkspaceError
from segment.warehouse.workspace_clock import WorkspaceClock, admit_ledger, workspace_clock
from segment.workspace import Workspace
from tests.conftest import AS_OF

DAY = dt.date(2024, 2, 29)


def test_a_real_workspace_goes_by_the_clock_and_a_trial_one_by_its_own(tmp_path: Path) -> None:
    real, trial = Workspace(tmp_path / "real"), Workspace(tmp_path / "trial")
    admit_ledger(real, None)
    admit_ledger(trial, DAY)
    assert workspace_clock(real) == WorkspaceClock(AS_OF, is_trial=False)
    assert workspace_clock(trial) == WorkspaceClock(DAY, is_trial=True)
    assert workspace_clock(Workspace(tmp_path / "new")) == WorkspaceClock(AS_OF, is_trial=False)


def test_the_clock_of_a_trial_workspace_moves_forward_only(tmp_path: Path) -> None:
    trial = Workspace(tmp_path)
    for given, then in ((DAY, DAY), (DAY + dt.timedelta(days=9), DAY + dt.timedelta(days=9)), (DAY, None)):
        admit_ledger(trial, given)
        assert workspace_clock(trial).today == (then or DAY + dt.timedelta(days=9))


@pytest.mark.parametrize(("first", "second"), [(None, DAY), (DAY, None)])
def test_neither_kind_becomes_the_other(tmp_path: Path, first: dt.date | None, second: dt.date | None) -> None:
    workspace = Workspace(tmp_path)
    admit_ledger(workspace, first)
    before = workspace.ledger_kind.read_bytes()
    with pytest.raises(WorkspaceError, match="never both"):
        admit_ledger(workspace, second)
    assert workspace.ledger_kind.read_bytes() == before


@pytest.mark.parametrize("folder", ["reference", "quarantine", "customer_months", "tiers"])
def test_a_workspace_of_an_earlier_version_and_one_whose_note_is_lost_count_as_real(
    tmp_path: Path, folder: str
) -> None:
    workspace = Workspace(tmp_path)
    (tmp_path / folder).mkdir()
    assert not workspace_clock(workspace).is_trial
    with pytest.raises(WorkspaceError, match="has held a real ledger"):
        admit_ledger(workspace, DAY)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"ledger": "trial"}', '{"ledger": "trial", "day": "soon"}', '"real"']
)
def test_a_note_that_says_neither_stops(tmp_path: Path, text: str) -> None:
    workspace = Workspace(tmp_path)
    workspace.ledger_kind.write_text(text)
    with pytest.raises(WorkspaceError, match="must say `real`"):
        workspace_clock(workspace)
