"""The blend finds the better learner; columns nobody fills are left out."""

from __future__ import annotations

import numpy as np
import pytest

from segment.exceptions import ModelError
from segment.value.boosting import Boosting
from segment.value.ensemble import blend_weights
from segment.value.learners import (
    MEAN_LEVEL,
    MONEY_LEVEL,
    NO_CHANGE,
    Task,
    cross_fit,
    excess_over_limit,
    point_learners,
)


def test_weights_are_a_mean_and_prefer_who_errs_less() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=500)
    learners = np.column_stack([truth + rng.normal(0, spread, 500) for spread in (0.1, 1.0, 3.0)])
    weights = blend_weights(learners, truth, scale=1.0)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()
    assert weights[0] > 0.9


def test_two_learners_with_opposite_errors_share() -> None:
    rng = np.random.default_rng(0)
    truth, error = rng.normal(size=500), rng.normal(0, 0.3, 500)
    weights = blend_weights(np.column_stack([truth + error, truth - error]), truth, scale=1.0)
    assert weights == pytest.approx([0.5, 0.5], abs=0.02)


def test_perfect_learners_share_alike() -> None:
    truth = np.arange(5.0)
    assert blend_weights(np.column_stack([truth, truth]), truth, scale=1.0).tolist() == [0.5, 0.5]


def test_large_data_get_fewer_and_faster_trees() -> None:
    few, many = Boosting.for_rows(1_000), Boosting.for_rows(500_000)
    assert few.max_iter > many.max_iter
    assert few.learning_rate < many.learning_rate
    assert Boosting.for_rows(500_000, max_iter=7, max_features=None).max_iter == 7


def test_no_size_jumps_where_data_become_large() -> None:
    for rows in range(2_990, 6_020):
        one, more = Boosting.for_rows(rows), Boosting.for_rows(rows + 1)
        assert abs(one.max_iter - more.max_iter) <= 1
        assert abs(one.max_leaf_nodes - more.max_leaf_nodes) <= 1
        assert one.learning_rate == pytest.approx(more.learning_rate, abs=1e-4)


def test_beyond_the_baselines_it_learned_from_the_level_follows_the_baseline() -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(size=400)
    splits = [(np.arange(200), np.arange(200, 400)), (np.arange(200, 400), np.arange(200))]
    task = Task(start[:, None], start, start + 1.0, splits, Boosting.for_rows(400, max_iter=50), seed=0)
    level = cross_fit(MEAN_LEVEL, task)
    giants = np.array([5.0, 8.0])
    assert np.diff(level.predict(giants[:, None], giants)) == pytest.approx([3.0])


def test_what_adds_up_in_money_is_learned_in_money() -> None:
    rng = np.random.default_rng(0)
    money = rng.normal(size=(400, 2))
    target = np.arcsinh(money.sum(axis=1))
    splits = [(np.arange(200), np.arange(200, 400)), (np.arange(200, 400), np.arange(200))]
    task = Task(money, np.zeros(400), target, splits, Boosting.for_rows(400, max_iter=80), seed=0)
    level = cross_fit(MONEY_LEVEL, task).predict_held_out(task)
    assert np.corrcoef(level, target)[0, 1] > 0.95


def test_learners_are_chosen_by_name() -> None:
    names = [one.name for one in point_learners(["money_level", "mean_change", "money_level"], has_baseline=True)]
    assert names == ["money_level", "mean_change"]


@pytest.mark.parametrize("names", [[], ["no_such"], ["mean_change"]])
def test_learners_that_cannot_be_had_are_refused(names: list[str]) -> None:
    with pytest.raises(ModelError, match="`learners` must be some of"):
        point_learners(names, has_baseline=False)


def test_the_baseline_itself_is_an_opinion() -> None:
    start = np.linspace(-2, 2, 40)
    splits = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(20))]
    task = Task(start[:, None], start, start, splits, Boosting.for_rows(40), seed=0)
    unchanged = cross_fit(NO_CHANGE, task)
    np.testing.assert_allclose(unchanged.predict_held_out(task), start)
    np.testing.assert_allclose(unchanged.predict(start[:3, None], start[:3]), start[:3])


def test_excess_over_limit_of_a_case_computed_by_hand() -> None:
    assert excess_over_limit(np.array([-3.0, 0.5, 4.0]), (-1.0, 1.0)).tolist() == [-2.0, 0.0, 3.0]
