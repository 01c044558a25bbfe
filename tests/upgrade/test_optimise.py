"""The choice is the best within its limits, and says how far it may be from the best."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from segment.upgrade.optimise import choose


def best_by_trying_all(
    customer: np.ndarray, gain: np.ndarray, use: np.ndarray, low: np.ndarray, high: np.ndarray
) -> float:
    """The largest gain among all choices that meet every limit; -inf where none does."""
    best = -np.inf
    for chosen in product((0, 1), repeat=len(gain)):
        taken = np.array(chosen)
        used = use @ taken
        once = np.bincount(customer, weights=taken, minlength=1).max() <= 1
        if once and (used <= high + 1e-9).all() and (used >= low - 1e-9).all():
            best = max(best, float(gain @ taken))
    return best


@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1))
def test_greedy_is_no_better_than_milp_and_milp_is_the_best_there_is_below_the_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 10))
    customer = np.unique(rng.integers(0, 5, count), return_inverse=True)[1]
    gain = rng.uniform(0.5, 20.0, count).round(1)
    use = rng.choice([0.0, 1.0, 5.0, 15.0], size=(3, count))
    low = np.array([0.0, 0.0, float(rng.integers(0, 2))])
    high = rng.uniform(2.0, 40.0, 3).round()
    made = choose(customer, gain, csr_array(use), low, high)
    best = best_by_trying_all(customer, gain, use, low, high)
    if np.isfinite(best):
        assert made.gain == pytest.approx(best)
        assert made.unmet.max() == 0.0
        assert made.gain <= made.bound + 1e-6
    greedy = choose(customer, gain, csr_array(use), low, high, most_options=0)
    assert greedy.method == "greedy"
    if greedy.unmet.max() == 0.0 and np.isfinite(best):
        assert greedy.gain <= made.gain + 1e-9
        assert greedy.gap >= made.gap - 1e-9
    for one in (made, greedy):
        assert (use @ one.chosen <= high + 1e-9).all()
        assert np.bincount(customer, weights=one.chosen.astype(float)).max() <= 1


def test_the_price_of_a_limit_is_what_one_unit_more_brings() -> None:
    # one place for three customers with gains 9, 6, 4: a second place would bring 6, and half of it 3
    use, customer = csr_array(np.ones((1, 3))), np.arange(3)
    gain = np.array([9.0, 6.0, 4.0])
    one = choose(customer, gain, use, np.zeros(1), np.array([1.0]))
    two = choose(customer, gain, use, np.zeros(1), np.array([2.0]))
    assert 4.0 <= two.prices[0] <= two.gain - one.gain <= one.prices[0] <= 9.0


def test_a_limit_that_does_not_bind_has_no_price() -> None:
    made = choose(np.arange(2), np.array([3.0, 2.0]), csr_array(np.ones((1, 2))), np.zeros(1), np.array([5.0]))
    assert made.chosen.all()
    assert made.prices.tolist() == [0.0]
    assert made.gap == 0.0


def test_a_floor_takes_a_place_from_a_larger_gain_and_its_price_says_so() -> None:
    # two places; the small branch must have one: 5 comes instead of 8, which costs 3; a second, 4 for 9, would cost 5
    use = csr_array(np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]))
    gain = np.array([9.0, 8.0, 5.0, 4.0])
    made = choose(np.arange(4), gain, use, np.array([0.0, 1.0]), np.array([2.0, np.inf]))
    assert made.chosen.tolist() == [True, False, True, False]
    assert -5.0 <= made.prices[1] <= -3.0


def test_a_floor_that_cannot_be_met_is_met_as_far_as_it_can() -> None:
    use = csr_array(np.array([[1.0, 1.0]]))
    made = choose(np.arange(2), np.array([2.0, 1.0]), use, np.array([5.0]), np.array([np.inf]))
    assert made.chosen.all()
    assert made.unmet.tolist() == [3.0]
    assert made.gain <= made.bound + 1e-9


def test_nothing_to_choose_from_is_an_empty_choice() -> None:
    made = choose(np.zeros(0, dtype=np.int64), np.zeros(0), csr_array((2, 0)), np.zeros(2), np.ones(2))
    assert (made.gain, made.bound, made.gap) == (0.0, 0.0, 0.0)


def test_choose_of_a_case_computed_by_hand() -> None:
    use = csr_array(np.array([[30.0, 10.0, 30.0]]))
    made = choose(np.array([0, 0, 1]), np.array([9.0, 5.0, 6.0]), use, np.zeros(1), np.array([40.0]))
    assert (made.chosen.tolist(), made.gain, made.method) == ([False, True, True], 11.0, "milp")
