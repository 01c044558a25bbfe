"""The parts of benchmarks/regret.py: what a rule truly brings, beside the best possible."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from benchmarks import regret
from benchmarks.regret import (
    HORIZONS,
    Gains,
    Outcome,
    Published,
    Truth,
    chosen_by,
    gain_of,
    pooled,
    report,
    yesterdays_value,
)
from segment.banks.simulator.twin import Twin
from segment.policy import load_policy
from tests.conftest import RETAIL, Bank


def test_a_ratio_is_that_of_the_sums_and_its_interval_holds_it() -> None:
    share, low, high = pooled(np.array([1.0, 2.0, 6.0]), np.array([2.0, 4.0, 6.0]))
    assert share == pytest.approx(0.75)
    assert 0.5 <= low < share < high <= 1.0
    assert pooled(np.array([3.0, 6.0]), np.array([6.0, 12.0])) == (0.5, 0.5, 0.5)


def test_yesterday_a_move_was_worth_a_mean_here_and_a_ninth_decile_there() -> None:
    tiers = pl.DataFrame(
        {
            "main_bank_elsewhere": [True, False, False],
            "main_bank_elsewhere_probability": [0.5, 0.9, 0.1],
            "wallet_elsewhere_mean_12m": [800.0, 800.0, 0.0],
            "future_value_p90": [100.0, 147.0, 20.0],
            "blended_contribution_12m": [0.0, -17.0, 50.0],
        }
    )
    assert tiers.select(yesterdays_value(tiers)).to_series().to_list() == [400.0, 164.0, 0.0]


def test_a_rule_chooses_within_the_hours_by_its_own_score_and_is_judged_by_the_truth() -> None:
    policy, people = load_policy(RETAIL), 60
    options = pl.DataFrame(
        {
            "customer_id": [f"C{number:07}" for number in range(1, people + 1)],
            "branch_id": "B001",
            "programme": "main_account",
            "channel": "adviser",
            "contact_cost": 60.0,
            "control": False,
            "true_12": [float(number) for number in range(people)],
            "true_36": [float(3 * number) for number in range(people)],
        }
    )
    none = options.head(0)
    nobody = pl.DataFrame(schema={"rm_id": pl.String, "branch_id": pl.String, "weekly_contacts": pl.Int64})
    bank = Published(policy, None, options, None, options, none, options, none, nobody)  # type: ignore[arg-type]
    best = chosen_by(options, pl.col("true_36"), bank)
    # ten hours of the branch's pool a week until the list expires, 75 minutes a visit
    assert best.height == int(10 * 60 * 30 / 7 / 75) == 34
    assert gain_of(best) == (sum(range(26, 60)), 3 * sum(range(26, 60)))
    worst = chosen_by(options, 100.0 - pl.col("true_36"), bank)
    assert gain_of(worst)[0] < gain_of(best)[0]


def test_the_report_sets_each_rule_against_the_best_possible() -> None:
    gains: dict[str, Gains] = {"list": {"the list": (10.0, 30.0), "best possible": (20.0, 40.0)}}
    rows = report([Outcome(gains, (1.0, 1.0)), Outcome(gains, (1.0, 1.0))])
    assert rows.filter(rule="best possible")["share_of_best"].to_list() == [1.0, 1.0]
    assert rows.filter(rule="the list")["share_of_best"].to_list() == [0.5, 0.75]
    assert rows["months"].to_list() == [*HORIZONS, *HORIZONS]


@pytest.mark.slow
def test_no_rule_beats_the_best_possible_on_a_bank_that_was_learned_from(bank: Bank) -> None:
    published = regret.with_list(bank.workspace, bank.policy)
    truth = Truth.of(Twin.of(700, 28, 5, run_on=12))
    outcome = regret.list_gains(published, truth, 0)
    gains = outcome.gains["list"]
    assert gains["best possible"][0] == gains["best possible"][1] > 0
    assert max(gains["the list"][0], gains["random"][0], gains["best within the list's options"][0]) <= (
        gains["best possible"][0] + 1e-6
    )
    assert 0 < outcome.contacts["the list"] <= published.tiers.height
    service = regret.service_gains(published, truth)
    assert service["random"][1] <= service["best possible"][1]
    fees = regret.fee_gains(published, truth, bank.ledger)
    assert fees["best possible"][0] >= fees["loss on direct cost"][0]
