"""Each gate between challenger and champion, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from segment.evaluation import champion_challenger as job
from segment.evaluation.champion_challenger import ChallengerComparison, WorstBranch, compare_pairs
from segment.evaluation.holdout import Holdout
from segment.jobs.learn.promotion_gates import NOT_COMPARED, failed_alone, metric_gates, paired_gates
from segment.policy import load_policy
from segment.policy.promotion import Promotion
from segment.sentences import Sentences
from tests.conftest import RETAIL

GOOD = {
    "spearman": 0.9,
    "spearman_persistence": 0.8,
    "mae_skill": 0.2,
    "total_predicted_over_actual": 1.06,
    "total_error": 0.04,
    "calibration_gap": 0.018,
    "calibration_gap_error": 0.012,
    "decile_gap": -0.12,
    "decile_gap_error": 0.05,
    "decile_gap_certain": 0.09,
    "coverage_p10_p90": 0.8,
    "cluster_guarded": 0.03,
    "tier_cost_by_clusters": 0.26,
    "tier_cost_by_odds": 0.25,
}
BETTER = ChallengerComparison(
    moments=("2024-12-31", "2023-12-31"),
    customers=900,
    error_saved=(0.03, 0.01, 0.05),
    gain=(0.002, -0.001, 0.005),
    gain_over_persistence=(0.1, 0.05, 0.15),
    tier_cost=(0.40, 0.41),
    tier_cost_added=(0.01, -0.005, 0.025),
    worst_branch=WorstBranch(1.15, 1.05, 3),
)
LIMITS = Promotion()


def failed_figures(**figures: float) -> list[str]:
    return [one.name for one in metric_gates({**GOOD, **figures}, LIMITS) if not one.holds]


def test_a_gate_says_the_standard_error_that_the_training_measured() -> None:
    errors = {"coverage_p10_p90_standard_error": 0.012, "mae_skill_standard_error": 0.03}
    persistence, _, coverage, _ = metric_gates({**GOOD, **errors}, LIMITS)
    assert "80.0% ± 1.2% of the outcomes" in coverage.message
    assert "error saved +20.0% ± 3.0%" in persistence.message


def failed_pairs(paired: ChallengerComparison | None) -> list[str]:
    return [one.name for one in paired_gates(paired, LIMITS) if not one.holds]


@pytest.mark.parametrize(
    ("figure", "value", "gate"),
    [
        ("spearman", 0.79, "persistence"),
        ("mae_skill", -0.01, "persistence"),
        ("calibration_gap", 0.024, "calibration"),
        ("calibration_gap", -0.024, "calibration"),
        ("decile_gap_certain", 0.11, "calibration"),
        ("coverage_p10_p90", 0.74, "coverage"),
        ("coverage_p10_p90", 0.86, "coverage"),
        ("cluster_guarded", 0.06, "clusters"),
        ("tier_cost_by_clusters", 0.32, "clusters"),
    ],
)
def test_a_figure_of_the_training_beyond_its_limit_fails_its_gate(figure: str, value: float, gate: str) -> None:
    assert failed_figures() == []
    assert failed_figures(**{figure: value}) == [gate]


def test_a_large_gap_that_its_own_error_explains_is_none() -> None:
    assert failed_figures(calibration_gap=0.10, calibration_gap_error=0.06) == []
    assert failed_figures(calibration_gap=0.10, calibration_gap_error=0.04) == ["calibration"]


def test_a_gate_says_what_was_found_and_its_limits() -> None:
    measured = GOOD | {"calibration_gap": 0.05, "total_predicted_over_actual": 1.2}
    (calibration,) = [str(gate) for gate in metric_gates(measured, LIMITS) if not gate.holds]
    assert calibration == (
        "calibration: forecast over outcome 1.200, standard error 0.040; forecast less outcome +5.0% of income and "
        "cost, standard error 1.2%, at most 2.0% or 1.96 errors; furthest tenth -12.0%, standard error 5.0%, and 9.0% "
        "beyond chance, at most 10%"
    )


def test_a_first_champion_is_proven_by_the_gates_that_need_no_other_model() -> None:
    assert failed_alone({**GOOD, "out_of_time": 1.0}, LIMITS) == []
    assert failed_alone({**GOOD, "out_of_time": 0.0}, LIMITS) == ["out_of_time"]
    assert failed_alone({}, LIMITS) == ["persistence", "calibration", "coverage", "clusters", "out_of_time"]


@pytest.mark.parametrize("figure", sorted(GOOD))
def test_a_figure_that_is_missing_fails(figure: str) -> None:
    found = metric_gates({name: value for name, value in GOOD.items() if name != figure}, LIMITS)
    assert [one.holds for one in found].count(False) == 1
    assert all(np.isfinite(list(one.figures.values())).all() for one in found)


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"moments": ()}, "out_of_time"),
        ({"error_saved": (0.01, -0.001, 0.02)}, "better"),
        ({"gain": (-0.01, -0.02, -0.001)}, "better"),
        ({"gain_over_persistence": (0.01, -0.001, 0.02)}, "better"),
        ({"tier_cost_added": (0.01, 0.001, 0.02)}, "tier_cost"),
        ({"worst_branch": WorstBranch(1.2, 1.11, 3)}, "branches"),
    ],
)
def test_a_comparison_beyond_its_limit_fails_its_gate(change: dict[str, object], gate: str) -> None:
    assert failed_pairs(BETTER) == []
    assert failed_pairs(replace(BETTER, **change)) == [gate]  # type: ignore[arg-type]


def test_one_date_is_enough_where_the_history_has_no_more_and_how_much_weaker_it_is_is_said() -> None:
    (window, *_) = paired_gates(replace(BETTER, moments=("2024-12-31",)), LIMITS)
    assert window.holds
    assert "the history has no more" in window.message
    assert "up to 1.41 times as wide" in window.message
    assert "times" not in paired_gates(BETTER, LIMITS)[0].message


def test_branches_too_small_to_be_judged_by_themselves_are_counted() -> None:
    few = replace(BETTER, worst_branch=WorstBranch(1.15, 1.05, 3, small=4))
    assert paired_gates(few, LIMITS)[3].message.endswith("; 4 smaller branch(es) are judged with the bank alone")
    assert "smaller" not in paired_gates(BETTER, LIMITS)[3].message


def test_what_was_not_compared_does_not_pass() -> None:
    assert failed_pairs(None) == ["out_of_time", "better", "tier_cost", "branches"]
    assert {one.message for one in paired_gates(None, LIMITS)} == {Sentences().of(NOT_COMPARED)}


def holdout(moment: str, noise: float, seed: int, branch_noise: float = 0.0) -> Holdout:
    rng = np.random.default_rng(seed)
    actual = rng.normal(100, 300, 800)
    branch = np.array(["a", "b"] * 400)
    said = actual + rng.normal(0, noise, 800) + np.where(branch == "b", branch_noise, 0.0) * rng.normal(0, 1, 800)
    frame = pl.DataFrame({"customer_id": [f"c{one}" for one in range(800)], "branch_id": branch}).with_columns(
        as_of=pl.lit(moment).str.to_date()
    )
    predicted = np.column_stack([said, said - 50, said, said + 50])
    return Holdout(None, frame, actual, frame, actual, predicted, actual + rng.normal(0, 400, 800), True)  # type: ignore[arg-type]


@pytest.fixture
def no_tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "_tier_cost", lambda one, _: np.full(len(one.actual), 0.4))


@pytest.mark.slow
@pytest.mark.usefixtures("no_tiers")
def test_a_better_forecast_is_found_over_all_moments_and_the_worst_branch_is_named() -> None:
    policy = load_policy(RETAIL)
    moments = ("2024-12-31", "2023-12-31")
    pairs = [(holdout(one, 200.0, seed), holdout(one, 60.0, seed)) for seed, one in enumerate(moments)]
    found = compare_pairs(pairs, policy)
    assert found.moments == moments
    assert found.customers == 800
    assert 0 < found.gain[1] < found.gain[0] < found.gain[2]
    assert found.gain_over_persistence[1] > 0
    assert failed_pairs(found) == []
    swapped = compare_pairs([(other, one) for one, other in pairs], policy)
    assert swapped.gain[0] == pytest.approx(-found.gain[0])
    assert "better" in failed_pairs(swapped)


@pytest.mark.usefixtures("no_tiers")
def test_a_challenger_that_is_worse_in_one_large_branch_is_found_out() -> None:
    pairs = [(holdout("2024-12-31", 100.0, 1), holdout("2024-12-31", 90.0, 1, branch_noise=120.0))]
    found = compare_pairs(pairs, load_policy(RETAIL))
    assert found.worst_branch.branches == 2
    assert found.worst_branch.certain == found.worst_branch.ratio > 1.1


@pytest.mark.usefixtures("no_tiers")
def test_the_same_forecast_gains_nothing() -> None:
    one = holdout("2024-12-31", 100.0, 1)
    found = compare_pairs([(one, one)], load_policy(RETAIL))
    assert found.gain == (0.0, 0.0, 0.0)
    assert found.error_saved == (0.0, 0.0, 0.0)
    assert found.worst_branch == WorstBranch(1.0, 1.0, 2)
    strict = load_policy(RETAIL).model_copy(update={"promotion": LIMITS.model_copy(update={"branch_customers": 401})})
    assert compare_pairs([(one, one)], strict).worst_branch == WorstBranch(1.0, 1.0, 0, small=2)


def test_what_a_gate_found_is_said_in_both_languages_and_kept_as_a_code() -> None:
    gates = [*metric_gates(GOOD, LIMITS), *paired_gates(BETTER, LIMITS)]
    findings = [gate.finding for gate in gates if gate.finding is not None]
    assert [Sentences().of(finding) for finding in findings] == [gate.message for gate in gates]
    chinese = [Sentences("zh").of(finding) for finding in findings]
    assert chinese[1].startswith("预测与实际之比为1.060，标准误0.040")
    assert gates[2].to_dict()["finding"]["code"] == "promotion.coverage"
    assert gates[0].to_dict()["said"] == (
        "against the last twelve months again, rank correlation +0.100 and error saved +20.0%; both must be above 0"
    )


def test_a_metric_that_is_missing_is_a_dash() -> None:
    gate = metric_gates({}, LIMITS)[2]
    assert gate.message == "– of the outcomes lie between P10 and P90; limits 0.75 to 0.85"
    assert gate.figures == {}
