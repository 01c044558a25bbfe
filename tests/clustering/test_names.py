from __future__ import annotations

import numpy as np

from segment.clustering.names import cluster_names, column_words, continued_names, contrasts, traits

COLUMNS = ["visits_12m", "balance"]
LAST = (["valuable", "valuable"], ["valuable, high balance", "valuable, typical"], [["+balance"], []])
NOBODY = np.array([-1, -1])


def renamed(tiers: list[str], ranks: list[list[float]], links: np.ndarray) -> list[str]:
    return continued_names(tiers, np.array(ranks), COLUMNS, links, LAST)[0]


def test_a_name_holds_the_tier_and_the_two_traits_that_stand_out_most():
    behaviour = traits(np.array([[0.6, -1.5, 0.4, 0.9]]), ["age", "visits_12m", "cards", "balance"])
    assert cluster_names(["high_value"], behaviour) == ["high-value, low visits 12m, high balance"]


def test_clusters_are_held_against_those_of_the_same_tier_and_one_alone_against_the_bank():
    ranks = np.array([[1.0, 0.0], [0.5, 0.2], [0.2, -0.1]])
    found = contrasts(ranks, ["valuable", "valuable", "break_even"], np.array([10, 30, 5]))
    assert np.allclose(found, [[0.375, -0.15], [-0.125, 0.05], [0.2, -0.1]])


def test_no_cluster_is_without_a_trait_that_sets_it_apart_most():
    assert traits(np.array([[0.02, -0.05], [0.0, 0.0]]), COLUMNS) == [["-balance"], []]


def test_a_faint_name_stays_while_it_is_still_what_sets_the_cluster_apart():
    last = (["valuable"], ["valuable, high balance"], [["+balance"]])
    for figures, name in (([0.05, 0.1], "valuable, high balance"), ([-0.2, 0.1], "valuable, low visits 12m")):
        found = continued_names(["valuable"], np.array([figures]), COLUMNS, np.array([0]), last)
        assert found[0] == [name]


def test_clusters_alike_are_told_apart_by_their_place_in_the_order_of_value():
    assert cluster_names(["valuable"] * 3, [[]] * 3) == [
        "valuable, typical, upper",
        "valuable, typical, middle",
        "valuable, typical, lower",
    ]
    assert cluster_names(["valuable"] * 4, [[]] * 4)[-1] == "valuable, typical, level 4 of 4"


def test_no_new_name_is_one_that_the_last_model_gave():
    assert renamed(["valuable", "valuable"], [[0.0, 0.9], [0.0, 0.0]], NOBODY) == [
        "valuable, high balance (2)",
        "valuable, typical (2)",
    ]


def test_a_name_stays_while_its_figures_waver_and_goes_when_it_would_be_wrong():
    both = np.array([0, 1])
    assert renamed(["valuable", "valuable"], [[0.0, 0.3], [0.7, 0.0]], both) == LAST[1]
    assert renamed(["valuable", "valuable"], [[0.2, 0.1], [0.0, 1.2]], both) == [
        "valuable, high visits 12m",
        "valuable, high balance (2)",
    ]


def test_a_cluster_of_another_tier_is_named_anew():
    assert renamed(["break_even", "valuable"], [[0.0, 0.9], [0.0, 0.0]], np.array([0, 1])) == [
        "break-even, high balance",
        "valuable, typical",
    ]


def test_more_and_fewer_clusters_than_before_keep_what_continues():
    assert renamed(["valuable"] * 3, [[0.0, 0.9], [-0.9, 0.0], [0.0, 0.0]], np.array([0, -1, 1])) == [
        "valuable, high balance",
        "valuable, low visits 12m",
        "valuable, typical",
    ]
    assert renamed(["valuable"], [[0.0, 0.0]], np.array([1])) == ["valuable, typical"]


def test_traits_of_a_case_computed_by_hand() -> None:
    assert traits(np.array([[0.9, -1.2], [0.1, 0.0]]), ["visits_12m", "balance_12m"]) == [
        ["-balance_12m", "+visits_12m"],
        ["+visits_12m"],
    ]


def test_cluster_names_of_a_case_computed_by_hand() -> None:
    assert cluster_names(["valuable", "break_even", "break_even"], [["+product_families"], [], []]) == [
        "valuable, many products",
        "break-even, typical, upper",
        "break-even, typical, lower",
    ]


def test_continued_names_of_a_case_computed_by_hand() -> None:
    last = (["valuable"], ["valuable, busy"], [["+initiated_events_12m"]])
    columns = ["initiated_events_12m"]
    assert continued_names(["valuable"], np.array([[0.3]]), columns, np.array([0]), last)[0] == ["valuable, busy"]
    assert continued_names(["break_even"], np.array([[0.3]]), columns, np.array([0]), last)[0] == ["break-even, busy"]


def test_column_words_of_a_case_computed_by_hand() -> None:
    assert (column_words("digital_share_12m", 1), column_words("visits_12m", -1)) == (
        "mostly digital",
        "low visits 12m",
    )
