"""A backtest of a small bank: nothing later changes what is said of a moment, and what it leaves is whole."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segment.dates import month_end, next_month
from segment.evaluation.backtest_windows import Window
from segment.evaluation.rival_forecasts import ScoredWindow, score_window
from segment.features import snapshot, target_name
from segment.jobs.backtest.backtest import backtest
from segment.jobs.backtest.backtest_history import build_months, read_contributions, read_ledger
from segment.jobs.backtest.backtest_result import BacktestResult
from segment.policy import ModelSpec, Policy, load_policy
from segment.progress import no_progress
from segment.store.tombstones import Erased
from segment.tracking.registry import Tracking
from segment.workspace import Workspace
from tests.conftest import RETAIL, Said

FIRST, LAST = dt.date(2025, 3, 31), dt.date(2025, 6, 30)
HORIZON = 6
QUICK = ModelSpec(
    name="quick",
    train={"horizon_months": HORIZON, "moments": 2},
    clustering={"clusters": [6], "behaviour_weight": [0.1], "guard_margin": [0.25], "bootstraps": 2, "sample": 400},
    future_value={"max_iter": 40},
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(RETAIL)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("backtest"))


@pytest.fixture(scope="module")
def done(small_bank: Path, workspace: Workspace, policy: Policy) -> BacktestResult:
    tracking = Tracking(workspace.root)
    return backtest(
        str(small_bank), FIRST, LAST, workspace, policy, tracking, spec=QUICK, bootstraps=60, n_jobs=1
    )  # fmt: skip


def _until(ledger: Path, day: dt.date, out: Path) -> Path:
    """Copy a ledger as it was on a day: nothing dated later."""
    out.mkdir()
    tables = {path.stem: pl.read_parquet(path) for path in ledger.glob("*.parquet")}
    begins = {
        "transactions": "booked_on", "service_events": "occurred_on", "main_bank_labels": "observed_on",
        "contact_rules": "starts_on", "balances": "month", "customers": "joined_on", "accounts": "opened_on",
    }  # fmt: skip
    for name, column in begins.items():
        tables[name] = tables[name].filter(pl.col(column) <= day)
    for name, column in (("customers", "left_on"), ("accounts", "closed_on"), ("contact_rules", "ends_on")):
        known = pl.when(pl.col(column) <= day).then(pl.col(column))
        tables[name] = tables[name].with_columns(known.alias(column))
    for key, parent in (("account_id", "accounts"), ("customer_id", "customers")):
        tables["holdings"] = tables["holdings"].join(tables[parent].select(key), on=key, how="semi")
    for name, table in tables.items():
        table.write_parquet(out / f"{name}.parquet")
    return out


def _score(location: Path, until: dt.date, workspace: Workspace, policy: Policy) -> tuple[ScoredWindow, pl.DataFrame]:
    ledger, reach = read_ledger(str(location), policy, until)
    folder = workspace.customer_months
    months = build_months(ledger, reach, policy, folder, Erased.of(workspace), no_progress)
    window = Window(LAST, (dt.date(2024, 9, 30), dt.date(2024, 12, 31)), is_last=True)
    days = [*window.moments, window.as_of]
    snapshots = snapshot(ledger.tables, folder, policy, days, known_until=reach, horizon_months=HORIZON)
    contributions = read_contributions(folder, policy, months, 700)
    return score_window(window, snapshots, contributions, ledger.tables, policy, QUICK), snapshots[LAST]


def test_nothing_after_a_moment_changes_what_any_forecast_says_of_it(
    small_bank: Path, tmp_path: Path, policy: Policy
) -> None:
    until = month_end(next_month(LAST, HORIZON))
    whole, now = _score(small_bank, until, Workspace(tmp_path / "whole"), policy)
    past, then = _score(_until(small_bank, LAST, tmp_path / "past"), LAST, Workspace(tmp_path / "cut"), policy)
    assert target_name(HORIZON) in now.columns
    assert target_name(HORIZON) not in then.columns
    assert now["customer_id"].equals(then["customer_id"])
    assert [one.name for one in whole.forecasts] == [one.name for one in past.forecasts]
    for known, cut in zip(whole.forecasts, past.forecasts, strict=True):
        assert known.tiers.equals(cut.tiers), known.name
        for figures, others in ((known.mean, cut.mean), (known.quantiles, cut.quantiles)):
            assert (figures is None) == (others is None)
            if figures is not None:
                assert np.array_equal(figures, others), known.name  # type: ignore[arg-type]
    assert np.array_equal(whole.elsewhere, past.elsewhere)


def test_every_forecast_is_judged_in_every_window(done: BacktestResult) -> None:
    overall = done.table.filter((pl.col("group") == "all") & (pl.col("metric") == "tier_cost"))
    models = overall.group_by("window").agg(pl.col("model")).sort("window")
    ways = {"model_by_clusters", "model_at_least_cost", "model_by_own_figures", "model_by_borders"}
    expected = ways | {"model", "persistence", "last_3_months", "branch_mean", "holt_winters", "ridge"}
    assert models["window"].to_list() == [FIRST, LAST]
    assert all(expected | {"plain_boosting"} == set(names) for names in models["model"])
    assert set(done.table["group"]) == {"all", "branch_size", "tenure", "tier"}
    assert done.table.filter("is_last")["window"].unique().to_list() == [LAST]


def test_each_window_learned_only_from_outcomes_that_had_ended(done: BacktestResult) -> None:
    for window in done.windows:
        moments = [dt.date.fromisoformat(moment) for moment in window.moments]
        ended = [month_end(next_month(moment, HORIZON)) for moment in moments]
        assert moments
        assert max(ended) <= dt.date.fromisoformat(window.as_of)


def test_the_folder_is_whole_and_no_half_of_one_is_left(done: BacktestResult) -> None:
    assert {path.name for path in done.folder.iterdir()} == {
        "backtest.json", "plots", "report.md", "table.csv", "table.parquet"
    }  # fmt: skip
    assert [path.name for path in done.folder.parent.iterdir()] == [done.folder.name]
    assert len(list((done.folder / "plots").glob("*.svg"))) == len(list((done.folder / "plots").glob("*.png"))) == 5
    assert pl.read_parquet(done.folder / "table.parquet").equals(done.table)
    assert pl.read_csv(done.folder / "table.csv").height == done.table.height


def test_the_report_names_the_last_window_and_every_forecast(done: BacktestResult) -> None:
    assert f"**The last window, {LAST}, is the one to look at once.**" in done.report
    assert all(f"| {model} |" in done.report for model in set(done.table["model"]))


def test_there_is_a_run_per_window_and_it_names_no_customer(
    done: BacktestResult, workspace: Workspace, small_bank: Path
) -> None:
    tracking = Tracking(workspace.root)
    for window in done.windows:
        run = tracking.read_run(window.run_id)
        assert run.params["as_of"] == window.as_of
        here = done.table.filter((pl.col("window") == dt.date.fromisoformat(window.as_of)) & (pl.col("n") > 0))
        overall = here.filter((pl.col("group") == "all") & (pl.col("model") == "model") & (pl.col("metric") == "mae"))
        assert run.metrics["model.mae"] == pytest.approx(overall["value"].item())
    ids = [name.encode() for name in pl.read_parquet(small_bank / "customers.parquet")["customer_id"].head(60)]
    logged = [path for path in (workspace.root / "mlartifacts").rglob("*") if path.is_file()]
    assert any(path.suffix == ".svg" for path in logged)
    for path in [*logged, *(path for path in done.folder.rglob("*") if path.is_file())]:
        assert not any(name in path.read_bytes() for name in ids), path.name


def test_the_same_backtest_again_is_read_and_not_run(
    done: BacktestResult, small_bank: Path, workspace: Workspace, policy: Policy
) -> None:
    before = {path: path.stat().st_mtime_ns for path in done.folder.rglob("*")}
    tracking = Tracking(workspace.root)
    again = backtest(str(small_bank), FIRST, LAST, workspace, policy, tracking, spec=QUICK, bootstraps=60, n_jobs=1)
    assert again.table.equals(done.table)
    assert again.windows == done.windows
    assert {path: path.stat().st_mtime_ns for path in done.folder.rglob("*")} == before


def test_the_command_shows_forecasts_beside_the_model(
    done: BacktestResult, small_bank: Path, workspace: Workspace, segment: Callable[..., Said], tmp_path: Path
) -> None:
    spec = tmp_path / "quick.toml"
    sections = QUICK.model_dump(mode="json", exclude_defaults=True)
    name = f'name = "{sections.pop("name")}"\n'
    lines = [f"[{part}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in body.items())
             for part, body in sections.items()]  # fmt: skip
    spec.write_text(name + "".join(lines), encoding="utf-8")
    asked = ("backtest", small_bank, "--from", FIRST, "--to", LAST, "--spec", spec, "--bootstraps", "60")
    said = segment(*asked, workspace=workspace.root)
    assert said.code == 0, said.err
    assert "holt_winters" in said.out
    assert str(done.folder) in said.out
    printed = json.loads(segment(*asked, "--json", workspace=workspace.root).out)
    assert printed["windows"] == [asdict(window) for window in done.windows]


def test_a_ledger_too_short_is_one_message_that_names_possible_windows(
    small_bank: Path, workspace: Workspace, segment: Callable[..., Said]
) -> None:
    said = segment("backtest", small_bank, "--from", FIRST, "--to", LAST, workspace=workspace.root)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert "--horizon-months 6 has windows" in said.err
