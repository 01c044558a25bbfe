"""Figures of resamples, against the plain figure of customers who are really repeated, and against SciPy's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from segment import metrics, statistics
from segment.statistics import (
    Interval,
    Resamples,
    counts_of,
    interval,
    resample_counts,
    standard_error,
    with_standard_errors,
)


def _book(seed: int, customers: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    actual = np.round(rng.standard_t(3, customers) * 50 + 40)
    return actual, np.round(actual + rng.normal(0, 60, customers), -1), actual + rng.normal(0, 90, customers)


OF_TWO = (
    metrics.spearman,
    metrics.normalised_gini,
    metrics.top_decile_capture,
    metrics.bottom_decile_loss_capture,
    metrics.mean_absolute_error,
    metrics.total_ratio,
    metrics.bias,
)
OF_THREE = (metrics.skill, metrics.coverage)
OF_CHANCES = (
    metrics.roc_auc,
    metrics.average_precision,
    metrics.expected_calibration_error,
    lambda *columns, **counts: metrics.top_mean(*columns, most=7, **counts),
)


def _agrees(metric: Callable[..., Any], columns: Sequence[np.ndarray], seed: int) -> bool:
    """Whether a figure of resamples is the plain one of repeated customers; of ones, the plain one itself."""
    counts = resample_counts(len(columns[0]), resamples=3, seed=seed)
    repeated = [metric(*(np.repeat(each, row) for each in columns)) for row in counts.astype(int)]
    once = metric(*columns, counts=np.ones((1, len(columns[0]))))
    assert metric(*columns, counts=None) == pytest.approx(once, abs=1e-9, nan_ok=True)
    assert metric(*columns) == pytest.approx(once[0], abs=1e-9, nan_ok=True)
    return bool(metric(*columns, counts=counts) == pytest.approx(repeated, abs=1e-9, nan_ok=True))


@pytest.mark.parametrize("metric", OF_TWO + OF_THREE)
@given(seed=st.integers(0, 500))
def test_a_resample_counts_as_if_its_customers_were_repeated(metric: metrics.Metric, seed: int) -> None:
    columns = _book(seed)
    assert _agrees(metric, columns if metric in OF_THREE else columns[:2], seed)


@pytest.mark.parametrize("metric", OF_CHANCES)
@given(seed=st.integers(0, 500), ties=st.booleans())
def test_so_it_does_for_chances_ties_and_all(metric: Callable[..., Any], seed: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    chance = rng.integers(0, 6, 47) / 6 if ties else rng.random(47)
    came = (rng.random(47) < chance).astype(float)
    if ties and metric is OF_CHANCES[-1]:
        came = chance  # who is taken of those who tie is the order's word
    assert _agrees(metric, (came, chance), seed)


@given(seed=st.integers(0, 200), at_a_time=st.integers(1, 300))
def test_how_many_are_measured_at_a_time_changes_nothing(seed: int, at_a_time: int) -> None:
    each = np.random.default_rng(seed).normal(size=20)

    def mean(counts: np.ndarray | None) -> dict[str, np.ndarray]:
        return {"mean": metrics.mean_of(each, counts=counts)}

    whole = Resamples(20, 9, seed).figures(mean)["mean"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "MOST_AT_A_TIME", at_a_time)
        assert Resamples(20, 9, seed).figures(mean)["mean"] == pytest.approx(whole)
    assert (len(whole), whole[0]) == (10, each.mean())


def test_customers_of_several_dates_are_drawn_with_all_of_them() -> None:
    drawn = Resamples.of(["b", "a", "b", "c"], resamples=4, seed=1)
    seen = drawn.figures(lambda counts: {"rows": np.ones((1, 4)) if counts is None else counts})["rows"]
    by_customer = resample_counts(3, resamples=4, seed=1)
    assert seen[1:].tolist() == by_customer[:, [0, 1, 0, 2]].tolist()
    assert Resamples.of(["a", "b"]).of_row is None


def test_very_many_customers_are_drawn_less_often() -> None:
    assert [Resamples(n, 500).affordable.resamples for n in (0, 1_000, 100_000, 9_000_000)] == [500, 500, 200, 50]


def test_a_standard_error_is_the_spread_over_resamples_and_stands_beside_its_figure() -> None:
    figures = {"mean": np.array([3.0, *range(101), np.nan]), "none": np.array([np.nan, 1.0, 2.0])}
    assert standard_error(figures["mean"]) == pytest.approx(34.13)
    assert with_standard_errors(figures) == {"mean": 3.0, "mean_standard_error": pytest.approx(34.13)}
    assert standard_error(np.array([3.0, *range(101), 1e9])) < 36.0


def test_the_standard_error_of_a_mean_is_that_of_the_textbook() -> None:
    each = np.random.default_rng(3).normal(5.0, 2.0, 400)
    drawn = Resamples(400, 2_000).figures(lambda counts: {"mean": metrics.mean_of(each, counts=counts)})
    assert standard_error(drawn["mean"]) == pytest.approx(each.std(ddof=1) / 20.0, rel=0.06)


def test_rows_that_are_left_out_count_for_nothing() -> None:
    assert counts_of(None, np.array([0])) is None
    assert counts_of(np.array([[1.0, 2.0]]), np.array([False, True])).tolist() == [[2.0]]  # type: ignore[union-attr]


def test_the_interval_of_a_mean_is_scipys() -> None:
    each = np.random.default_rng(3).gamma(1.0, 100.0, 300)
    drawn = Resamples(300, 4000, 1).figures(lambda counts: {"mean": metrics.mean_of(each, counts=counts)})
    ours = interval(drawn["mean"])
    theirs = bootstrap((each,), np.mean, n_resamples=4000, method="percentile", rng=2).confidence_interval
    assert ours.value == pytest.approx(each.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03 * each.std())


def test_intervals_hold_what_is_true_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        counts = np.vstack([np.ones(80), resample_counts(80, 300, trial)])
        found = interval(metrics.mean_of(rng.normal(7.0, 1.0, 80), counts=counts))
        held += found.low <= 7.0 <= found.high
    assert 0.88 <= held / 200 <= 0.99


def test_a_figure_without_meaning_has_no_interval() -> None:
    actual, predicted = np.array([-9.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    found = interval(metrics.normalised_gini(actual, predicted, counts=np.ones((10, 3))))
    assert np.isnan(found).all()


def test_deciles_are_those_of_the_plain_calibration() -> None:
    actual, predicted, _ = _book(4, customers=57)
    decile = metrics.deciles_of(predicted)
    plain = metrics.decile_calibration(actual, predicted)
    assert [actual[decile == number].mean() for number in range(10)] == pytest.approx(plain.actual.tolist())


def test_resample_counts_of_a_case_computed_by_hand() -> None:
    draws = np.random.default_rng(5)
    rows = [draws.integers(3, size=3).tolist() for _ in range(2)]
    expected = [[row.count(customer) for customer in range(3)] for row in rows]
    assert resample_counts(3, resamples=2, seed=5).tolist() == expected


def test_interval_of_a_case_computed_by_hand() -> None:
    assert interval(np.array([2.0, *range(101)]), level=0.5) == Interval(value=2.0, low=25.0, high=75.0)


def test_means_of_resamples_computed_by_hand() -> None:
    assert metrics.mean_of(np.array([1.0, 4.0]), counts=np.array([[1.0, 1.0], [2.0, 0.0]])).tolist() == [2.5, 1.0]
    assert metrics.total_ratio(np.array([1.0, 3.0]), np.array([2.0, 3.0]), counts=np.ones((1, 2))).tolist() == [1.25]
    assert metrics.deciles_of(np.arange(20.0))[[0, 1, 2, 19]].tolist() == [0, 0, 1, 9]
