from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.clustering.coordinates import bands, border_coordinates, border_distances, rank_knots, rank_scale, weighted

money = st.integers(-(10**11), 10**11).map(lambda cents: cents / 100)


def test_the_coordinate_is_the_one_of_the_design():
    distances = border_distances(np.array([130.0]), np.array([[100.0]]), np.array([40.0]))
    assert border_coordinates(distances, 5.0) == pytest.approx(np.tanh(5.0 * np.arcsinh(0.75)))


@given(money, st.lists(money, min_size=3, max_size=3, unique=True).map(sorted), st.floats(0, 1e6))
def test_coordinates_lie_within_one_and_change_sign_at_the_border(value, borders, scale):
    row = np.array([borders])
    seen = border_coordinates(border_distances(np.array([value]), row, np.array([scale])), 5.0)
    assert np.all(np.abs(seen) <= 1.0)
    assert np.array_equal(np.sign(seen), np.sign(value - row))


def test_a_border_out_of_reach_is_far_away():
    distances = border_distances(np.array([1e12]), np.array([[np.nan]]), np.array([1.0]))
    assert border_coordinates(distances, 3.0).item() == -1.0


@given(money, money, st.lists(money, min_size=3, max_size=3).map(sorted))
def test_a_higher_value_is_never_in_a_lower_band(first, second, borders):
    found = bands(np.array(sorted([first, second])), np.array([borders, borders]))
    assert found[0] <= found[1]


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


def test_border_distances_of_a_case_computed_by_hand() -> None:
    assert (
        repr(border_distances(np.array([10.0]), np.array([[0.0, 10.0, np.nan]]), np.array([10.0])).round(3))
        == "array([[0.881, 0.   ,  -inf]])"
    )


def test_border_coordinates_of_a_case_computed_by_hand() -> None:
    assert repr(border_coordinates(np.array([[0.0, -np.inf]]), 5.0)) == "array([[ 0., -1.]])"


def test_bands_of_a_case_computed_by_hand() -> None:
    assert (
        repr(bands(np.array([-6.0, -5.0, 5.0, 9.0, 9.0]), np.array([[-5.0, 5.0, 9.0]] * 4 + [[-5.0, 5.0, np.nan]])))
        == "array([0, 1, 1, 3, 2])"
    )


def test_rank_knots_of_a_case_computed_by_hand() -> None:
    medians, knots = rank_knots(np.array([[1.0], [np.nan], [3.0]]))
    assert repr((medians, knots.shape)) == "(array([2.]), (1, 257))"


def test_rank_scale_of_a_case_computed_by_hand() -> None:
    column = np.arange(5.0).reshape(-1, 1)
    assert repr(rank_scale(column, *rank_knots(column)).round(1).ravel()) == "array([-1.7, -0.9,  0. ,  0.9,  1.7])"


def test_weighted_of_a_case_computed_by_hand() -> None:
    assert repr(weighted(np.zeros((1, 1)), np.ones((1, 4)), 0.04)) == "array([[0. , 0.1, 0.1, 0.1, 0.1]])"
