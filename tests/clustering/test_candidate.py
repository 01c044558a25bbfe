from __future__ import annotations

import numpy as np
import pytest

from segment.clustering.candidate import Candidate, Grid, choose, few_enough, score

USUAL = {"stability": 0.9, "separation": 0.5, "agreement": 0.98, "least_recall": 0.97}


def trial(n_clusters: int, scores: list[float], sharpness: float = 5.0, *, continued: bool = False) -> Candidate:
    return Candidate(
        n_clusters, sharpness, 0.1, 0.9, 0.5, 0.98, 0.98, 0.97, np.array(scores), np.empty((0, 0)), continued
    )


@pytest.mark.parametrize("figure", list(USUAL))
def test_each_figure_counts(figure):
    assert score(**USUAL | {figure: 1.0}) > score(**USUAL)


def test_a_lost_tier_is_worse_than_a_stable_search_is_good():
    assert score(1.0, 0.8, 0.89, 0.0) < score(0.7, 0.5, 0.98, 0.97)


def test_the_simplest_of_those_as_good_as_the_best_is_chosen():
    best, as_good, worse = trial(16, [1.0, 1.2]), trial(8, [0.9, 1.1]), trial(6, [0.7, 0.9])
    assert choose([worse, as_good, best]) is as_good


def test_of_two_with_as_many_clusters_the_sharper_is_simpler():
    assert choose([trial(8, [1.0, 1.2], 5.0), trial(8, [1.0, 1.2], 12.0)]).border_sharpness == 12.0


def test_the_last_clusters_stay_unless_they_are_clearly_worse():
    others = [trial(6, [1.0, 1.2])]
    assert choose([*others, trial(12, [0.82, 1.0], continued=True)]).continued
    assert not choose([*others, trial(12, [0.6, 0.8], continued=True)]).continued


def test_one_sample_leaves_no_doubt_about_the_best():
    assert choose([trial(6, [1.0]), trial(8, [1.1])]).n_clusters == 8


def test_small_banks_try_few_clusters_and_at_least_one_setting():
    assert few_enough((8, 12, 16), 240) == [8, 12]
    assert few_enough((8, 12, 16), 10) == [8]


def test_a_setting_outside_the_range_is_not_spanned():
    grid = Grid((6, 12), (5.0, 8.0), (0.1,), 2, 0.0)
    assert grid.spans(8, 6.0, 0.1)
    assert not grid.spans(8, 6.0, 0.2)


def test_grid_spans_of_a_case_computed_by_hand() -> None:
    assert Grid((6, 12), (5.0,), (0.1,), 2, 0.0).spans(8, 5.0, 0.1)


def test_score_of_a_case_computed_by_hand() -> None:
    assert (round(score(0.9, 0.5, 0.99, 0.95), 3), score(0.9, 0.5, float("nan"), float("nan"))) == (1.2, 1.4)


def test_choose_of_a_case_computed_by_hand() -> None:
    figures = {"stability": 1.0, "separation": 1.0, "agreement": 1.0, "break_even_recall": 1.0, "least_recall": 1.0}
    few = Candidate(6, 5.0, 0.1, **figures, scores=np.array([1.0, 1.2]), centers=np.empty((6, 1)))
    many = Candidate(8, 5.0, 0.1, **figures, scores=np.array([1.1, 1.3]), centers=np.empty((8, 1)))
    assert choose([few, many]).n_clusters == 6


def test_few_enough_of_a_case_computed_by_hand() -> None:
    assert (few_enough([24, 8, 12], 250), few_enough([24, 8, 12], 50)) == ([8, 12], [8])
