"""The level of the scorecard at a bank, by its base rate or by the share that it states, and the cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from segment.main_bank.prior_shift import cut_by_expected_precision, prior_shift, share_shift


@given(st.integers(0, 2**32 - 1), st.floats(-5, 5), st.floats(0.1, 3), st.floats(0.05, 0.95))
def test_the_base_rate_of_customers_comes_out_above_the_base_rate(
    seed: int, centre: float, spread: float, base_rate: float
) -> None:
    log_odds = np.random.default_rng(seed).normal(centre, spread, 400)
    shifted = log_odds + prior_shift(log_odds, base_rate, bound=100.0, customers=0)
    assert np.mean(shifted > logit(base_rate)) == pytest.approx(base_rate, abs=0.005)


def test_the_shift_is_bounded_either_way() -> None:
    assert prior_shift(np.full(200, -9.0), 0.35, bound=1.0, customers=0) == 1.0
    assert prior_shift(np.full(200, 9.0), 0.35, bound=1.0, customers=0) == -1.0


def test_few_customers_move_the_level_a_little_and_nobody_does_not() -> None:
    found = [prior_shift(np.full(size, -9.0), 0.35, bound=1.0, customers=200) for size in (0, 1, 199, 200, 201, 10**5)]
    np.testing.assert_allclose(found, [0.0, 1 / 201, 199 / 399, 0.5, 201 / 401, 10**5 / (10**5 + 200)])


@pytest.mark.parametrize("base_rate", [0.0, 1.0])
def test_a_base_rate_that_leaves_no_doubt_sets_no_level(base_rate: float) -> None:
    assert prior_shift(np.zeros(200), base_rate, bound=1.0, customers=0) == 0.0


def test_prior_shift_of_a_case_computed_by_hand() -> None:
    assert prior_shift(np.array([-3.0, -2.0, -0.5, -0.5, 1.0]), 0.5, bound=1.0, customers=0) == 0.5
    assert prior_shift(np.array([-3.0, -2.0, -0.5, -0.5, 1.0]), 0.5, bound=1.0, customers=5) == 0.25


@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.floats(0.02, 0.98))
def test_probabilities_come_to_the_stated_share_on_average(seed: int, count: int, share: float) -> None:
    log_odds = np.random.default_rng(seed).normal(-1.0, 2.0, count)
    assert expit(log_odds + share_shift(log_odds, share)).mean() == pytest.approx(share, abs=1e-9)


def test_a_share_of_nobody_shifts_nothing() -> None:
    assert share_shift(np.empty(0), 0.3) == 0.0


def test_the_cut_of_a_case_computed_by_hand() -> None:
    chance, every = np.array([0.95, 0.85, 0.75, 0.45, 0.10]), np.ones(5, dtype=bool)
    # (.95 + .85 + .75) / 3 = .85 is reached by three, .75 by four; F(.4) of 1, 2, 3: .737, .839, .852
    assert cut_by_expected_precision(chance, every, 0.85, 0.4) == 0.75
    assert cut_by_expected_precision(chance, every, 0.90, 0.4) == 0.85
    assert cut_by_expected_precision(chance, every, 0.96, 0.4) == 0.96  # nobody is that sure


def test_where_signals_are_clear_the_cut_takes_in_no_doubtful_customer_although_precision_would_allow_it() -> None:
    chance = np.concatenate([np.full(300, 0.99), np.full(60, 0.3), np.full(640, 0.01)])
    assert 300 * 0.99 + 60 * 0.3 > 0.85 * 360
    assert cut_by_expected_precision(chance, np.ones(1000, dtype=bool), 0.85, 0.4) == 0.99


def test_only_customers_with_a_link_are_called_and_nobody_where_there_is_none() -> None:
    chance = np.array([0.9, 0.8, 0.1])
    assert cut_by_expected_precision(chance, np.array([False, True, True]), 0.75, 0.4) == 0.8
    assert cut_by_expected_precision(chance, np.zeros(3, dtype=bool), 0.75, 0.4) == 0.75
