"""Judge the future value out of time on simulated banks, beside simpler forecasts.

Each bank is extracted as of its last month; the model learns from moments whose outcome had passed by the judged one,
as `segment train` judges itself. Seeds 7, 101 and 103 were looked at while the features were chosen; others were not.
Run from the repository's root:

    .venv/bin/python -m benchmarks.future_value_simulated --seeds 201 202 203
    .venv/bin/python -m benchmarks.future_value_simulated --ledger PATH --as-of 2025-12-31
    .venv/bin/python -m benchmarks.future_value_simulated --seeds 7 --oracle 16

The oracle relives the judged year many times from the true state of every customer, hidden traits included, and
forecasts by their mean or median: no forecast from the ledger can do better than it but by luck.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.future_value_oracle import relived
from segment import metrics
from segment.banks.simulator import simulate_bank
from segment.evaluation.holdout import Holdout, evaluate_holdout
from segment.features import target_name
from segment.jobs.build.extract import extract
from segment.jobs.build.snapshots import build_snapshots, stacked, training_dates
from segment.policy import Policy, load_policy
from segment.policy.loader import load_spec
from segment.value.baselines.known_history import Forecast, KnownHistory
from segment.value.baselines.plain_forecasts import LastQuarter, Persistence, PlainBoosting, Ridge
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.workspace import Workspace

Array = NDArray[np.float64]

SIMULATED_END = dt.date(2025, 12, 31)
WORTH_A_RATIO = 0.1
"""Deciles whose mean is a smaller part of the mean size of all have no ratio worth reading: it divides by noise."""


def main() -> None:
    """Print one table per bank."""
    asked = _arguments()
    policy = load_policy("models/retail.toml")
    with tempfile.TemporaryDirectory() as folder:
        for seed in asked.seeds:
            bank = Path(folder) / f"seed{seed}"
            simulate_bank(bank, asked.customers, asked.months, seed)
            holdout = judge_bank(bank / "ledger", SIMULATED_END, Path(folder) / f"work{seed}", policy)
            show(f"seed {seed}, {asked.customers} customers, {asked.months} months", holdout)
            if asked.oracle:
                show_oracle(holdout, seed, asked, policy, Path(folder))
        if asked.ledger:
            holdout = judge_bank(asked.ledger, asked.as_of, Path(folder) / "given", policy)
            show(f"{asked.ledger.parent.name} as of {asked.as_of}", holdout)


def judge_bank(ledger: Path, as_of: dt.date, folder: Path, policy: Policy) -> Holdout:
    """Extract a ledger and judge the model on the newest outcomes known on a day."""
    workspace, spec = Workspace(folder), load_spec("models/retail-default.toml")
    extract(str(ledger), as_of, workspace, policy, n_jobs=1)
    moments = training_dates(workspace.customer_months, as_of, spec.train.horizon_months)
    made = build_snapshots(SnapshotSource.read(workspace), policy, [*moments, as_of], n_jobs=1)
    frame = stacked(made, spec.train.horizon_months)
    holdout = evaluate_holdout(frame, frame[target_name(spec.train.horizon_months)].to_numpy(), policy, spec)
    if holdout is None or not holdout.out_of_time:
        raise SystemExit(f"{ledger}: too few months to judge out of time")
    return holdout


def show(title: str, holdout: Holdout) -> None:
    """Print the figures of every forecast on one bank."""
    print(
        f"\n{title}: learned from {holdout.train.height} rows, judged on {holdout.frame.height}\n{'':22}{'Spearman':>9}"
        f"{'MAE':>8}{'skill':>7}{'total':>7}{'deciles':>15}{'cover':>7}{'top 10%':>8}{'pinball':>8}"
    )
    for forecast in simpler():
        past, now = (KnownHistory(rows, np.empty((rows.height, 0)), holdout.model.features_)
                     for rows in (holdout.train, holdout.frame))  # fmt: skip
        show_row(forecast.name, holdout, forecast.fit(past, holdout.train_outcome).predict(now))
    mean, bands = holdout.predicted[:, 0], holdout.predicted[:, 1:]
    show_row("our mean", holdout, mean, bands)
    show_row("our P50", holdout, bands[:, 1])
    seasoned = holdout.frame["months_observed"].to_numpy() >= 12
    for name, part in (("of it under 12 months", ~seasoned), ("of it 12 and more", seasoned)):
        error = np.abs(holdout.actual - mean)[part].mean() / np.abs(holdout.actual - holdout.baseline)[part].mean()
        print(f"{name:22} {part.sum()} customers, skill {1 - error:.3f}")


def simpler() -> tuple[Forecast, ...]:
    """Forecasts to beat."""
    return Persistence(), LastQuarter(), Ridge(), PlainBoosting()


def show_row(name: str, holdout: Holdout, mean: Array, bands: Array | None = None) -> None:
    """Print one forecast's figures."""
    actual, calibration = holdout.actual, metrics.decile_calibration(holdout.actual, mean)
    matters = np.abs(calibration.actual) >= WORTH_A_RATIO * np.abs(actual).mean()
    ratios = calibration.ratio[matters]
    row = (
        f"{name:22}{metrics.spearman(actual, mean):9.3f}{metrics.mean_absolute_error(actual, mean):8.1f}"
        f"{metrics.skill(actual, mean, holdout.baseline):7.3f}{metrics.total_ratio(actual, mean):7.3f}"
        f"{ratios.min():7.2f}{ratios.max():5.2f} ({matters.sum()})"
    )
    if bands is not None:
        top = mean >= np.quantile(mean, 0.9)
        pinball = np.mean([metrics.pinball(actual, bands[:, place], q) for place, q in enumerate((0.1, 0.5, 0.9))])
        row += f"{metrics.coverage(actual, bands[:, 0], bands[:, 2]):7.3f}"
        row += f"{metrics.coverage(actual[top], bands[top, 0], bands[top, 2]):8.3f}{pinball:8.1f}"
    print(row, flush=True)


def show_oracle(holdout: Holdout, seed: int, asked: argparse.Namespace, policy: Policy, folder: Path) -> None:
    """Print what one who knows every hidden trait could have forecast."""
    of = relived(seed, asked.customers, asked.months, asked.months - 12, asked.oracle, policy, folder)
    years = np.array([of[customer] for customer in holdout.frame["customer_id"]]).T
    show_row("oracle's mean", holdout, years.mean(axis=0))
    show_row("oracle's median", holdout, np.median(years, axis=0))
    totals = years.sum(axis=1)
    print(f"{'':22}chance alone moves the bank's total by {totals.std(ddof=1) / totals.mean():.1%} (one sd)")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="*", default=[])
    parser.add_argument("--customers", type=int, default=4000)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--oracle", type=int, default=0, help="years to relive")
    parser.add_argument("--ledger", type=Path, help="another bank's ledger")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=SIMULATED_END)
    asked = parser.parse_args()
    if not asked.seeds and asked.ledger is None:
        parser.error("name --seeds, a --ledger, or both")
    return asked


if __name__ == "__main__":
    main()
