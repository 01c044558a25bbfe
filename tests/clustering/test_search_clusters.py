from __future__ import annotations

import numpy as np
import pytest

from segment.clustering.candidate import Grid
from segment.clustering.search_clusters import Judged, PreviousClusters, fit_centers, refine, search
from segment.clustering.space import Space, learn_scaling, place
from segment.policy.cost_of_error import expected_costs
from tests.clustering.population import MATRIX, ODDS, TIERS, bank


@pytest.fixture(scope="module")
def judged() -> Judged:
    frame = bank(1500, seed=5)
    numbers = frame.select(*ODDS, "visits_12m", "products").cast(float).to_numpy()
    space = place(numbers, 4, learn_scaling(numbers[:, 4:]), MATRIX)
    return Judged(space, np.array([TIERS.index(tier) for tier in frame["came"]]))


def test_every_setting_is_reported_with_all_its_figures(judged):
    grid = Grid((8, 12), (0.02, 0.2), (0.1, 0.5), 2, 2.0)
    trials = search(judged.space, judged, grid, MATRIX, np.random.RandomState(0))
    settings = [(t.n_clusters, t.behaviour_weight, t.guard_margin) for t in trials]
    assert settings == [(k, weight, margin) for k in (8, 12) for weight in (0.02, 0.2) for margin in (0.1, 0.5)]
    assert all(np.isfinite(value) for t in trials for value in t.report().values())
    assert all(narrow.guarded >= wide.guarded for narrow, wide in zip(trials[::2], trials[1::2], strict=True))


def test_a_thin_tier_has_a_cluster_to_start_from():
    odds = np.tile([0.0, 0.0, 0.0, 1.0], (1500, 1))
    odds[:15] = [0.0, 1.0, 0.0, 0.0]
    space = Space(odds, expected_costs(odds, MATRIX), np.random.default_rng(0).normal(0.0, 1.0, (1500, 1)))
    centers = fit_centers(space, space.coordinates(0.01), 3, 0)
    assert np.min(np.abs(centers[:, 1] - 1.0)) < 0.05


def test_fewer_different_customers_than_clusters_are_their_own_centres():
    odds = np.tile([0.25], (9, 4))
    same = Space(odds, expected_costs(odds, MATRIX), np.empty((9, 0)))
    assert fit_centers(same, same.coordinates(0.1), 4, 0).shape == (1, 4)


def test_the_last_clusters_are_tried_from_where_they_lay(judged):
    grid = Grid((8,), (0.02,), (0.25,), 2, 2.0)
    first = search(judged.space, judged, grid, MATRIX, np.random.RandomState(0))[0]
    last = PreviousClusters(0.02, first.centers)
    *_, again = search(judged.space, judged, grid, MATRIX, np.random.RandomState(1), last)
    assert again.continued
    assert np.allclose(again.centers, first.centers)


def test_search_of_a_case_computed_by_hand() -> None:
    points, none = np.repeat([[0.0], [5.0]], 10, axis=0), np.empty((20, 0))
    space = Space(none, none, points)
    grid = Grid((2,), (1.0,), (0.0,), 2, 0.0)
    trials = search(space, Judged(space, np.full(20, -1)), grid, MATRIX, np.random.RandomState(0))
    assert (trials[0].stability, trials[0].separation) == (1.0, 1.0)


def test_fit_centers_of_a_case_computed_by_hand() -> None:
    points = np.repeat([[0.0], [5.0]], 10, axis=0)
    space = Space(np.empty((20, 0)), np.empty((20, 0)), points)
    assert repr(np.sort(fit_centers(space, points, 2, 0).ravel())) == "array([0., 5.])"


def test_refine_of_a_case_computed_by_hand() -> None:
    assert repr(refine(np.array([[0.0], [1.0], [9.0]]), np.array([[0.0], [9.0]])).ravel()) == "array([0.5, 9. ])"
