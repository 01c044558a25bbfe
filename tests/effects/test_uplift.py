"""The uplift model ranks whom a contact moves, and says nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from segment.effects.uplift import UpliftModel, enough_for_uplift, qini, qini_curve


def campaign(real: bool, seed: int = 0) -> tuple[np.ndarray, ...]:
    """8,000 people in households of two; a contact moves those with a positive first feature, if it moves anyone."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(8_000, 3))
    household = np.arange(8_000) // 2
    treated = (rng.permutation(4_000) % 2 == 0)[household]
    lift = 0.25 * (features[:, 0] > 0) if real else 0.0
    moved = rng.random(8_000) < 0.1 + 0.05 * (features[:, 1] > 0) + lift * treated
    return features, moved, treated, household


def test_a_real_uplift_is_ranked_out_of_fold() -> None:
    features, moved, treated, household = campaign(real=True)
    score = UpliftModel().out_of_fold(features, moved, treated, household)
    assert np.corrcoef(score, features[:, 0] > 0)[0, 1] > 0.7
    best = qini(moved, treated, (features[:, 0] > 0).astype(float))
    assert 0.7 * best < qini(moved, treated, score)


def test_a_figure_known_in_one_arm_alone_is_no_error() -> None:
    features, moved, treated, _ = campaign(real=True)
    beside = np.where(treated, features[:, 2], np.nan)
    score = (
        UpliftModel()
        .fit(np.column_stack([features, beside]), moved, treated)
        .predict(np.column_stack([features, beside]))
    )
    assert np.isfinite(score).all()


@pytest.mark.slow
def test_no_uplift_is_no_rank() -> None:
    values = []
    for seed in range(5):
        features, moved, treated, household = campaign(real=False, seed=seed)
        values.append(qini(moved, treated, UpliftModel().out_of_fold(features, moved, treated, household)))
    assert abs(np.mean(values)) < 0.006


def test_qini_is_the_area_worked_by_hand() -> None:
    # people by score: treated moves, control does not, treated does not, control moves
    moved, treated = np.array([True, False, False, True]), np.array([True, False, True, False])
    share, brought = qini_curve(moved, treated, np.array([4.0, 3.0, 2.0, 1.0]))
    assert share.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert brought.tolist() == [0.0, 0.5, 0.5, 0.5, 0.0]
    assert qini(moved, treated, np.array([4.0, 3.0, 2.0, 1.0])) == pytest.approx(0.375)
    assert qini(moved, treated, np.ones(4)) == 0.0


def test_a_small_campaign_is_not_enough() -> None:
    features, moved, treated, _ = campaign(real=True)
    assert enough_for_uplift(moved, treated)
    assert not enough_for_uplift(moved[:1500], treated[:1500])
    assert not enough_for_uplift(np.zeros(8_000, dtype=bool), treated)
