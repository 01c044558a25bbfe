from __future__ import annotations

import numpy as np
import pytest

from segment.clustering.coordinates import rank_knots, rank_scale, weighted


def test_missing_behaviour_takes_the_median():
    column = np.array([[1.0], [2.0], [9.0]])
    learned = rank_knots(column)
    assert rank_scale(np.array([[np.nan]]), *learned) == rank_scale(np.array([[2.0]]), *learned)


def test_heavy_tails_and_units_do_not_show_in_ranks():
    column = np.exp(np.random.default_rng(0).normal(size=(500, 1)))
    plain = rank_scale(column, *rank_knots(column))
    stretched = rank_scale(column**5, *rank_knots(column**5))
    assert np.abs(plain).max() <= np.sqrt(3.0)
    assert stretched == pytest.approx(plain, abs=0.02)


def test_ranks_have_mean_zero_and_variance_one():
    column = np.random.default_rng(0).normal(size=(4000, 1))
    ranks = rank_scale(column, *rank_knots(column))
    assert ranks.mean() == pytest.approx(0.0, abs=0.01)
    assert ranks.var() == pytest.approx(1.0, abs=0.02)


def test_a_constant_or_unknown_column_says_nothing():
    columns = np.column_stack([np.full(5, 7.0), np.full(5, np.nan)])
    assert np.all(rank_scale(columns, *rank_knots(columns)) == 0.0)


@pytest.mark.parametrize("columns", [1, 4, 25])
def test_the_weight_of_behaviour_does_not_grow_with_its_columns(columns):
    behaviour = np.random.default_rng(0).normal(size=(5000, columns))
    seen = weighted(np.zeros((5000, 3)), behaviour, 0.1)
    assert seen.var(axis=0).sum() == pytest.approx(0.1, rel=0.05)


def test_rank_knots_of_a_case_computed_by_hand() -> None:
    medians, knots = rank_knots(np.array([[1.0], [np.nan], [3.0]]))
    assert repr((medians, knots.shape)) == "(array([2.]), (1, 257))"


def test_rank_scale_of_a_case_computed_by_hand() -> None:
    column = np.arange(5.0).reshape(-1, 1)
    assert repr(rank_scale(column, *rank_knots(column)).round(1).ravel()) == "array([-1.7, -0.9,  0. ,  0.9,  1.7])"


def test_weighted_of_a_case_computed_by_hand() -> None:
    assert repr(weighted(np.zeros((1, 1)), np.ones((1, 4)), 0.04)) == "array([[0. , 0.1, 0.1, 0.1, 0.1]])"
