from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Printed = str


@pytest.fixture
def run_notebook(tmp_path: Path) -> Callable[[str], Printed]:
    """Run a notebook in the test's folder, which must end well, and keep its outputs for the site."""

    def run(name: str) -> Printed:
        ran = subprocess.run(
            [
                sys.executable,
                str(ROOT / "docs" / "gallery.py"),
                str(ROOT / "notebooks" / f"{name}.py"),
                str(ROOT / "build" / "notebooks"),
            ],
            cwd=tmp_path,
            env=os.environ | {"MPLBACKEND": "Agg", "SEGMENT_JOBS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run
