from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_feature_is_added_judged_and_drawn_and_nothing_is_left_of_it(
    run_notebook: Callable[[str], str], tmp_path: Path
) -> None:
    printed = run_notebook("adding_a_feature")
    assert "top_decile_capture" in printed
    assert (tmp_path / "adding_a_feature" / "difference.png").stat().st_size > 10_000
    assert "<svg" in (tmp_path / "adding_a_feature" / "difference.svg").read_text(encoding="utf-8")
