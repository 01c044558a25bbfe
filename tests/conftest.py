"""One small simulated bank, trained and refreshed once, for every test that goes the whole way."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from segment.banks.simulator import simulate_bank
from segment.cli import main
from segment.policy import Policy, load_policy
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS
from segment.tracking.registry import Tracking
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.warehouse.workspace_clock import write_as
from segment.workspace import Workspace
from tests.copied import copy_workspace

RETAIL = Path(__file__).parents[1] / "models" / "retail.toml"
AS_OF = dt.date(2025, 12, 31)

# an invariant is right or wrong; how long it takes depends on what else the machine does
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that hold long tests, so that no worker is left alone with one at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@dataclass(frozen=True)
class Bank:
    """A simulated bank and the workspace that was built from it."""

    ledger: Path
    workspace: Workspace
    policy: Policy

    def tracking(self) -> Tracking:
        return Tracking(self.workspace.root)

    def snapshot_source(self) -> SnapshotSource:
        return SnapshotSource.read(self.workspace)


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that every worker of a test run sees."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def small_bank(shared_folder: Path) -> Path:
    def build(out: Path) -> None:
        simulate_bank(out, customers=700, months=28, seed=5)

    return _built_once(shared_folder / "bank", build) / "ledger"


@pytest.fixture(scope="session")
def trained_bank(small_bank: Path, shared_folder: Path) -> Bank:
    """Trained and refreshed as of the last month; tests read it and change nothing."""
    from segment.jobs.learn.train import train
    from segment.jobs.publish.refresh import refresh

    policy = load_policy(RETAIL)

    def build(root: Path) -> None:
        bank = Bank(small_bank, Workspace(root), policy)
        train(str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
        refresh(str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)

    return Bank(small_bank, Workspace(_built_once(shared_folder / "workspace", build)), policy)


@pytest.fixture
def bank(trained_bank: Bank, tmp_path: Path) -> Bank:
    """A copy of the trained bank's workspace that a test may change."""
    return _copied(trained_bank, tmp_path)


@pytest.fixture
def challenged(bank: Bank) -> Tracking:
    """The champion's model registered once more, as challenger."""
    import polars as pl

    from segment.tracking.scoring_model import ModelInterface

    tracking = bank.tracking()
    model, version = tracking.load()
    reads = ModelInterface.of(pl.DataFrame({name: [0.0] for name in model.features_}))
    tracking.register(model, reads, "train again", {}, tracking.metrics(version), {}, version.tags)
    return tracking


@pytest.fixture(scope="module")
def module_bank(trained_bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A copy that the tests of a module share and may add lists to."""
    return _copied(trained_bank, tmp_path_factory.mktemp("module_bank"))


def _copied(bank: Bank, folder: Path) -> Bank:
    assert read_rows(bank.workspace, LIST_ROWS).is_empty(), "a test made a list in the bank that all tests share"
    return Bank(bank.ledger, Workspace(copy_workspace(bank.workspace.root, folder / "workspace")), bank.policy)


def _built_once(folder: Path, build: Callable[[Path], None]) -> Path:
    """Build in whichever worker comes first; the others wait."""
    done = folder.with_suffix(".done")
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            build(folder)
            done.touch()
    return folder


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.date], None]:
    """Every workspace with a real ledger is on the day of the small bank's trial clock; a test may set another."""

    def set_clock(day: dt.date) -> None:
        monkeypatch.setattr("segment.warehouse.workspace_clock.today", lambda: day)

    set_clock(AS_OF)
    write_as(None)
    return set_clock


@pytest.fixture
def segment(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run the command line in this process."""

    def run(*arguments: object, workspace: Path | None = None) -> Said:
        if workspace is not None:
            monkeypatch.setenv("SEGMENT_WORKSPACE", str(workspace))
        monkeypatch.setenv("SEGMENT_JOBS", "1")
        monkeypatch.setattr("sys.argv", ["segment", *(str(argument) for argument in arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run
