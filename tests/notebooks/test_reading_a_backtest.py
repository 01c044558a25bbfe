from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.slow
def test_the_backtest_is_run_and_read(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(NOTEBOOKS / "reading_a_backtest.py")],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg", "SEGMENT_JOBS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "2024-12-31 learned from" in ran.stdout
    assert "holt_winters" in ran.stdout
    plots = list((tmp_path / "reading_a_backtest" / "workspace" / "backtests").glob("*/plots/*.png"))
    assert len(plots) == 5
    assert min(path.stat().st_size for path in plots) > 10_000
