from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

PICTURES = ("recall", "coordinates")


@pytest.mark.slow
def test_the_trap_is_sprung_and_the_way_out_shown(run_notebook: Callable[[str], str], tmp_path: Path) -> None:
    printed = run_notebook("break_even_trap")
    assert "settings_without_break_even" in printed
    for name in PICTURES:
        assert (tmp_path / "break_even_trap" / f"{name}.png").stat().st_size > 10_000
        assert "<svg" in (tmp_path / "break_even_trap" / f"{name}.svg").read_text(encoding="utf-8")
