from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
Printed = str


@pytest.fixture
def run_notebook(tmp_path: Path) -> Callable[[str], Printed]:
    """Run a notebook as a plain script in the test's folder, which must end well."""

    def run(name: str) -> Printed:
        ran = subprocess.run(
            [sys.executable, str(NOTEBOOKS / f"{name}.py")],
            cwd=tmp_path,
            env=os.environ | {"MPLBACKEND": "Agg", "SEGMENT_JOBS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run
