from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.clustering.coordinates import bands, border_distances
from segment.clustering.mapping import agreement, cluster_bands, evaluate_bands, recalls
from segment.clustering.space import Space

BORDERS = np.array([-50.0, 50.0, 400.0])


def distances(values) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    return border_distances(values, np.tile(BORDERS, (len(values), 1)), np.full(len(values), 100.0))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(1.0, 8.0))
def test_a_cluster_of_one_mind_gets_its_customers_band(values, sharpness):
    rows = distances(values)
    own = np.where(np.all(rows == 0.0, axis=1), 0, (rows > 0).sum(axis=1))
    for band in np.unique(own):
        members = rows[own == band]
        found = cluster_bands(members, np.zeros(len(members), dtype=int), 1, sharpness, 0.0)
        assert found[0] == band


def test_one_very_rich_customer_does_not_speak_for_a_cluster():
    assert cluster_bands(distances([0.0, 10.0, -10.0, 1e9]), np.zeros(4, dtype=int), 1, 5.0, 0.0)[0] == 1


def test_a_handful_of_customers_is_pulled_towards_the_bank():
    values = np.r_[np.full(100, 0.0), 60.0]
    labels = np.r_[np.zeros(100, dtype=int), 1]
    assert cluster_bands(distances(values), labels, 2, 5.0, 0.0).tolist() == [1, 2]
    assert cluster_bands(distances(values), labels, 2, 5.0, 2.0).tolist() == [1, 1]


def test_agreement_and_recall_are_shares_of_the_customers_own_bands():
    own, clusters = np.array([0, 1, 1, 1, 3]), np.array([0, 1, 1, 2, 3])
    assert agreement(own, clusters) == 0.8
    assert recalls(own, clusters, 4) == pytest.approx([1.0, 2 / 3, np.nan, 1.0], nan_ok=True)


def test_clusters_that_mix_bands_are_found_out():
    values = np.array([-900.0, -900.0, 0.0, 0.0])
    space = Space(distances(values), np.empty((4, 0)), bands(values, np.tile(BORDERS, (4, 1))))
    apart, mixed = (evaluate_bands(space, np.array(labels), 2, 5.0, 0.0) for labels in ([0, 0, 1, 1], [0, 1, 0, 1]))
    assert (apart.agreement, mixed.agreement) == (1.0, 0.5)


def test_cluster_bands_of_a_case_computed_by_hand() -> None:
    distances = np.array([[-2.0, -3.0, -9.0], [2.0, -1.0, -5.0], [3.0, -1.0, -np.inf]])
    assert repr(cluster_bands(distances, np.array([0, 1, 1]), 2, 5.0, 0.0)) == "array([0, 1])"


def test_agreement_of_a_case_computed_by_hand() -> None:
    assert agreement(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2])) == 0.75


def test_recalls_of_a_case_computed_by_hand() -> None:
    assert repr(recalls(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]), 4)) == "array([1. , 0.5, 1. , nan])"


def test_evaluate_bands_of_a_case_computed_by_hand() -> None:
    distances = np.array([[-2.0, -3.0, -9.0], [2.0, -1.0, -5.0], [3.0, 0.5, -np.inf]])
    space = Space(distances, np.empty((3, 0)), np.array([0, 1, 2]))
    assert repr(evaluate_bands(space, np.array([0, 1, 1]), 2, 5.0, 0.0).recalls) == "array([ 1.,  1.,  0., nan])"
