"""What each refresh found makes a trend and a page; a moment that no refresh judged is judged when asked."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segment.drift.compare_snapshots import measure_drift
from segment.drift.drift_reference import build_reference
from segment.exceptions import HistoryError
from segment.files import write_json
from segment.jobs.publish.drift_summary import drift_table, find_drift
from segment.jobs.publish.drift_trend import drift_trend, newest_by_date
from segment.jobs.publish.evaluate_drift import DRIFT_FILE, DriftEvaluation
from segment.pages.drift_page import write_page
from segment.policy.drift import DriftLimits
from segment.workspace import Workspace
from tests.conftest import AS_OF, Bank, Said
from tests.copied import copy_workspace

LIMITS = DriftLimits()
FIRST, SECOND = dt.date(2025, 11, 30), dt.date(2025, 12, 31)


def _evaluated(as_of: dt.date, seed: int, shift: float = 0.0) -> DriftEvaluation:
    then, now = _moment(0), _moment(seed, shift)
    reference = build_reference(then[0], *then, ["balance"], LIMITS.least_group)
    return DriftEvaluation(as_of, "3", None, measure_drift(now[1], now[0].lazy(), reference, LIMITS))


def _moment(seed: int, shift: float = 0.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    ids = [f"customer-{number}" for number in range(600)]
    groups = rng.choice(["rural", "urban"], 600)
    snapshot = pl.DataFrame(
        {"customer_id": ids, "peer_group": groups, "branch_id": groups, "balance": rng.normal(size=600) + shift}
    )
    tiers = rng.choice(["high_value", "valuable"], 600)
    return snapshot, pl.DataFrame({"customer_id": ids, "tier": tiers, "future_value_12m": rng.normal(size=600) + shift})


def write(evaluation: DriftEvaluation, run: Path) -> None:
    write_json(evaluation.to_dict(), run / DRIFT_FILE)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    write(_evaluated(FIRST, 1), tmp_path / "runs" / "refresh-a")
    write(_evaluated(SECOND, 2, 3.0), tmp_path / "runs" / "refresh-b")
    return tmp_path / "runs"


def test_a_trend_has_every_moment_in_order_and_says_which_was_refused(runs: Path) -> None:
    trend = drift_trend(runs)
    assert trend.select("as_of", "holds").unique(maintain_order=True).rows() == [(FIRST, True), (SECOND, False)]
    moved = trend.filter((pl.col("name") == "features moved") & (pl.col("group") == ""))
    assert moved["value"].to_list() == [0.0, 1.0]
    assert set(trend["group"]) == {"", "rural", "urban"}
    assert drift_trend(runs, until=FIRST)["as_of"].unique().to_list() == [FIRST]


def test_a_moment_judged_twice_shows_its_last_run(runs: Path) -> None:
    write(_evaluated(SECOND, 3), runs / "refresh-0-later")
    later = (runs / "refresh-b" / "drift.json").stat().st_mtime + 60
    os.utime(runs / "refresh-0-later" / "drift.json", (later, later))
    assert newest_by_date(runs)[SECOND][0] == "refresh-0-later"


def test_a_moment_that_was_not_judged_is_no_point_of_a_trend(tmp_path: Path) -> None:
    write(DriftEvaluation(FIRST, "1", None, None), tmp_path / "refresh-a")
    assert drift_trend(tmp_path).is_empty()


def test_a_page_needs_nothing_else_and_names_no_customer(runs: Path, tmp_path: Path) -> None:
    drift = newest_by_date(runs)[SECOND][1]
    write_page(drift, drift_trend(runs), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 3
    assert "Beyond the limits: tiers are not published" in page
    assert f"beyond the limits: {SECOND.isoformat()}" in page
    assert "customer-" not in page
    assert "<script" not in page
    assert 'src="' not in page


def test_a_page_of_a_moment_that_was_not_judged_says_why(tmp_path: Path) -> None:
    drift = DriftEvaluation(FIRST, "1", None, None).to_dict()
    write_page(drift, drift_trend(tmp_path), tmp_path / "page.html")
    assert "<strong>Not judged.</strong> The champion was trained before" in (tmp_path / "page.html").read_text()


def test_the_summary_shows_the_bank_and_what_moved(runs: Path) -> None:
    table = drift_table(newest_by_date(runs)[SECOND][1])
    assert table.filter(pl.col("what") == "future_value_12m")["where"].to_list() == ["bank", "rural", "urban"]
    assert table.filter(pl.col("what") == "balance").row(0)[-1] is True


def test_a_moment_that_was_only_extracted_is_judged_when_asked(
    trained_bank: Bank, segment: Callable[..., Said], tmp_path: Path
) -> None:
    root = tmp_path / "workspace"
    copy_workspace(trained_bank.workspace.root, root, "runs")
    said = segment("drift", "--out", tmp_path / "page.html", workspace=root)
    assert said.code == 0, said.err
    assert "of the features moved (limit 20%)" in said.out
    assert "tier mix" in said.out
    assert f"Drift as of {AS_OF.isoformat()}" in (tmp_path / "page.html").read_text()


def test_an_unknown_moment_and_another_ending_are_refused(
    trained_bank: Bank, segment: Callable[..., Said], tmp_path: Path
) -> None:
    with pytest.raises(HistoryError, match="Found none as of 2031-01-31"):
        find_drift(dt.date(2031, 1, 31), trained_bank.workspace, trained_bank.policy, trained_bank.tracking())
    with pytest.raises(HistoryError, match=r"Found none\."):
        find_drift(None, Workspace(tmp_path), trained_bank.policy, trained_bank.tracking())
    assert segment("drift", "--out", tmp_path / "page.pdf", workspace=trained_bank.workspace.root).code == 2
