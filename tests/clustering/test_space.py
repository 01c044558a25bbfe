"""Cases of `space` computed by hand."""

from __future__ import annotations

import numpy as np

from segment.clustering.space import Space, learn_scaling, place


def test_space_coordinates_of_a_case_computed_by_hand() -> None:
    assert (
        repr(Space(np.zeros((1, 3)), np.ones((1, 1)), np.ones(1, dtype=int)).coordinates(5.0, 0.04))
        == "array([[0. , 0. , 0. , 0.2]])"
    )


def test_learn_scaling_of_a_case_computed_by_hand() -> None:
    assert sorted(learn_scaling(np.array([[1.0], [3.0]]))) == ["knots", "means", "medians", "spreads"]


def test_place_of_a_case_computed_by_hand() -> None:
    numbers = np.array([[50.0, -10.0, 10.0, 100.0, 20.0]])
    assert repr(place(numbers, 3, learn_scaling(np.empty((1, 0)))).bands) == "array([2])"
