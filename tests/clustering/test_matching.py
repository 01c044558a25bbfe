from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segment.clustering.matching import matched_numbers, most_valuable_first


@given(st.permutations(range(6)))
def test_the_same_clusters_in_another_order_keep_their_numbers(order):
    places = np.arange(6.0)[:, None] ** 2
    assert matched_numbers(places[list(order)], places, np.arange(6)).tolist() == list(order)


@given(st.integers(1, 8), st.integers(1, 8))
def test_no_number_is_given_twice(now, before):
    rng = np.random.default_rng(now * 10 + before)
    numbers = matched_numbers(rng.normal(size=(now, 3)), rng.normal(size=(before, 3)), np.arange(before))
    assert len(set(numbers.tolist())) == now


def test_a_cluster_that_was_not_there_gets_a_number_never_used():
    numbers = matched_numbers(np.array([[0.0], [50.0], [9.0]]), np.array([[9.0], [0.0]]), np.array([4, 7]))
    assert numbers.tolist() == [7, 8, 4]


def test_the_sum_of_all_moves_is_the_smallest_not_each():
    # 1.0 is closest to 1.1, but then 1.2 would have to move to 9
    assert matched_numbers(np.array([[1.0], [1.2]]), np.array([[1.1], [-9.0]]), np.array([0, 1])).tolist() == [1, 0]


def test_clusters_are_ordered_by_worth_and_empty_ones_dropped():
    centers = np.array([[0.0], [5.0], [99.0]])
    ordered = most_valuable_first(centers, np.array([[0.0], [0.1], [5.0]]), np.array([8.0, 9.0, 1.0]))
    assert ordered.ravel().tolist() == [0.0, 5.0]
