from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from segment.main_bank.map_logistic import Scale, fit_map, standardised

TRUTH = np.array([0.5, -2.0, 1.5])


def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    values = rng.normal(size=(n, 2))
    return values, (rng.random(n) < expit(values @ TRUTH[1:] + TRUTH[0])).astype(float)


def test_without_labels_the_prior_stays() -> None:
    prior = np.array([-0.6, 1.8, -2.2])
    np.testing.assert_array_equal(fit_map(np.empty((0, 2)), np.empty(0), np.empty(0), prior, 0.5), prior)


def test_with_many_labels_it_is_the_free_logistic_regression() -> None:
    values, y = draw(40_000)
    found = fit_map(values, y, np.ones(len(y)), np.array([3.0, 3.0, -3.0]), 0.5)
    free = LogisticRegression(C=np.inf, tol=1e-8).fit(values, y)
    np.testing.assert_allclose(found, [free.intercept_[0], *free.coef_[0]], atol=0.02)


def test_more_labels_move_it_further_from_the_prior() -> None:
    prior = np.zeros(3)
    distances = []
    for n in (0, 20, 200, 2_000):
        values, y = draw(n)
        distances.append(np.linalg.norm(fit_map(values, y, np.ones(n), prior, 0.5) - TRUTH))
    assert distances == sorted(distances, reverse=True)


def test_it_equals_ridge_logistic_regression_when_the_prior_is_centred_on_0() -> None:
    values, y = draw(300)
    with_ones = np.column_stack([np.ones(300), values])
    ridge = LogisticRegression(C=0.25, fit_intercept=False, tol=1e-10).fit(with_ones, y)
    np.testing.assert_allclose(fit_map(values, y, np.ones(300), np.zeros(3), 0.5), ridge.coef_[0], atol=1e-5)


def test_a_weight_of_two_is_a_row_twice() -> None:
    values, y = draw(50)
    twice = fit_map(np.vstack([values, values]), np.tile(y, 2), np.ones(100), np.zeros(3), 0.5)
    np.testing.assert_allclose(fit_map(values, y, np.full(50, 2.0), np.zeros(3), 0.5), twice, atol=1e-8)


def test_classes_that_part_without_overlap_still_have_one_answer() -> None:
    values, y = np.array([[-1.0], [1.0]]), np.array([0.0, 1.0])
    found = fit_map(values, y, np.ones(2), np.zeros(2), 0.5)
    # the slope w solves w / 0.5^2 = 2 * sigmoid(-w): 0.42...
    assert found[1] * 4 == pytest.approx(2 * expit(-found[1]), abs=1e-6)


def test_fit_map_of_a_case_computed_by_hand() -> None:
    nothing = np.empty((0, 1))
    assert (
        repr(fit_map(nothing, np.empty(0), np.empty(0), np.array([-0.6, 1.8]), prior_sd=0.5)) == "array([-0.6,  1.8])"
    )


def test_scale_of_of_a_case_computed_by_hand() -> None:
    assert (
        repr(Scale.of(np.array([[1.0], [3.0], [np.nan]]), np.ones(3)))
        == "Scale(centre=array([2.]), spread=array([1.]))"
    )


def test_standardised_of_a_case_computed_by_hand() -> None:
    assert standardised(np.array([[4.0, np.nan]]), Scale(np.array([2.0, 5.0]), np.array([1.0, 1.0]))).tolist() == [
        [2.0, 0.0]
    ]
