from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_backtest_is_run_and_read(run_notebook: Callable[[str], str], tmp_path: Path) -> None:
    printed = run_notebook("reading_a_backtest")
    assert "2024-12-31 learned from" in printed
    assert "holt_winters" in printed
    plots = list((tmp_path / "reading_a_backtest" / "workspace" / "backtests").glob("*/plots/*.png"))
    assert len(plots) == 5
    assert min(path.stat().st_size for path in plots) > 10_000
