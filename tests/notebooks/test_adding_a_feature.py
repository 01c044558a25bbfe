from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.slow
def test_a_feature_is_added_judged_and_drawn_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(NOTEBOOKS / "adding_a_feature.py")],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg", "SEGMENT_JOBS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "top_decile_capture" in ran.stdout
    assert (tmp_path / "adding_a_feature" / "difference.png").stat().st_size > 10_000
    assert "<svg" in (tmp_path / "adding_a_feature" / "difference.svg").read_text(encoding="utf-8")
