"""Cases of `space` computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from segment.clustering.space import Space, learn_scaling, place
from tests.clustering.population import MATRIX


def test_space_coordinates_of_a_case_computed_by_hand() -> None:
    odds = np.array([[0.25, 0.36, 0.39, 0.0]])
    seen = Space(odds, odds, np.ones((1, 1))).coordinates(0.04)
    assert seen == pytest.approx(np.array([[0.5, 0.6, np.sqrt(0.39), 0.0, 0.2]]))


def test_the_distance_of_odds_is_hellinger_s() -> None:
    odds = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.99, 0.01, 0.0, 0.0]])
    seen = Space(odds, odds, np.empty((3, 0))).coordinates(0.1)
    assert np.linalg.norm(seen[0] - seen[1]) == pytest.approx(np.sqrt(2.0))
    assert np.linalg.norm(seen[0] - seen[2]) > 0.1


def test_learn_scaling_of_a_case_computed_by_hand() -> None:
    assert sorted(learn_scaling(np.array([[1.0], [3.0]]))) == ["knots", "means", "medians", "spreads"]


def test_place_of_a_case_computed_by_hand() -> None:
    numbers = np.array([[0.1, 0.4, 0.5, 0.0], [0.0, 0.0, 0.1, 0.9]])
    space = place(numbers, 4, learn_scaling(np.empty((2, 0))), MATRIX)
    # valuable costs .1 x 2 + .5 x 1 = .7, break-even .1 x 5 + .4 x 2 = 1.3, high-value .4 x 1 + .5 x 3 = 1.9
    assert space.costs[0].tolist() == pytest.approx([1.9, 0.7, 1.3, 4.6])
    assert space.own_tiers.tolist() == [1, 3]
    assert space.worth.tolist() == pytest.approx([-1.4, -2.9])
