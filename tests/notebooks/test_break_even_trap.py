from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PICTURES = ("recall", "coordinates")


@pytest.mark.slow
def test_the_trap_is_sprung_and_the_way_out_shown(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(NOTEBOOKS / "break_even_trap.py")],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg", "SEGMENT_JOBS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "settings_without_break_even" in ran.stdout
    for name in PICTURES:
        assert (tmp_path / "break_even_trap" / f"{name}.png").stat().st_size > 10_000
        assert "<svg" in (tmp_path / "break_even_trap" / f"{name}.svg").read_text(encoding="utf-8")
