"""How often the gates let a challenger pass that is better, equal or worse: their power, without retraining.

    python -m benchmarks.promotion --simulate 1500 --customers 20000 --trials 200

A bank is simulated once, and two models that differ in their seed alone forecast its newest outcomes once. The second
becomes the challenger: its errors are stretched or shrunk so that its mean absolute error on that bank is exactly 3%
less, the same, or 3% more than the champion's. Each trial draws `--customers` customers from that bank with their
outcomes and both forecasts, so it shows the sampling error of a bank of that size, not what other banks are like. Both
forecasts are moved to add up to what came: whether a model is calibrated is another gate's question, and the chance
gaps of one small bank would be certain ones of a large bank made of it (`tests/evaluation/test_calibration_gaps.py`
holds that gate to its error rate).
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from segment.arrays import Integers
from segment.banks.simulator import simulate_bank
from segment.evaluation.champion_challenger import (
    ForecastPair,
    compare_forecast_pair,
    cost_of_each,
    error_saved,
)
from segment.evaluation.fairness_comparison import Fairness
from segment.evaluation.holdout import Holdout, evaluate_holdout
from segment.jobs.build.extract import extract
from segment.jobs.learn.promotion_gates import paired_gates
from segment.jobs.learn.training_data import read_training_data
from segment.model_folder import find_model_file
from segment.policy import ModelSpec, Policy, load_policy
from segment.policy.promotion import Promotion
from segment.progress import no_progress
from segment.statistics import Resamples
from segment.tiers import TIERS, realised_tiers
from segment.tiers.realised import borders_by_facts
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.workspace import Workspace

Floats = np.ndarray
KINDS = {"3% worse": 1.03, "equal": 1.0, "3% better": 0.97}
RANKED = 40
AS_OF = dt.date(2025, 12, 31)


def forecast_twice(customers: int, folder: Path, policy: Policy) -> tuple[Holdout, Holdout]:
    """Simulate a bank of 36 months, and forecast its newest outcomes by two seeds."""
    simulate_bank(folder / "bank", customers=customers, months=36, seed=11)
    workspace = Workspace(folder / "workspace")
    extract(str(folder / "bank" / "ledger"), AS_OF, workspace, policy, n_jobs=1)
    source = SnapshotSource.read(workspace)
    holdouts = []
    for seed in (0, 1):
        spec = ModelSpec().changed({("train", "seed"): seed})
        data = read_training_data(AS_OF, source, policy, spec, 1, no_progress)
        holdout = evaluate_holdout(data.frame, data.target, policy, spec)
        if holdout is None:
            raise SystemExit("Too few customers have outcomes. Simulate more.")
        holdouts.append(holdout)
    return holdouts[0], holdouts[1]


def rescaled(actual: Floats, forecast: Floats, error: float) -> Floats:
    """Stretch a forecast's errors to a mean absolute error, once its sum is that of the outcomes."""
    missed = forecast - actual
    missed = missed - missed.mean()
    return np.asarray(actual + missed * (error / np.abs(missed).mean()))


def draw(pair: ForecastPair, rows: Integers) -> ForecastPair:
    """Take the same customers of everything; one drawn twice is two customers."""
    ids = pl.Series([f"c{number}" for number in range(len(rows))])
    return ForecastPair(
        customers=pair.customers[rows].with_columns(customer_id=ids),
        actual=pair.actual[rows],
        baseline=pair.baseline[rows],
        predicted=(pair.predicted[0][rows], pair.predicted[1][rows]),
        tier_cost=(pair.tier_cost[0][rows], pair.tier_cost[1][rows]),
    )


def pairs_of(champion: Holdout, challenger: Holdout, policy: Policy) -> Iterator[tuple[str, ForecastPair]]:
    """Make each kind of challenger of the second forecast."""
    frame, actual = champion.frame, champion.actual
    first = rescaled(actual, champion.predicted[:, 0], float(np.abs(champion.predicted[:, 0] - actual).mean()))
    came, borders = realised_tiers(frame, policy, champion.model.horizon_months), borders_by_facts(frame, policy)

    def cost(forecast: Floats) -> Floats:
        given = [TIERS[3 - int(number)] for number in (forecast[:, None] >= borders).sum(axis=1)]
        return cost_of_each(came, pl.Series(given), policy.tiers.cost_of_error.matrix)

    for name, ratio in KINDS.items():
        second = rescaled(actual, challenger.predicted[:, 0], ratio * float(np.abs(first - actual).mean()))
        customers = frame.select("customer_id", "branch_id")
        yield name, ForecastPair(customers, actual, champion.baseline, (first, second), (cost(first), cost(second)))


def passes(pair: ForecastPair, customers: int, trials: int, resamples: int, limits: Promotion) -> int:
    """Count the trials in which every gate that compares two forecasts holds."""
    rng, passed = np.random.default_rng(0), 0
    for _ in range(trials):
        drawn = draw(pair, rng.integers(0, len(pair.actual), customers))
        saved = error_saved(drawn, Resamples(customers, resamples))
        if saved[1] <= 0:
            continue  # the gate `better` has failed, and ranks take most of the time
        few = Resamples(customers, RANKED)
        compared = compare_forecast_pair(drawn, ("newest",), few, limits.branch_customers, Fairness())
        passed += all(gate.holds for gate in paired_gates(replace(compared, error_saved=saved), limits))
    return passed


def main() -> None:
    """Forecast once, and try each kind of challenger."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", type=int, default=1_500, help="customers of the bank that is forecast once")
    parser.add_argument("--customers", type=int, nargs="+", default=[20_000], help="customers of a trial's bank")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument(
        "--resamples", type=int, default=400, help="of a trial's errors; ranks and costs take 40, the gates 1,000"
    )
    given = parser.parse_args()
    policy = load_policy(find_model_file("retail.toml"))
    with tempfile.TemporaryDirectory() as folder:
        champion, challenger = forecast_twice(given.simulate, Path(folder), policy)
    judged = f"{len(champion.actual)} customers judged, out of time: {champion.out_of_time}"
    print(f"bank of {given.simulate:,}, {judged}; {given.trials} trials, {given.resamples} resamples", flush=True)
    for customers in given.customers:
        for name, pair in pairs_of(champion, challenger, policy):
            passed = passes(pair, customers, given.trials, given.resamples, policy.promotion)
            print(f"{customers:,} customers, {name}: passes in {passed} of {given.trials} trials", flush=True)


if __name__ == "__main__":
    main()
