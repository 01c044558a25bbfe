"""Chances below an amount are true to what happens, grow with the amount, and agree with the bands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.value.distribution import CHANCES, PredictiveDistribution, predictive_distribution, standardised

ROWS = 6000


def noisy(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level, bands that are too narrow above, and truth of customers with a spread that grows with the level."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(0, 3, ROWS)
    spread = 0.2 + level
    return level, np.column_stack([level - spread, level, level + spread]), level + spread * rng.normal(0, 0.78, ROWS)


def test_the_chance_that_came_true_is_uniform() -> None:
    level, bands, target = noisy(0)
    learned = predictive_distribution(bands, level, target)
    level, bands, target = noisy(1)
    chance = learned.below(bands, level, target[:, None])[:, 0]
    for part in (level < 1, level > 2):
        shares = np.histogram(chance[part], 10, (0, 1))[0] / part.sum()
        assert shares == pytest.approx(np.full(10, 0.1), abs=0.035)


def test_the_chance_is_that_of_a_normal_residual() -> None:
    level, bands, target = noisy(0)
    learned = predictive_distribution(bands, level, target)
    asked = level[:, None] + (0.2 + level[:, None]) * 0.78 * np.array([-2.0, -0.5, 0.5, 2.0])
    found = learned.below(bands, level, asked).mean(axis=0)
    assert found == pytest.approx([0.0228, 0.3085, 0.6915, 0.9772], abs=0.02)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12), st.integers(0, 50))
def test_a_larger_amount_is_never_less_likely_to_be_above(amounts: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    bands, level = np.sort(rng.normal(size=(300, 3)), axis=1), rng.normal(size=300)
    learned = predictive_distribution(bands, level, rng.normal(size=300))
    chance = learned.below(bands, level, np.tile(np.sort(amounts), (300, 1)))
    assert (np.diff(chance, axis=1) >= 0).all()
    assert chance.min() >= 0.0
    assert chance.max() <= 1.0


def test_the_bands_hold_the_chances_they_are_named_after() -> None:
    level, bands, target = noisy(0)
    learned = predictive_distribution(bands, level, target)
    np.testing.assert_allclose(learned.below(bands, level, bands), np.tile([0.1, 0.5, 0.9], (ROWS, 1)))


def test_between_two_levels_the_chance_lies_between_theirs() -> None:
    left, right = np.linspace(-3, 1, len(CHANCES)), np.linspace(-1, 3, len(CHANCES))
    learned = PredictiveDistribution(np.array([0.0, 1.0]), np.array([left, right]))
    bands = np.tile([-1.0, 0.0, 1.0], (3, 1))
    low, between, high = learned.below(bands, np.array([0.0, 0.25, 1.0]), np.full((3, 1), 0.5))[:, 0]
    assert between == pytest.approx(0.75 * low + 0.25 * high)


def test_a_residual_is_counted_in_the_spread_of_its_own_side() -> None:
    assert standardised(np.array([[-4.0, 0.0, 1.0]]), np.array([[-2.0, 2.0]])).tolist() == [[-0.5, 2.0]]


def test_standardised_of_a_case_computed_by_hand() -> None:
    assert standardised(np.array([[0.0, 1.0, 3.0]]), np.array([[0.0, 0.5, 1.0, 3.0, 5.0]])).tolist() == [
        [-1.0, -0.5, 0.0, 1.0, 2.0]
    ]
