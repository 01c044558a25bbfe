from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.clustering.mapping import cost_of_clusters, guarded, pooled_odds, tiers_of_clusters
from segment.clustering.space import Space
from segment.policy.cost_of_error import expected_costs
from tests.clustering.population import MATRIX

SURE = np.eye(4)


def space(odds: np.ndarray) -> Space:
    return Space(odds, expected_costs(odds, MATRIX), np.empty((len(odds), 0)))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(0, 3))
def test_a_cluster_of_one_mind_gets_its_customers_tier(others: list[int], tier: int) -> None:
    odds = SURE[[tier, tier, *others]]
    labels = np.array([0, 0, *[1] * len(others)])
    assert tiers_of_clusters(pooled_odds(odds, labels, 2, 0.0), MATRIX)[0] == tier


def test_a_handful_of_customers_is_pulled_towards_the_bank() -> None:
    odds, labels = SURE[[2] * 100 + [1]], np.r_[np.zeros(100, dtype=int), 1]
    assert pooled_odds(odds, labels, 2, 0.0)[1].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert pooled_odds(odds, labels, 2, 2.0)[1].tolist() == pytest.approx([0.0, (1 + 2 / 101) / 3, 200 / 101 / 3, 0.0])


def test_a_cluster_without_customers_knows_what_the_bank_knows() -> None:
    assert pooled_odds(SURE[[0, 2]], np.array([0, 0]), 2, 0.0)[1].tolist() == [0.5, 0.0, 0.5, 0.0]


def test_own_odds_overrule_a_cluster_that_is_dearer_by_more_than_the_margin() -> None:
    costs = expected_costs([[0.0, 0.4, 0.6, 0.0]], MATRIX)  # valuable costs .6, break-even .8
    assert [guarded(costs, np.array([2]), margin)[0].tolist() for margin in (0.19, 0.2)] == [[1], [2]]
    assert guarded(costs, np.array([2]), 0.19)[1].tolist() == [True]


def test_what_came_is_paid_for_and_what_did_not_yet_come_is_expected() -> None:
    people, tiers = space(np.array([[0.0, 0.4, 0.6, 0.0]] * 2)), np.array([1, 1])
    both = cost_of_clusters(people, tiers, 0.25, np.array([3, -1]), MATRIX)
    assert both.cost == pytest.approx((3.0 + 0.6) / 2)
    assert both.guarded == 0.0


def test_pooled_odds_of_a_case_computed_by_hand() -> None:
    assert pooled_odds(SURE[[0, 1, 3]], np.array([0, 0, 1]), 2, 0.0).tolist() == [[0.5, 0.5, 0.0, 0.0], [0, 0, 0, 1]]


def test_tiers_of_clusters_of_a_case_computed_by_hand() -> None:
    # as likely valuable as break-even: to serve too little is dearer; high-value at one in three is worth a manager
    assert tiers_of_clusters(np.array([[0.0, 0.5, 0.5, 0.0], [0.34, 0.66, 0.0, 0.0]]), MATRIX).tolist() == [1, 0]
