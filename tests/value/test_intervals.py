"""Intervals of every figure, against the plain figure of customers who are really repeated, and against SciPy's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from segment.statistics import Interval, interval, resample_counts
from segment.value import metrics, resampled


def _book(seed: int, customers: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    actual = np.round(rng.standard_t(3, customers) * 50 + 40)
    return actual, np.round(actual + rng.normal(0, 60, customers), -1), actual + rng.normal(0, 90, customers)


@pytest.mark.parametrize(
    ("plain", "quick"),
    [
        (metrics.spearman, resampled.spearman),
        (metrics.normalised_gini, resampled.normalised_gini),
        (metrics.top_decile_capture, resampled.top_decile_capture),
        (metrics.bottom_decile_loss_capture, resampled.bottom_decile_loss_capture),
    ],
)
@given(seed=st.integers(0, 500))
def test_a_resample_counts_as_if_its_customers_were_repeated(plain: Callable, quick: Callable, seed: int) -> None:
    actual, predicted, _ = _book(seed)
    counts = resample_counts(len(actual), resamples=5, seed=seed)
    for row, figure in zip(counts.astype(int), quick(actual, predicted, counts), strict=True):
        expected = plain(np.repeat(actual, row), np.repeat(predicted, row))
        assert figure == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(seed=st.integers(0, 500))
def test_skill_of_a_resample_is_that_of_the_repeated_customers(seed: int) -> None:
    actual, predicted, naive = _book(seed)
    counts = resample_counts(len(actual), resamples=3, seed=seed)
    for row, figure in zip(counts.astype(int), resampled.skill(actual, predicted, naive, counts), strict=True):
        assert figure == pytest.approx(metrics.skill(*(np.repeat(each, row) for each in (actual, predicted, naive))))


def test_the_interval_of_a_mean_is_scipys() -> None:
    each = np.random.default_rng(3).gamma(1.0, 100.0, 300)
    ours = interval(resampled.mean_of(each, resample_counts(300, resamples=4000, seed=1)))
    theirs = bootstrap((each,), np.mean, n_resamples=4000, method="percentile", rng=2).confidence_interval
    assert ours.value == pytest.approx(each.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03 * each.std())


def test_intervals_hold_what_is_true_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        found = interval(resampled.mean_of(rng.normal(7.0, 1.0, 80), resample_counts(80, 300, trial)))
        held += found.low <= 7.0 <= found.high
    assert 0.88 <= held / 200 <= 0.99


def test_a_figure_without_meaning_has_no_interval() -> None:
    actual, predicted = np.array([-9.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    found = interval(resampled.normalised_gini(actual, predicted, resample_counts(3, 10)))
    assert np.isnan(found).all()


def test_deciles_are_those_of_the_plain_calibration() -> None:
    actual, predicted, _ = _book(4, customers=57)
    decile = resampled.deciles_of(predicted)
    plain = metrics.decile_calibration(actual, predicted)
    assert [actual[decile == number].mean() for number in range(10)] == pytest.approx(plain.actual.tolist())


def test_resample_counts_of_a_case_computed_by_hand() -> None:
    counts = resample_counts(3, resamples=2)
    assert (counts[0].tolist(), counts.sum(axis=1).tolist()) == ([1.0, 1.0, 1.0], [3.0, 3.0, 3.0])


def test_interval_of_a_case_computed_by_hand() -> None:
    assert interval(np.array([2.0, *range(101)]), level=0.5) == Interval(value=2.0, low=25.0, high=75.0)


def test_means_of_resamples_computed_by_hand() -> None:
    assert resampled.mean_of(np.array([1.0, 4.0]), np.array([[1.0, 1.0], [2.0, 0.0]])).tolist() == [2.5, 1.0]
    assert resampled.total_ratio(np.array([1.0, 3.0]), np.array([2.0, 3.0]), np.ones((1, 2))).tolist() == [1.25]
    assert resampled.deciles_of(np.arange(20.0))[[0, 1, 2, 19]].tolist() == [0, 0, 1, 9]
