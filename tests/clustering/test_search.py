from __future__ import annotations

import numpy as np
import pytest

from segment.clustering.search import Grid, Trial, few_enough, fit_centers, search
from segment.clustering.space import Space, learn_scaling, place
from tests.clustering.population import BORDERS, bank


@pytest.fixture(scope="module")
def space() -> Space:
    frame = bank(1500, seed=5).select("blended_contribution_12m", *BORDERS, "mean_cost", "visits_12m", "products")
    numbers = frame.cast(float).to_numpy()
    return place(numbers, 3, learn_scaling(numbers[:, 5:]))


def trial(**figures) -> Trial:
    usual = {"stability": 0.9, "separation": 0.5, "agreement": 0.98, "break_even_recall": 0.98, "least_recall": 0.97}
    return Trial(8, 5.0, 0.1, centers=np.empty((0, 0)), **usual | figures)


@pytest.mark.parametrize("figure", ["stability", "separation", "agreement", "least_recall"])
def test_each_figure_counts(figure):
    assert trial(**{figure: 1.0}).score > trial().score


def test_a_lost_tier_is_worse_than_a_stable_search_is_good():
    assert trial(stability=1.0, separation=0.8, agreement=0.89, least_recall=0.0).score < trial(stability=0.7).score


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


def test_small_banks_try_few_clusters_and_at_least_one_setting():
    assert few_enough((8, 12, 16), 240) == [8, 12]
    assert few_enough((8, 12, 16), 10) == [8]
