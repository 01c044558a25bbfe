from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit

from segment.main_bank.level import level_shift


@given(st.integers(0, 2**32 - 1), st.floats(-5, 5), st.floats(0.1, 3), st.floats(0.05, 0.95))
def test_the_base_rate_of_customers_comes_out_above_the_base_rate(
    seed: int, centre: float, spread: float, base_rate: float
) -> None:
    log_odds = np.random.default_rng(seed).normal(centre, spread, 400)
    shifted = log_odds + level_shift(log_odds, base_rate, bound=100.0, least_customers=400)
    assert np.mean(shifted > logit(base_rate)) == pytest.approx(base_rate, abs=0.005)


def test_the_shift_is_bounded_either_way() -> None:
    assert level_shift(np.full(200, -9.0), 0.35, bound=1.0, least_customers=200) == 1.0
    assert level_shift(np.full(200, 9.0), 0.35, bound=1.0, least_customers=200) == -1.0


def test_few_customers_do_not_set_a_level() -> None:
    assert level_shift(np.full(199, -9.0), 0.35, bound=1.0, least_customers=200) == 0.0


@pytest.mark.parametrize("base_rate", [0.0, 1.0])
def test_a_base_rate_that_leaves_no_doubt_sets_no_level(base_rate: float) -> None:
    assert level_shift(np.zeros(200), base_rate, bound=1.0, least_customers=200) == 0.0
