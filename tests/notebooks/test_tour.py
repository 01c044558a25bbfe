from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_tour_runs_from_ledger_to_list_and_draws_its_pictures(
    run_notebook: Callable[[str], str], tmp_path: Path
) -> None:
    printed = run_notebook("tour")
    assert "to contact" in printed
    for picture in ("months", "missing", "contribution", "tiers"):
        assert (tmp_path / "tour" / f"{picture}.png").stat().st_size > 10_000
