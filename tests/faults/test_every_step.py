"""An act that is killed before any of its steps and then repeated ends as if nothing had happened.

An audit hook and the database's events count every step that changes a file or a database. With `EVERY_STEP=1` each is
one to be killed before, so none is left to chance; else a few of each act are, evenly spaced.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.faults.acts import ACTS
from tests.faults.killing import child

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("act", ACTS)
def test_an_act_killed_before_each_step_is_ended_by_the_same_command(act: str, tmp_path: Path) -> None:
    run = child("-m", "tests.faults.every_step", act, str(tmp_path), stderr=subprocess.PIPE)
    out, err = run.communicate(timeout=1500)
    assert run.returncode == 0, err[-2000:]
    found = json.loads(out.splitlines()[-1])
    assert found["steps"] > 5
    assert found["wrong"] == []
