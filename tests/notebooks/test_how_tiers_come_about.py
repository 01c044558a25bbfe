from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

PICTURES = ("1_contribution", "2_borders", "3_clusters", "3_largest_cluster", "4_tiers")


@pytest.mark.slow
def test_tiers_come_about_step_by_step_in_pictures(run_notebook: Callable[[str], str], tmp_path: Path) -> None:
    printed = run_notebook("how_tiers_come_about")
    assert "What to offer" in printed
    for name in PICTURES:
        assert (tmp_path / "how_tiers_come_about" / f"{name}.png").stat().st_size > 10_000
        assert "<svg" in (tmp_path / "how_tiers_come_about" / f"{name}.svg").read_text(encoding="utf-8")
