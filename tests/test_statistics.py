"""Corrections for many tests, intervals and cut tails, against statsmodels and SciPy."""

from __future__ import annotations

from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.mstats import winsorize
from statsmodels.stats.multitest import multipletests

from segment.statistics import (
    divided,
    holm,
    interval,
    known_quantiles,
    resample_counts,
    weighted_quantile,
    weights_of,
    winsorised,
)

CHANCES = st.lists(st.floats(0.0, 1.0), max_size=12)


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_holm_is_that_of_statsmodels(count: int) -> None:
    p = np.random.default_rng(count).random(count) ** 3
    assert holm(p.tolist()) == pytest.approx(multipletests(p, method="holm")[1].tolist())


def test_no_test_is_no_correction() -> None:
    assert holm([]) == []


def test_holm_rises_and_leaves_missing_tests_out() -> None:
    raised = holm([0.2, nan, 0.01, 0.9])
    assert isnan(raised[1])
    assert [raised[at] for at in (2, 0, 3)] == pytest.approx([0.03, 0.4, 0.9])


@given(CHANCES)
def test_no_test_becomes_more_certain_by_others_being_made(p: list[float]) -> None:
    raised = holm(p)
    assert all(before <= after <= 1.0 for before, after in zip(p, raised, strict=True))
    assert [raised[at] for at in np.argsort(p, kind="stable")] == sorted(raised)


def test_cut_tails_are_those_of_scipy() -> None:
    values = np.random.default_rng(0).permutation(np.arange(101.0))
    assert winsorised(values, 0.95).tolist() == pytest.approx(winsorize(values, (0.05, 0.05)).tolist())


def test_figures_without_meaning_are_left_out_of_quantiles() -> None:
    assert known_quantiles([*range(101), nan, inf, -inf]) == (2.5, 97.5)
    assert all(isnan(end) for end in known_quantiles([nan, nan]))


def test_a_figure_that_has_no_meaning_has_no_interval() -> None:
    assert np.isnan(interval(np.array([nan, 1.0, 2.0]))).all()
    found = interval(np.array([1.0, nan, nan]))
    assert found.value == 1.0
    assert np.isnan(found[1:]).all()


def test_the_same_seed_gives_the_same_counts_and_another_seed_others() -> None:
    assert np.array_equal(resample_counts(50, 4, seed=1), resample_counts(50, 4, seed=1))
    assert not np.array_equal(resample_counts(50, 4, seed=1), resample_counts(50, 4, seed=2))


def test_holm_of_a_case_computed_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == [0.03, 0.06, 0.06]


def test_cut_tails_and_quantiles_of_cases_computed_by_hand() -> None:
    assert winsorised(np.array([0.0, 1.0, 2.0, 3.0, 100.0]), 0.75).tolist() == [1.0, 1.0, 2.0, 3.0, 3.0]
    assert known_quantiles([*range(101), nan], (0.25, 0.75)) == (25.0, 75.0)


@given(st.integers(0, 999), st.floats(0.0, 1.0))
def test_whole_weights_are_repeated_rows(seed: int, chance: float) -> None:
    rng = np.random.default_rng(seed)
    values, weight = rng.integers(0, 5, 12).astype(float), rng.integers(1, 4, 12).astype(float)
    repeated = np.quantile(np.repeat(values, weight.astype(int)), chance, method="weibull")
    assert weighted_quantile(values, chance, weight) == pytest.approx(repeated)
    assert weighted_quantile(values, chance, np.ones(12)) == pytest.approx(weighted_quantile(values, chance, None))


def test_quantiles_of_weights_computed_by_hand() -> None:
    # ranks 1 to 4 of 2, 2, 2, 10: the middle one, 2.5, is 2; the last, 4, is 10
    assert weighted_quantile(np.array([10.0, 2.0]), [0.5, 0.8], np.array([1.0, 3.0])).tolist() == [2.0, 10.0]
    # half a row each: ranks .75 and 1.25 of one
    assert weighted_quantile(np.array([0.0, 1.0]), [0.375, 0.5, 0.9], np.array([0.5, 0.5])).tolist() == [0.0, 0.5, 1.0]
    assert weights_of(None, np.array([0])) is None
    assert weights_of(np.array([1.0, 2.0]), np.array([1])).tolist() == [2.0]  # type: ignore[union-attr]


def test_nothing_divided_by_nothing_is_unknown() -> None:
    assert divided([1.0, 2.0, -3.0], [2.0, 4.0, -2.0]).tolist() == [0.5, 0.5, 1.5]
    assert np.isnan(divided([1.0, 0.0, 2.0], [0.0, 0.0, nan])).all()
    assert np.isnan(divided(1.0, 0.0))
