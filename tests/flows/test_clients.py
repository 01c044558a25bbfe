"""The commands by which people look at a Prefect server answer, in the set of packages that is pinned."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows.deployments import REFRESH
from tests.flows.server import ask, prefect_server

ROOT = Path(__file__).parents[2]
ZONE = "Asia/Shanghai"
COMMANDS = (
    ("work-pool", "create", "segment", "--type", "process"),
    ("deploy", "--all"),
    ("deployment", "ls"),
    ("flow-run", "ls"),
    ("work-pool", "ls"),
)


@pytest.mark.slow
def test_a_project_is_deployed_to_a_work_pool_in_the_banks_time_zone_and_its_lists_are_shown(tmp_path: Path) -> None:
    with prefect_server(tmp_path) as environment:
        environment |= {"SEGMENT_HOME": str(ROOT), "SEGMENT_TIMEZONE": ZONE, "COLUMNS": "200"}
        said = {}
        for arguments in COMMANDS:
            command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
            ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
            assert ended.returncode == 0, f"{arguments}: {ended.stdout}{ended.stderr}"
            said[arguments[:2]] = ended.stdout
        deployed = {found["name"]: found for found in ask(environment, "/deployments/filter", {})}
    for name in ("refresh/monthly", "train/quarterly", "backfill/on-demand"):
        assert name in said["deployment", "ls"]
    assert "segment" in said["work-pool", "ls"]
    [schedule] = deployed["monthly"]["schedules"]
    assert schedule["schedule"]["rrule"].endswith(REFRESH)
    assert schedule["schedule"]["timezone"] == ZONE
    assert all(found["tags"] == ["segment"] and found["parameters"] == {} for found in deployed.values())
