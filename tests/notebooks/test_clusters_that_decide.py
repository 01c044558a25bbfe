from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_circle_and_the_way_out_are_shown(run_notebook: Callable[[str], str], tmp_path: Path) -> None:
    printed = run_notebook("clusters_that_decide")
    for way in ("clusters", "odds", "own_figures", "borders"):
        assert f"tiers by {way}" in printed
    folder = tmp_path / "clusters_that_decide"
    assert (folder / "ways.png").stat().st_size > 10_000
    assert "<svg" in (folder / "ways.svg").read_text(encoding="utf-8")
