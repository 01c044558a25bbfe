from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.policy import Policy
from segment.workspace import Workspace
from tests.jobs.reviews.small_bank import ON, bank, retail

As = Callable[[str], None]
SetClock = Callable[[dt.date], None]


@pytest.fixture(scope="session")
def policy() -> Policy:
    return retail()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return bank(tmp_path_factory.mktemp("reviewed"))


@pytest.fixture
def workspace(built: Workspace, tmp_path: Path) -> Workspace:
    """A copy that a test may change."""
    shutil.copytree(built.root, tmp_path / "w")
    return Workspace(tmp_path / "w")


@pytest.fixture(autouse=True)
def _on_the_day(clock: SetClock) -> None:
    clock(ON)


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> As:
    """Say who is at the keyboard."""

    def become(name: str) -> None:
        monkeypatch.setattr("segment.settings.login_name", lambda: name)

    become("ann")
    return become
