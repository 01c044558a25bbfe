from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segment.clustering.matching import continued_numbers, most_valuable_first, nearest_links, overlap_links


@given(st.permutations(range(6)))
def test_the_same_clusters_in_another_order_are_recognised_by_place_and_by_customers(order):
    places = np.arange(6.0)[:, None] ** 2
    assert nearest_links(places[list(order)], places).tolist() == list(order)
    customers = np.repeat(np.arange(6), 5)
    assert overlap_links(customers, np.array(order)[customers], 6, 6).tolist() == list(order)


@given(st.integers(1, 8), st.integers(1, 8))
def test_no_number_is_given_twice(now, before):
    rng = np.random.default_rng(now * 10 + before)
    links = nearest_links(rng.normal(size=(now, 3)), rng.normal(size=(before, 3)))
    assert len(set(continued_numbers(links, np.arange(before), before).tolist())) == now


def test_a_cluster_that_was_not_there_gets_a_number_never_used():
    links = nearest_links(np.array([[0.0], [50.0], [9.0]]), np.array([[9.0], [0.0]]))
    assert continued_numbers(links, np.array([4, 7]), 12).tolist() == [7, 12, 4]


def test_the_sum_of_all_moves_is_the_smallest_not_each():
    # 1.0 is closest to 1.1, but then 1.2 would have to move to 9
    assert nearest_links(np.array([[1.0], [1.2]]), np.array([[1.1], [-9.0]])).tolist() == [1, 0]


def test_a_cluster_that_shares_few_customers_with_any_earlier_one_is_new():
    now, before = np.array([0] * 10 + [1] * 4), np.array([0] * 10 + [0, 1, 2, 3])
    assert overlap_links(now, before, 2, 4).tolist() == [0, -1]


def test_clusters_are_ordered_by_worth_and_empty_ones_dropped():
    centers = np.array([[0.0], [5.0], [99.0]])
    ordered = most_valuable_first(centers, np.array([[0.0], [0.1], [5.0]]), np.array([8.0, 9.0, 1.0]))
    assert ordered.ravel().tolist() == [0.0, 5.0]


def test_most_valuable_first_of_a_case_computed_by_hand() -> None:
    assert (
        repr(
            most_valuable_first(
                np.array([[0.0], [5.0], [99.0]]), np.array([[0.0], [5.0]]), np.array([1.0, 2.0])
            ).ravel()
        )
        == "array([5., 0.])"
    )


def test_overlap_links_of_a_case_computed_by_hand() -> None:
    assert repr(overlap_links(np.array([0, 0, 1, 1, 2]), np.array([1, 1, 0, 0, 0]), 3, 2)) == "array([ 1,  0, -1])"


def test_nearest_links_of_a_case_computed_by_hand() -> None:
    assert repr(nearest_links(np.array([[0.1], [9.0], [5.1]]), np.array([[5.0], [0.0]]))) == "array([ 1, -1,  0])"


def test_continued_numbers_of_a_case_computed_by_hand() -> None:
    assert repr(continued_numbers(np.array([1, -1, 0]), np.array([4, 7]), 9)) == "array([7, 9, 4])"
