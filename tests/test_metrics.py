"""Every figure of the report on value, against cases worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, mean_pinball_loss, roc_auc_score

from segment import metrics

ACTUAL = np.array([-5.0, 0.0, 1.0, 4.0, 10.0])
amounts = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30).map(np.array)


@given(amounts, st.integers(0, 99))
def test_spearman_equals_scipys(actual: np.ndarray, seed: int) -> None:
    predicted = np.random.default_rng(seed).integers(0, 5, len(actual)).astype(float)
    if np.ptp(actual) > 0 and np.ptp(predicted) > 0:
        assert metrics.spearman(actual, predicted) == pytest.approx(spearmanr(actual, predicted).statistic)


def test_spearman_of_a_constant_prediction_is_zero() -> None:
    assert metrics.spearman(ACTUAL, np.ones(5)) == 0.0


def test_normalised_gini_of_a_ranking_with_one_swap() -> None:
    # Lorenz of (1, 3, 6): 0.1, 0.4, 1 -> 1 - (2 * 1.5 - 1) / 3 = 1/3; with the last two swapped 0.1, 0.7, 1 -> 0.1333…
    assert metrics.normalised_gini([1.0, 3.0, 6.0], [1.0, 9.0, 2.0]) == pytest.approx(0.4)


def test_normalised_gini_of_no_information_is_zero_and_of_the_reverse_minus_one() -> None:
    assert metrics.normalised_gini([1.0, 3.0, 6.0], [5.0, 5.0, 5.0]) == pytest.approx(0.0)
    assert metrics.normalised_gini([1.0, 3.0, 6.0], [3.0, 2.0, 1.0]) == pytest.approx(-1.0)


def test_normalised_gini_has_no_meaning_where_the_book_makes_a_loss() -> None:
    assert np.isnan(metrics.normalised_gini([-9.0, 1.0], [1.0, 2.0]))


def test_top_decile_capture_compares_with_the_best_choice() -> None:
    assert metrics.top_decile_capture(ACTUAL, [0.0, 1.0, 2.0, 9.0, 5.0], share=0.2) == pytest.approx(0.4)
    assert metrics.top_decile_capture(ACTUAL, ACTUAL) == 1.0


def test_bottom_decile_loss_capture_counts_losses_only() -> None:
    assert metrics.bottom_decile_loss_capture(ACTUAL, ACTUAL) == 1.0
    assert metrics.bottom_decile_loss_capture(ACTUAL, [5.0, 0.0, 1.0, 2.0, 3.0], share=0.2) == 0.0
    assert np.isnan(metrics.bottom_decile_loss_capture([1.0, 2.0], [1.0, 2.0]))


def test_skill_is_the_share_of_the_naive_error_taken_away() -> None:
    naive, better = ACTUAL + 2.0, ACTUAL - 0.5
    assert metrics.mean_absolute_error(ACTUAL, naive) == 2.0
    assert metrics.skill(ACTUAL, better, naive) == 0.75
    assert np.isnan(metrics.skill(ACTUAL, better, ACTUAL))


def test_coverage_counts_both_ends() -> None:
    assert metrics.coverage(ACTUAL, ACTUAL, ACTUAL + 1) == 1.0
    assert metrics.coverage(ACTUAL, ACTUAL - 1, np.array([-6.0, 0.0, 0.5, 4.0, 11.0])) == 0.6


@given(amounts, st.sampled_from([0.1, 0.5, 0.9]))
def test_pinball_equals_scikit_learns(actual: np.ndarray, quantile: float) -> None:
    predicted = np.roll(actual, 1)
    expected = mean_pinball_loss(actual, predicted, alpha=quantile)
    assert metrics.pinball(actual, predicted, quantile) == pytest.approx(expected, abs=1e-6)


def test_total_ratio_of_a_book_that_adds_up_to_nothing_is_missing() -> None:
    assert metrics.total_ratio(ACTUAL, 2 * ACTUAL) == 2.0
    assert np.isnan(metrics.total_ratio([-1.0, 1.0], [1.0, 1.0]))


def test_deciles_are_those_of_the_prediction() -> None:
    predicted = np.arange(20.0) + 1.0
    table = metrics.decile_calibration(2.0 * predicted, predicted)
    np.testing.assert_allclose(table.predicted, np.arange(10) * 2 + 1.5)
    np.testing.assert_allclose(table.ratio, 0.5)


def test_a_decile_without_value_has_no_ratio() -> None:
    actual = np.r_[0.0, np.arange(9.0) + 1.0]
    table = metrics.decile_calibration(actual, np.arange(10.0) + 1.0)
    assert np.isnan(table.ratio[0])
    assert np.isfinite(table.ratio[1:]).all()


def test_nine_customers_have_no_deciles() -> None:
    with pytest.raises(ValueError, match="at least ten customers. Got 9"):
        metrics.decile_calibration(np.arange(9.0), np.arange(9.0))


@pytest.mark.parametrize(
    ("metric", "arguments", "expected"),
    [
        (metrics.spearman, ([1.0, 2.0, 3.0], [10.0, 30.0, 20.0]), 0.5),
        (metrics.normalised_gini, ([0.0, 1.0, 5.0], [1.0, 2.0, 9.0]), 1.0),
        (metrics.top_decile_capture, ([8.0, 10.0, 1.0, 0.0], [9.0, 7.0, 3.0, 1.0], 0.25), 0.8),
        (metrics.bottom_decile_loss_capture, ([-4.0, -5.0, 1.0, 3.0], [-9.0, -1.0, 0.0, 4.0], 0.25), 0.8),
        (metrics.mean_absolute_error, ([1.0, 5.0], [2.0, 2.0]), 2.0),
        (metrics.skill, ([1.0, 5.0], [1.0, 4.0], [2.0, 2.0]), 0.75),
        (metrics.coverage, ([1.0, 2.0, 9.0, 4.0], [0.0] * 4, [5.0] * 4), 0.75),
        (metrics.pinball, ([10.0, 0.0], [0.0, 10.0], 0.9), 5.0),
        (metrics.total_ratio, ([1.0, 3.0], [2.0, 3.0]), 1.25),
    ],
)
def test_metrics_of_cases_computed_by_hand(
    metric: Callable[..., float], arguments: tuple[Any, ...], expected: float
) -> None:
    assert metric(*arguments) == expected


def test_the_last_decile_of_a_case_computed_by_hand() -> None:
    assert metrics.decile_calibration(range(1, 11), range(2, 12)).ratio[-1] == 1.1


def test_expected_calibration_error_equals_a_case_computed_by_hand() -> None:
    probability = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]
    y = [0, 0, 1, 0, 0, 1, 1, 0, 1, 1]
    # five bins of two: |0.10-0|, |0.30-0.5|, |0.50-0.5|, |0.70-0.5|, |0.90-1|
    assert metrics.expected_calibration_error(y, probability, bins=5) == pytest.approx(
        (0.1 + 0.2 + 0.0 + 0.2 + 0.1) / 5
    )


def test_the_order_of_rows_changes_nothing_even_where_probabilities_tie() -> None:
    rng = np.random.default_rng(0)
    probability, y = rng.choice([0.2, 0.35, 0.8], 101), rng.integers(0, 2, 101)
    order = rng.permutation(101)
    assert metrics.expected_calibration_error(y, probability) == metrics.expected_calibration_error(
        y[order], probability[order]
    )


def test_what_is_said_with_the_right_frequency_has_no_calibration_error() -> None:
    assert metrics.expected_calibration_error([0, 0, 0, 1, 1, 0, 1, 1], [0.25] * 4 + [0.75] * 4, bins=2) == 0.0


def test_no_rows_is_an_error() -> None:
    with pytest.raises(ValueError, match="same length above 0"):
        metrics.expected_calibration_error([], [])


def test_expected_calibration_error_of_a_case_computed_by_hand() -> None:
    assert metrics.expected_calibration_error([0, 1, 1, 1], [0.2, 0.4, 0.8, 0.9], bins=2) == 0.175


def test_calibration_error_by_hand() -> None:
    # two bins of two: claimed 0.25 and came 0.5, claimed 0.75 and came 1.0
    assert metrics.expected_calibration_error([1, 0, 1, 1], [0.2, 0.3, 0.7, 0.8], bins=2) == pytest.approx(0.25)


@given(st.permutations(list(range(40))))
def test_the_order_of_customers_changes_no_calibration_error(order: list[int]) -> None:
    chance = np.repeat(np.linspace(0.1, 0.8, 8), 5)
    came = np.tile([1, 0, 0, 1, 0], 8)
    here = metrics.expected_calibration_error(came[order], chance[order], bins=7)
    assert here == pytest.approx(metrics.expected_calibration_error(came, chance, bins=7))


def test_scikit_learn_says_the_same_of_chances_ties_and_all() -> None:
    draw = np.random.default_rng(1)
    chance = draw.integers(0, 10, 400) / 10
    came = draw.uniform(size=400) < chance
    assert metrics.roc_auc(came, chance) == pytest.approx(roc_auc_score(came, chance))
    assert metrics.average_precision(came, chance) == pytest.approx(average_precision_score(came, chance))


def test_outcomes_of_one_kind_have_no_auc_and_no_precision() -> None:
    assert np.isnan(metrics.roc_auc([1, 1], [0.1, 0.2]))
    assert metrics.roc_auc([0, 1, 1, 0], [1.0, 2.0, 3.0, -np.inf]) == 1.0
    assert np.isnan(metrics.average_precision([0, 0], [0.1, 0.2]))


def test_the_mean_of_the_highest_scores_and_the_bias_of_cases_computed_by_hand() -> None:
    assert metrics.top_mean([5.0, 1.0, 3.0], [0.1, 0.9, 0.5], most=2) == 2.0
    assert metrics.bias([-2.0, 2.0], [0.0, 2.0]) == 0.5
    assert np.isnan(metrics.bias([0.0], [1.0]))
