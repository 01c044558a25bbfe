from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.slow
def test_the_tour_runs_from_ledger_to_list_and_draws_its_pictures(tmp_path: Path) -> None:
    environment = os.environ | {"MPLBACKEND": "Agg", "SEGMENT_JOBS": "1"}
    ran = subprocess.run(
        [sys.executable, str(NOTEBOOKS / "tour.py")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "to contact" in ran.stdout
    for picture in ("months", "missing", "contribution", "tiers"):
        assert (tmp_path / "tour" / f"{picture}.png").stat().st_size > 10_000
