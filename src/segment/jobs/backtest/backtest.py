"""The backtest: train and score at each past date, and compare with what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from segment.dates import month_end, next_month
from segment.departures import read_landmarks
from segment.departures.departure_holdout import JUDGED_MONTHS
from segment.evaluation.backtest_windows import Window, plan_windows
from segment.evaluation.evaluate_window import (
    SCHEMA,
    Realised,
    Resampling,
    evaluate_main_bank,
    evaluate_window,
    evaluate_window_departures,
)
from segment.evaluation.experiment import new_model
from segment.evaluation.rival_forecasts import MonthlyContributions, score_window
from segment.evaluation.subgroups import subgroups
from segment.features import snapshot, target_name
from segment.features.store import check_as_of
from segment.jobs.backtest.backtest_history import build_months, read_contributions, read_ledger, without_erased
from segment.jobs.backtest.backtest_result import BacktestResult, folder_name, read_result, write_result
from segment.jobs.build.hashes import code_hash, features_hash, ledger_hash
from segment.jobs.build.snapshots import training_dates
from segment.ledger import Ledger
from segment.lock import workspace_lock
from segment.policy import ModelSpec, Policy
from segment.progress import ProgressCallback, no_progress
from segment.sentences import Language
from segment.statistics import RESAMPLES
from segment.store.tombstones import Erased
from segment.tiers.realised import realised_tiers
from segment.tracking.registry import Tracking
from segment.tracking.runs import Parameters
from segment.workspace import Workspace, months_from

EVERY_MONTHS = 3


def backtest(
    location: str,
    first: dt.date,
    last: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    spec: ModelSpec | None = None,
    every: int = EVERY_MONTHS,
    bootstraps: int = RESAMPLES,
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
    language: Language = "en",
) -> BacktestResult:
    """Roll through past month ends: train on what was known, score, compare with the twelve months that followed.

    Parameters
    ----------
    location : str
        A folder of tables or a database URL.
    first, last : datetime.date
        Last days of months: the first window, and the last date that may be one. Outcomes lie after it.
    workspace : Workspace
        Where to build; gets the folder `backtests/<first>_<last>-<hash>`.
    policy : Policy
        Frozen figures.
    tracking : Tracking
        Gets a run per window.
    spec : ModelSpec, optional
        What to train; the default is what `train` does.
    every : int
        Months from window to window.
    bootstraps : int
        Resamples of customers behind each interval.
    n_jobs, progress : as `extract` takes them
    language : {'en', 'zh'}
        Of the report and the plots.

    Returns
    -------
    BacktestResult
        Read from its folder where the same backtest was done before with the same code.

    Raises
    ------
    HistoryError
        Where the ledger is too short for every window; says which are possible.
    LedgerError
        Where the ledger cannot be used.
    BusyError
        Where another run holds the workspace.
    """
    spec = spec or ModelSpec()
    new_model(policy, spec)  # a spec that does not hold stops here, before the ledger is read
    horizon = spec.train.horizon_months
    check_as_of(last)
    progress("check", 0, 1)
    ledger, reach = read_ledger(location, policy, month_end(next_month(last, horizon)))
    progress("check", 1, 1)
    params = _parameters(ledger, first, last, policy, spec, every, bootstraps)
    folder = workspace.root / "backtests" / folder_name(first, last, params)
    if (done := read_result(folder, language)) is not None:
        return done
    with workspace_lock(workspace.root, "backtest"):
        erased, months_folder = Erased.of(workspace), workspace.customer_months
        months = build_months(ledger, reach, policy, months_folder, erased, progress, months_from(workspace))
        tables = without_erased(ledger, erased).tables
        windows, left_out = plan_windows(
            months, first, last, every, horizon,
            lambda as_of: training_dates(
                months_folder, as_of, horizon, most=spec.train.moments, months_between=spec.train.months_between
            ),
        )  # fmt: skip
        snapshots = snapshot(
            tables,
            months_folder,
            policy,
            sorted({day for window in windows for day in (*window.moments, window.as_of)}),
            known_until=month_end(months[-1]),
            horizon_months=horizon,
            n_jobs=n_jobs,
            progress=progress,
        )
        contributions = read_contributions(months_folder, policy, months, tables["customers"].height)
        parts: list[pl.DataFrame] = []
        for number, window in enumerate(windows):
            progress("windows", number, len(windows))
            parts += _evaluated(window, snapshots, contributions, tables, policy, spec, bootstraps)
            parts.append(_departures(window, tables, months_folder, months, policy, spec, n_jobs))
        progress("windows", len(windows), len(windows))
        params = {**params, "left_out": ",".join(day.isoformat() for day in left_out)}
        return write_result(folder, pl.concat(parts), windows, params, tracking, language)


def _evaluated(
    window: Window,
    snapshots: Mapping[dt.date, pl.DataFrame],
    contributions: MonthlyContributions,
    tables: Mapping[str, pl.DataFrame],
    policy: Policy,
    spec: ModelSpec,
    bootstraps: int,
) -> Sequence[pl.DataFrame]:
    horizon, current = spec.train.horizon_months, snapshots[window.as_of]
    scored = score_window(window, snapshots, contributions, tables, policy, spec)
    actual = current[target_name(horizon)].to_numpy() * (12.0 / horizon)
    realised = Realised(actual, realised_tiers(current, policy, horizon))
    cost, masks = policy.tiers.cost_of_error.matrix, subgroups(current, scored.tiers)
    drawn, labels = Resampling(bootstraps, spec.train.seed), tables["main_bank_labels"]
    return (
        evaluate_window(window.as_of, scored, realised, masks, cost, drawn, is_last=window.is_last),
        evaluate_main_bank(
            window.as_of, current["customer_id"], scored.elsewhere, labels, drawn, is_last=window.is_last
        ),
    )


def _departures(
    window: Window,
    tables: Mapping[str, pl.DataFrame],
    folder: Path,
    months: Sequence[dt.date],
    policy: Policy,
    spec: ModelSpec,
    n_jobs: int,
) -> pl.DataFrame:
    """Compare the chances of departures with the year that followed, where the ledger has it."""
    year_later, seed = month_end(next_month(window.as_of, JUDGED_MONTHS)), spec.train.seed
    if year_later > month_end(months[-1]):
        return pl.DataFrame(schema=SCHEMA)
    landmarks = read_landmarks(tables, folder, policy, year_later, n_jobs=n_jobs, seed=seed)
    return evaluate_window_departures(window.as_of, landmarks, policy.departures, seed, is_last=window.is_last)


def _parameters(
    ledger: Ledger, first: dt.date, last: dt.date, policy: Policy, spec: ModelSpec, every: int, bootstraps: int
) -> Parameters:
    hashes = {table.table: table.sha256 for table in ledger.report.tables if table.sha256}
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "every_months": every,
        "horizon_months": spec.train.horizon_months,
        "seed": spec.train.seed,
        "bootstraps": bootstraps,
        "spec": spec.name,
        "spec_hash": spec.hash,
        "policy": f"{policy.name} {policy.version}",
        "policy_hash": policy.hash,
        "currency": policy.currency,
        "features_hash": features_hash(policy),
        "ledger_hash": ledger_hash(hashes),
        "code_hash": code_hash(),
    }
