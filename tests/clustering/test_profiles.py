from __future__ import annotations

import numpy as np
import pytest

from segment.clustering.profiles import cluster_names, means_by_cluster, medians_by_cluster, profile_cards


def test_a_name_holds_the_tier_and_the_two_traits_that_stand_out_most():
    names = cluster_names(["high_value"], np.array([[0.6, -1.5, 0.4, 0.9]]), ["age", "visits_12m", "cards", "balance"])
    assert names == ["high-value, low visits 12m, high balance"]


def test_no_two_clusters_share_a_name():
    assert cluster_names(["valuable"] * 3, np.zeros((3, 1)), ["visits"]) == [
        "valuable, typical",
        "valuable, typical (2)",
        "valuable, typical (3)",
    ]


def test_medians_leave_out_what_is_missing():
    values = np.array([[1.0, np.nan], [9.0, 4.0], [5.0, np.nan]])
    assert medians_by_cluster(values, np.array([0, 0, 1]), 2) == pytest.approx(
        np.array([[5.0, 4.0], [5.0, np.nan]]), nan_ok=True
    )


def test_means_of_no_columns_are_no_columns():
    assert means_by_cluster(np.empty((3, 0)), np.array([0, 1, 1]), 2).shape == (2, 0)


def test_the_shares_of_the_cards_add_up_to_one():
    cards = profile_cards(np.array([0, 1, 1, 2]), ["a", "b", "c"], ["valuable"] * 3, np.ones((4, 1)), ["x"])
    assert sum(card["share"] for card in cards) == 1.0
    assert [card["customers"] for card in cards] == [1, 2, 1]
