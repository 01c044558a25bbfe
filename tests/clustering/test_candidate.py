from __future__ import annotations

import numpy as np
import pytest

from segment.clustering.candidate import Candidate, Grid, choose, few_enough


def trial(
    n_clusters: int,
    rand: list[float],
    *,
    weight: float = 0.1,
    margin: float = 0.1,
    cost: float = 0.3,
    guarded: float = 0.02,
    continued: bool = False,
) -> Candidate:
    costs = np.full(len(rand), cost)
    return Candidate(
        n_clusters, weight, margin, 0.9, 0.5, cost, guarded, costs, np.array(rand), np.empty((0, 0)), continued
    )


def test_a_hundredth_of_cost_is_worth_a_tenth_of_a_point_of_stability():
    assert trial(8, [0.9], cost=0.30).score == pytest.approx(trial(8, [0.8], cost=0.29).score)


def test_without_odds_stability_and_separation_count():
    assert trial(8, [0.9], cost=float("nan")).score == 1.4


def test_of_those_as_good_as_the_best_the_one_with_most_behaviour_is_chosen():
    best, as_good, worse = trial(8, [0.9, 1.0]), trial(16, [0.88, 0.97], weight=0.2), trial(6, [0.7, 0.8], weight=0.4)
    assert choose([best, as_good, worse]) is as_good


def test_of_as_much_behaviour_the_fewest_clusters_and_then_the_narrowest_margin():
    assert choose([trial(12, [0.9, 1.0]), trial(8, [0.9, 1.0])]).n_clusters == 8
    assert choose([trial(8, [0.9, 1.0], margin=0.25), trial(8, [0.9, 1.0])]).guard_margin == 0.1


def test_settings_in_which_clusters_do_not_decide_are_left_out_while_others_remain():
    overruled, decides = trial(8, [0.9, 1.0], guarded=0.08), trial(12, [0.6, 0.7])
    assert choose([overruled, decides], 0.04) is decides
    assert choose([overruled], 0.04) is overruled


def test_the_last_clusters_stay_unless_they_are_clearly_worse():
    others = [trial(6, [0.9, 1.0])]
    assert choose([*others, trial(12, [0.8, 0.9], continued=True)]).continued
    assert not choose([*others, trial(12, [0.5, 0.6], continued=True)]).continued


def test_one_sample_leaves_no_doubt_about_the_best():
    assert choose([trial(6, [0.8]), trial(8, [0.9])]).n_clusters == 8


def test_small_banks_try_few_clusters_and_at_least_one_setting():
    assert few_enough((8, 12, 16), 240) == [8, 12]
    assert few_enough((8, 12, 16), 10) == [8]


def test_a_setting_outside_the_range_is_not_spanned():
    grid = Grid((6, 12), (0.1, 0.2), (0.1,), 2, 0.0)
    assert grid.spans(8, 0.15)
    assert not grid.spans(8, 0.3)
    assert not grid.spans(4, 0.15)


def test_few_enough_of_a_case_computed_by_hand() -> None:
    assert (few_enough([24, 8, 12], 250), few_enough([24, 8, 12], 50)) == ([8, 12], [8])
