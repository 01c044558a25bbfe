"""A copy of the trained bank's workspace that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from segment.warehouse import Workspace
from tests.conftest import Bank


@pytest.fixture
def bank(trained_bank: Bank, tmp_path: Path) -> Bank:
    # another test may hold the original just now; reports of runs that failed on purpose are not ours
    left_out = shutil.ignore_patterns("lock.json", "*-at-*")
    shutil.copytree(trained_bank.workspace.root, tmp_path / "workspace", ignore=left_out)
    return Bank(trained_bank.ledger, Workspace(tmp_path / "workspace"), trained_bank.policy)
