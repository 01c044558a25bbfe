"""A bank in which one customer stands everywhere, before and after they were erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from segment.jobs.rights.certificate import Erasure
from segment.jobs.rights.erase import erase
from segment.workspace import Workspace
from tests.conftest import Bank
from tests.copied import copy_workspace
from tests.jobs.rights.planted import Planted, plant

REASON = "Request of 3 March, file 17."


@dataclass(frozen=True)
class Gone:
    """Before, after, and what the erasure said."""

    before: Planted
    after: Bank
    done: Erasure


def copied(bank: Bank, root: Path) -> Bank:
    """The bank with a copy of its workspace."""
    return Bank(bank.ledger, Workspace(copy_workspace(bank.workspace.root, root)), bank.policy)


@pytest.fixture(scope="module")
def planted(trained_bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    folder = tmp_path_factory.mktemp("planted")
    return plant(copied(trained_bank, folder / "workspace"), folder)


@pytest.fixture(scope="module")
def gone(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Gone:
    """Nothing of it is changed by a test."""
    after = copied(planted.bank, tmp_path_factory.mktemp("gone") / "workspace")
    return Gone(planted, after, erase(after.workspace, after.policy, planted.customer, reason=REASON))


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Bank], Bank]:
    return lambda bank: copied(bank, tmp_path / "copy")
