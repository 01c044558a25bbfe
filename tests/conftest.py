"""One small simulated bank, trained and refreshed once, for every test that goes the whole way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from segment.cli import main
from segment.ledger.simulator import simulate_bank
from segment.policy import Policy, load_policy
from segment.tracking import Tracking
from segment.warehouse import Workspace

RETAIL = Path(__file__).parents[1] / "models" / "retail.toml"
AS_OF = dt.date(2025, 12, 31)


@dataclass(frozen=True)
class Bank:
    """A simulated bank and the workspace that was built from it."""

    ledger: Path
    workspace: Workspace
    policy: Policy

    def tracking(self) -> Tracking:
        return Tracking(self.workspace.root)


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def small_bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bank")
    simulate_bank(out, customers=700, months=28, seed=5)
    return out / "ledger"


@pytest.fixture(scope="session")
def trained_bank(small_bank: Path, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """Trained and refreshed as of the last month; tests read it and change nothing."""
    from segment.jobs.refresh import refresh
    from segment.jobs.train import train

    bank = Bank(small_bank, Workspace(tmp_path_factory.mktemp("workspace")), load_policy(RETAIL))
    train(str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    refresh(str(bank.ledger), AS_OF, bank.workspace, bank.policy, bank.tracking(), n_jobs=1)
    return bank


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
