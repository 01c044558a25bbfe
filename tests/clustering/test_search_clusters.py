from __future__ import annotations

import numpy as np
import pytest

from segment.clustering.candidate import Grid
from segment.clustering.search_clusters import PreviousClusters, fit_centers, refine, search
from segment.clustering.space import Space, learn_scaling, place
from tests.clustering.population import BORDERS, bank


@pytest.fixture(scope="module")
def space() -> Space:
    frame = bank(1500, seed=5).select("blended_contribution_12m", *BORDERS, "mean_cost", "visits_12m", "products")
    numbers = frame.cast(float).to_numpy()
    return place(numbers, 3, learn_scaling(numbers[:, 5:]))


def test_every_setting_is_reported_with_all_its_figures(space):
    trials = search(space, Grid((8, 12), (3.0, 8.0), (0.02,), 2, 2.0), np.random.RandomState(0))
    settings = [(t.n_clusters, t.border_sharpness, t.behaviour_weight) for t in trials]
    assert settings == [(8, 3.0, 0.02), (8, 8.0, 0.02), (12, 3.0, 0.02), (12, 8.0, 0.02)]
    assert all(np.isfinite(value) for t in trials for value in t.report().values())


def test_a_thin_band_has_a_cluster_to_start_from(space):
    bands = np.zeros(len(space), dtype=np.intp)
    bands[:15] = 1
    coordinates = np.where(bands == 1, 0.5, -1.0)[:, None] + np.random.default_rng(0).normal(0, 0.01, (len(bands), 1))
    centers = fit_centers(Space(coordinates, np.empty((len(bands), 0)), bands), coordinates, 3, 0)
    assert np.min(np.abs(centers - 0.5)) < 0.05


def test_fewer_different_customers_than_clusters_are_their_own_centres(space):
    same = Space(np.zeros((9, 3)), np.empty((9, 0)), np.ones(9, dtype=np.intp))
    assert fit_centers(same, same.coordinates(5.0, 0.1), 4, 0).shape == (1, 3)


def test_the_last_clusters_are_tried_from_where_they_lay(space):
    grid = Grid((8,), (5.0,), (0.02,), 2, 2.0)
    first = search(space, grid, np.random.RandomState(0))[0]
    *_, again = search(space, grid, np.random.RandomState(1), PreviousClusters(5.0, 0.02, first.centers))
    assert again.continued
    assert np.allclose(again.centers, first.centers)


def test_search_of_a_case_computed_by_hand() -> None:
    points = np.repeat([[0.0], [5.0]], 10, axis=0)
    space = Space(np.empty((20, 0)), points, np.zeros(20, dtype=int))
    trials = search(space, Grid((2,), (1.0,), (1.0,), 2, 0.0), np.random.RandomState(0))
    assert (trials[0].stability, trials[0].separation) == (1.0, 1.0)


def test_fit_centers_of_a_case_computed_by_hand() -> None:
    points = np.repeat([[0.0], [5.0]], 10, axis=0)
    space = Space(np.empty((20, 0)), points, np.zeros(20, dtype=int))
    assert repr(np.sort(fit_centers(space, points, 2, 0).ravel())) == "array([0., 5.])"


def test_refine_of_a_case_computed_by_hand() -> None:
    assert repr(refine(np.array([[0.0], [1.0], [9.0]]), np.array([[0.0], [9.0]])).ravel()) == "array([0.5, 9. ])"
