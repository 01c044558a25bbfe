"""The command hands over to the flows, and a refresh by hand needs no Prefect."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.cli import schedule_commands as schedule
from segment.exceptions import InstallationError
from segment.warehouse.published_tiers import published_tiers
from segment.workspace import Workspace
from tests.conftest import AS_OF, Bank, Said
from tests.copied import copy_workspace


def test_the_command_gives_its_place_to_the_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setattr(os, "execve", lambda *given: called.append(given))
    schedule.schedule(Path("there"))
    [(program, arguments, environment)] = called
    assert program == sys.executable
    assert arguments[1:] == ["-m", "flows.deployments"]
    home, rest = environment["PYTHONPATH"].split(os.pathsep)
    assert (Path(home) / "flows" / "deployments.py").is_file()
    assert rest == "elsewhere"
    assert environment["SEGMENT_WORKSPACE"] == str(Path.cwd() / "there")


def test_an_installed_package_finds_its_flows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(schedule, "__file__", str(tmp_path / "lib" / "site-packages" / "segment" / "cli" / "x.py"))
    monkeypatch.setattr(schedule.sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(InstallationError, match="Hint: install"):
        schedule.flows_home()
    flows = tmp_path / "share" / "segment" / "flows"
    flows.mkdir(parents=True)
    (flows / "deployments.py").touch()
    assert schedule.flows_home() == flows.parent


@pytest.mark.slow
def test_a_schedule_without_a_server_says_what_is_missing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    environment |= {"PREFECT_HOME": str(tmp_path)}
    command = [sys.executable, "-c", "from segment.cli import main; main()", "schedule"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "PREFECT_API_URL" in said.stderr


@pytest.mark.slow
def test_a_refresh_publishes_where_the_prefect_server_is_away(
    trained_bank: Bank, segment: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_workspace(trained_bank.workspace.root, tmp_path / "workspace")
    shutil.rmtree(tmp_path / "workspace" / "tiers")
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    said = segment("refresh", trained_bank.ledger, "--as-of", AS_OF, workspace=tmp_path / "workspace")
    assert said.code == 0, said.err
    assert published_tiers(Workspace(tmp_path / "workspace"), AS_OF).height > 0
