from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_twin_says_who_is_worth_a_visit(run_notebook: Callable[[str], str], tmp_path: Path) -> None:
    printed = run_notebook("intervention_twin")
    assert "visits worth making" in printed
    assert (tmp_path / "intervention_twin" / "visits.png").stat().st_size > 10_000
    assert "<svg" in (tmp_path / "intervention_twin" / "visits.svg").read_text(encoding="utf-8")
