from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.proportion import proportions_ztest

from segment.audit.significance import against_best, difference_p


@pytest.mark.parametrize(("hits", "other"), [(1, 9), (0, 4), (3, 3)])
def test_expected_counts_below_five_are_tested_by_fisher(hits: int, other: int) -> None:
    exact = fisher_exact(np.array([[hits, 50 - hits], [other, 60 - other]])).pvalue
    assert difference_p(hits, 50, other, 60) == pytest.approx(exact)


def test_tea_tasted_by_a_lady() -> None:
    """R. A. Fisher, The Design of Experiments, 1935: 3 of 4 cups each, two-sided."""
    assert difference_p(3, 4, 1, 4) == pytest.approx(34 / 70)


@pytest.mark.parametrize(("hits", "of", "other", "other_of"), [(60, 100, 40, 100), (300, 2_000, 350, 1_800)])
def test_large_counts_are_tested_by_two_proportions(hits: int, of: int, other: int, other_of: int) -> None:
    expected = proportions_ztest([hits, other], [of, other_of])[1]
    assert difference_p(hits, of, other, other_of) == pytest.approx(expected)


def test_where_all_or_none_meet_it_nothing_differs() -> None:
    assert difference_p(0, 50, 0, 60) == 1.0
    assert difference_p(50, 50, 60, 60) == 1.0


def test_difference_p_of_a_case_computed_by_hand() -> None:
    assert (round(difference_p(3, 4, 1, 4), 4), round(difference_p(60, 100, 40, 100), 4)) == (0.4857, 0.0047)


def test_against_best_of_a_case_computed_by_hand() -> None:
    assert (against_best(0.01, 2), against_best(0.01, 4), against_best(0.9, 4)) == (0.01, 0.02, 1.0)
