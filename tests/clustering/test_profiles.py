from __future__ import annotations

import numpy as np
import pytest

from segment.clustering.profiles import LEAST_TO_DESCRIBE, means_by_cluster, medians_by_cluster, profile_cards


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


def test_the_figures_of_a_cluster_too_small_to_hide_in_are_not_told():
    labels = np.repeat([0, 1], [LEAST_TO_DESCRIBE, LEAST_TO_DESCRIBE - 1])
    described, hidden = profile_cards(labels, ["a", "b"], ["valuable"] * 2, np.ones((len(labels), 1)), ["x"])
    assert described["median_x"] == 1.0
    assert np.isnan(hidden["median_x"])


def test_means_by_cluster_of_a_case_computed_by_hand() -> None:
    assert repr(means_by_cluster(np.array([[1.0], [3.0], [5.0]]), np.array([0, 0, 1]), 2).ravel()) == "array([2., 5.])"


def test_medians_by_cluster_of_a_case_computed_by_hand() -> None:
    assert (
        repr(medians_by_cluster(np.array([[1.0], [3.0], [np.nan]]), np.array([0, 0, 1]), 2).ravel())
        == "array([ 2., nan])"
    )


def test_profile_cards_of_a_case_computed_by_hand() -> None:
    assert profile_cards(np.zeros(12, dtype=int), ["typical"], ["valuable"], np.arange(12.0)[:, None], ["visits"]) == [
        {"cluster": 0, "name": "typical", "tier": "valuable", "customers": 12, "share": 1.0, "median_visits": 5.5}
    ]
