from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.policy import Policy
from segment.warehouse import Workspace
from tests.jobs.reviews.small_bank import bank, retail

As = Callable[[str], None]


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


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> As:
    """Say who is at the keyboard."""

    def become(name: str) -> None:
        monkeypatch.setenv("SEGMENT_USER", name)

    become("ann")
    return become
