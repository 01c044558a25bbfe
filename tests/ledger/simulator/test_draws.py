from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segment.ledger.simulator import draws


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6), st.integers(0, 1000))
def test_picks_lie_within_the_choices_and_never_on_an_impossible_one(weights: list[float], seed: int) -> None:
    probabilities = np.array([0.0, *weights]) / sum(weights)
    picked = draws.pick(np.random.default_rng(seed), probabilities, 50)
    assert picked.min() >= 1
    assert picked.max() <= len(weights)


def test_picks_follow_their_probabilities() -> None:
    picked = draws.pick(np.random.default_rng(0), [0.2, 0.5, 0.3], 50_000)
    np.testing.assert_allclose(np.bincount(picked) / 50_000, [0.2, 0.5, 0.3], atol=0.01)


def test_days_follow_their_weights() -> None:
    days = draws.weighted_days(np.random.default_rng(0), np.array([1.0, 0.0, 3.0]), 40_000)
    np.testing.assert_allclose(np.bincount(days) / 40_000, [0.25, 0.0, 0.75], atol=0.01)


def test_service_use_has_mean_one_and_a_tail_that_grows_as_the_shape_falls() -> None:
    light, heavy = (draws.gamma_mean_one(np.random.default_rng(0), shape, 200_000) for shape in (0.25, 0.15))
    np.testing.assert_allclose([light.mean(), heavy.mean()], 1.0, atol=0.03)
    assert np.quantile(heavy, 0.99) > np.quantile(light, 0.99) > 8
