"""Judge the odds of a tier, the early warning, and tiers by expected cost, out of time on simulated banks.

Each model learns from moments whose outcome had passed by the judged one. Seeds 101 to 103 were looked at while the
correction of the odds was chosen, on a window a year earlier; others were not. Run from the repository's root:

    .venv/bin/python -m benchmarks.tier_odds --seeds 201 202 203

Money is what the mistakes cost in a year, by two assumptions of this page: an adviser gives a high-value customer four
hours a year and a valuable one an hour (wasted where the customer is truly worse), and each tier that a customer is
served below the true one puts 5% of what the customer brings at risk.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.banks.simulator import simulate_bank
from segment.evaluation.experiment import new_model
from segment.features import target_name
from segment.jobs.build.extract import extract
from segment.jobs.build.snapshots import build_snapshots, training_dates
from segment.model import SegmentationModel
from segment.model.quality import odds_quality, with_forecast_tier
from segment.policy import Policy, load_policy
from segment.policy.loader import load_spec
from segment.tiers import TIERS, realised_tiers, with_own_tier
from segment.tiers.agreement import agreement, confusion
from segment.tiers.odds import ODDS, OddsCalibration, decide_by_expected_cost
from segment.tiers.realised import with_borders_by_facts
from segment.tiers.reliability import odds_metrics
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.workspace import Workspace

Floats = NDArray[np.float64]

JUDGED, KNOWN_UNTIL = dt.date(2024, 12, 31), dt.date(2025, 12, 31)
ADVISER_MINUTES = np.array([240.0, 60.0, 0.0, 0.0])
AT_RISK_PER_TIER = 0.05


def main() -> None:
    """Print the figures of each bank, and their means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    parser.add_argument("--customers", type=int, default=3_000)
    asked = parser.parse_args()
    policy = load_policy("models/retail.toml")
    figures, costs = [], []
    for seed in asked.seeds:
        with tempfile.TemporaryDirectory() as folder:
            figure, cost = judge_bank(Path(folder), seed, asked.customers, policy)
        figures.append(figure)
        costs.append(cost.with_columns(seed=pl.lit(seed)))
    show_figures(asked.seeds, figures)
    show_costs(pl.concat(costs))


def judge_bank(folder: Path, seed: int, customers: int, policy: Policy) -> tuple[dict[str, float], pl.DataFrame]:
    """Simulate a bank, learn from its past and judge the newest year."""
    simulate_bank(folder, customers, 48, seed)
    workspace, spec = Workspace(folder / "work"), load_spec("models/retail-default.toml")
    extract(str(folder / "ledger"), KNOWN_UNTIL, workspace, policy, n_jobs=1)
    moments = training_dates(workspace.customer_months, JUDGED, 12)
    made = build_snapshots(SnapshotSource.read(workspace), policy, [*moments, JUDGED, KNOWN_UNTIL], n_jobs=1)
    learned, judged = pl.concat([made[moment] for moment in moments]), made[JUDGED]
    model = new_model(policy, spec).fit_future_value(learned, learned[target_name(12)].to_numpy())
    figures = odds_quality(model, judged, judged[target_name(12)].to_numpy())
    came = realised_tiers(judged, policy).to_list()
    corrected, model.odds_ = model.odds_, OddsCalibration()
    raw = odds_metrics(model.predict_odds(judged), came)
    model.odds_ = corrected
    figures |= {f"{name} uncorrected": value for name, value in raw.items() if name != "odds_log_loss_of_shares"}
    return figures, decisions(model, judged, policy)


def decisions(model: SegmentationModel, judged: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Cost of the ways to decide, with today's standing of each customer left aside."""
    scored = with_forecast_tier(model, judged)
    facts = with_borders_by_facts(judged, policy)
    odds = scored.select(ODDS).to_numpy()
    reachable = scored["border_high_reachable"].is_not_null().to_numpy()
    by_mean = with_own_tier(facts.with_columns(blended_contribution_12m=scored["future_value_12m"]))
    given = {
        "persistence: last year's tier": with_own_tier(facts)["own_tier"],
        "borders: the blended contribution": scored["tier"],
        "borders: the predicted mean": by_mean["own_tier"],
        "likeliest tier": pl.Series(np.array(TIERS)[odds.argmax(axis=1)].tolist()),
        "expected cost": pl.Series(decide_by_expected_cost(odds, policy.tiers.cost_of_error.matrix, reachable)),
    }
    came = realised_tiers(judged, policy)
    known = came.is_not_null().to_numpy()
    value = judged[target_name(12)].to_numpy()[known]
    return pl.DataFrame(
        {"way": name} | _costs(came.filter(known), tier.filter(known), value, policy) for name, tier in given.items()
    )


def _costs(came: pl.Series, given: pl.Series, value: Floats, policy: Policy) -> dict[str, float]:
    found = agreement(confusion(came.to_list(), given.to_list()), policy.tiers.cost_of_error.matrix)
    true, served = (np.array([TIERS.index(tier) for tier in column]) for column in (came, given))
    wasted = np.maximum(ADVISER_MINUTES[served] - ADVISER_MINUTES[true], 0.0)
    wasted *= policy.costs.service_event.adviser_minute
    lost = AT_RISK_PER_TIER * np.maximum(served - true, 0) * np.maximum(value, 0.0)
    figures = {"accuracy": found["tier_accuracy"], "kappa": found["tier_weighted_kappa"], "cost": found["tier_cost"]}
    means = {key: float(figure) for key, figure in figures.items()}
    return means | {"lost margin": float(lost.mean()), "wasted advice": float(wasted.mean())}


def show_figures(seeds: list[int], figures: list[dict[str, float]]) -> None:
    """Print a line per figure and a column per bank."""
    print(f"{'':44}" + "".join(f"{seed:>9}" for seed in seeds) + f"{'mean':>9}")
    for name in dict.fromkeys(name for each in figures for name in each):
        values = [each.get(name, np.nan) for each in figures]
        print(f"{name:44}" + "".join(f"{value:9.3f}" for value in values) + f"{np.nanmean(values):9.3f}")


def show_costs(costs: pl.DataFrame) -> None:
    """Print the mean over banks of each way to decide, and how far it varies."""
    print(f"\n{'a customer and year':36}{'accuracy':>9}{'kappa':>7}{'cost':>7}{'  by bank':26}{'lost':>7}{'wasted':>8}")
    for (name,), rows in costs.group_by("way", maintain_order=True):
        mean = rows.select(pl.selectors.float().mean()).row(0, named=True)
        each = "  " + " ".join(f"{cost:.3f}" for cost in rows["cost"])
        print(f"{name!s:36}{mean['accuracy']:9.3f}{mean['kappa']:7.3f}{mean['cost']:7.3f}{each:26}"
              f"{mean['lost margin']:7.2f}{mean['wasted advice']:8.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
