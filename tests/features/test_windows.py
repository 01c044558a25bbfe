"""Trailing windows by cumulative sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from segment.features import window_features

CUBES = arrays(
    np.float64,
    array_shapes(min_dims=3, max_dims=3, max_side=6),
    elements=st.one_of(st.just(np.nan), st.floats(-1e6, 1e6, width=32)),
)


def naive(cube: np.ndarray, windows: list[int]) -> np.ndarray:
    customers, months, measures = cube.shape
    sums = np.full((customers, months, len(windows), measures), np.nan)
    for month in range(months):
        for position, window in enumerate(windows):
            seen = cube[:, max(0, month + 1 - window) : month + 1, :]
            known = ~np.isnan(seen)
            sums[:, month, position, :] = np.where(known.any(axis=1), np.where(known, seen, 0.0).sum(axis=1), np.nan)
    return sums


@given(CUBES, st.lists(st.integers(1, 8), min_size=1, max_size=3))
def test_every_window_equals_a_plain_loop(cube: np.ndarray, windows: list[int]) -> None:
    np.testing.assert_allclose(window_features(cube, windows), naive(cube, windows), rtol=0, atol=1e-6)


def test_sums_at_the_scale_of_billions_are_exact_to_the_cent() -> None:
    cents = np.random.default_rng(0).integers(-(10**11), 10**11, (50, 60, 3)) / 100.0
    windows = [1, 3, 6, 12]
    np.testing.assert_array_equal(np.round(window_features(cents, windows), 2), np.round(naive(cents, windows), 2))


def test_a_window_without_an_observed_month_is_missing_and_not_zero() -> None:
    sums = window_features([[[5.0], [np.nan], [np.nan]]], [1, 3])
    assert np.isnan(sums[0, 2, 0, 0])
    assert sums[0, 2, 1, 0] == 5.0


def test_a_window_that_reaches_before_the_first_month_sums_what_there_is() -> None:
    assert window_features([[[1.0], [2.0]]], [12])[0, :, 0, 0].tolist() == [1.0, 3.0]


def test_the_shape_is_customers_months_windows_measures() -> None:
    assert window_features(np.zeros((4, 5, 3)), (1, 12)).shape == (4, 5, 2, 3)
    assert window_features(np.zeros((0, 5, 3)), (1, 12)).shape == (0, 5, 2, 3)


def test_the_input_is_left_as_it_was() -> None:
    cube = np.array([[[1.0], [np.nan]]])
    window_features(cube, [2])
    assert np.isnan(cube[0, 1, 0])


@pytest.mark.parametrize(
    ("cube", "message"),
    [
        (np.zeros((2, 2)), r"shape \(customers, months, measures\). Got 2 dimensions"),
        (np.full((1, 1, 1), np.inf), "Got 1 infinite values"),
        ([[["a"]]], "must hold numbers"),
    ],
)
def test_a_cube_that_is_none_is_refused(cube: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        window_features(cube, [1])


@pytest.mark.parametrize("windows", [[0], [-3], [1.5], "12", [True - 2]])
def test_windows_must_be_whole_months(windows: object) -> None:
    with pytest.raises(ValueError, match="`windows` must be whole numbers"):
        window_features(np.zeros((1, 1, 1)), windows)
