"""The backtest: train and score at each past moment, and compare with what happened."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl

import segment
from segment.features import target_name
from segment.features.known import month_end, next_month
from segment.features.store import check_as_of
from segment.jobs.backtest.forecasts import score_window
from segment.jobs.backtest.history import (
    build_moments,
    build_months,
    read_contributions,
    read_ledger,
    without_the_erased,
)
from segment.jobs.backtest.judge import Came, Resampling, judge_window
from segment.jobs.backtest.labels import judge_main_bank
from segment.jobs.backtest.result import Backtested, folder_name, read_result, write_result
from segment.jobs.backtest.windows import Window, plan_windows
from segment.jobs.experiment import new_model
from segment.jobs.hashes import features_hash, ledger_hash
from segment.jobs.parts import parts_of
from segment.jobs.progress import Report, quiet
from segment.jobs.snapshots import training_moments
from segment.ledger import Ledger
from segment.policy import ModelSpec, Policy
from segment.tiers.realised import realised_tiers
from segment.tracking import Tracking
from segment.value.intervals import RESAMPLES
from segment.warehouse import Workspace, workspace_lock

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
    progress: Report = quiet,
) -> Backtested:
    """Roll through past month ends: train on what was known, score, compare with the twelve months that followed.

    Parameters
    ----------
    location : str
        A folder of tables or a database URL.
    first, last : datetime.date
        Last days of months: the first window, and the last moment that may be one. Outcomes lie after it.
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
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far each step is.

    Returns
    -------
    Backtested
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
    if (done := read_result(folder)) is not None:
        return done
    with workspace_lock(workspace.root, "backtest"):
        months = build_months(ledger, reach, workspace, policy, progress)
        ledger = without_the_erased(ledger, workspace)
        windows, left_out = plan_windows(
            months, first, last, every, horizon, lambda as_of: _moments(workspace, as_of, spec)
        )
        table = _windows_table(ledger, windows, months, workspace, policy, spec, bootstraps, n_jobs, progress)
        params["left_out"] = ",".join(moment.isoformat() for moment in left_out)
        return write_result(folder, table, windows, params, policy, tracking)


def _windows_table(
    ledger: Ledger,
    windows: tuple[Window, ...],
    months: tuple[dt.date, ...],
    workspace: Workspace,
    policy: Policy,
    spec: ModelSpec,
    bootstraps: int,
    n_jobs: int,
    progress: Report,
) -> pl.DataFrame:
    horizon, seed, until = spec.train.horizon_months, spec.train.seed, month_end(months[-1])
    needed = sorted({moment for window in windows for moment in (*window.moments, window.as_of)})
    snapshots = build_moments(ledger, needed, until, workspace, policy, horizon, n_jobs, progress)
    contributions = read_contributions(workspace, policy, months, ledger.tables["customers"].height)
    parts = []
    for number, window in enumerate(windows):
        progress("windows", number, len(windows))
        now = snapshots[window.as_of]
        scored = score_window(window, snapshots, contributions, ledger.tables, policy, spec)
        actual = now[target_name(horizon)].to_numpy() * (12.0 / horizon)
        came = Came(actual, realised_tiers(now, policy, horizon))
        cost, groups = policy.tiers.cost_of_error.matrix, parts_of(now, scored.tiers)
        drawn = Resampling(bootstraps, seed)
        labels = ledger.tables["main_bank_labels"]
        parts.append(judge_window(window.as_of, scored, came, groups, cost, drawn, is_last=window.is_last))
        ids = now["customer_id"]
        parts.append(judge_main_bank(window.as_of, ids, scored.elsewhere, labels, drawn, is_last=window.is_last))
    progress("windows", len(windows), len(windows))
    return pl.concat(parts)


def _moments(workspace: Workspace, as_of: dt.date, spec: ModelSpec) -> list[dt.date]:
    training = spec.train
    return training_moments(
        workspace, as_of, training.horizon_months, most=training.moments, months_between=training.months_between
    )


def _parameters(
    ledger: Ledger, first: dt.date, last: dt.date, policy: Policy, spec: ModelSpec, every: int, bootstraps: int
) -> dict[str, Any]:
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
        "code_hash": _code_hash(),
    }


def _code_hash() -> str:
    """SHA-256 of the package's own source, so that a changed learner is backtested again."""
    digest = hashlib.sha256()
    root = Path(segment.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(json.dumps([path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")]).encode())
    return digest.hexdigest()
