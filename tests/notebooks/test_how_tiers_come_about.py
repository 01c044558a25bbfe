from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PICTURES = ("1_contribution", "2_borders", "3_clusters", "3_largest_cluster", "4_tiers")


@pytest.mark.slow
def test_tiers_come_about_step_by_step_in_pictures(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(NOTEBOOKS / "how_tiers_come_about.py")],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg", "SEGMENT_JOBS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "What to offer" in ran.stdout
    for name in PICTURES:
        assert (tmp_path / "how_tiers_come_about" / f"{name}.png").stat().st_size > 10_000
        assert "<svg" in (tmp_path / "how_tiers_come_about" / f"{name}.svg").read_text(encoding="utf-8")
