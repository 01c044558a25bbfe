"""The asinh scale gives money back, and the shifts add up and cover."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.value.calibration import BlendedPrediction, calibrate
from segment.value.scale import from_scale, is_zero_inflated, mean_shift, money_scale, quantile_shift, to_scale


@given(st.floats(-1e9, 1e9), st.floats(1e-2, 1e6))
def test_money_survives_the_way_there_and_back(amount: float, scale: float) -> None:
    again = from_scale(to_scale(np.array([amount]), scale), scale)
    assert again[0] == pytest.approx(amount, rel=1e-6, abs=1e-6)


def test_the_scale_is_the_mean_size_of_what_is_not_zero() -> None:
    assert money_scale(np.array([0.0, -4.0, 8.0])) == 6.0
    assert money_scale(np.zeros(3)) == 1.0


def test_the_scale_bends_beyond_almost_all_where_most_are_zero() -> None:
    amounts = np.r_[np.zeros(900), np.arange(1.0, 101.0)]
    assert money_scale(amounts) == pytest.approx(np.quantile(amounts, 0.99))


@given(st.integers(0, 1000))
def test_the_shifted_mean_adds_up_to_the_total(seed: int) -> None:
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.5, 900)
    y = 20.0 * np.sinh(z + rng.normal(0, 0.8, 900))
    found = from_scale(mean_shift(z, y, 20.0).apply(z, z), 20.0)
    assert found.sum() == pytest.approx(y.sum(), rel=1e-6, abs=1e-6)


def test_one_group_of_two_customers_by_hand() -> None:
    # sinh(d) must be the mean of 1 and 3 where both stand at zero
    shift = mean_shift(np.zeros(2), np.array([1.0, 3.0]), scale=1.0)
    assert shift.shifts == pytest.approx([np.arcsinh(2.0)])


def test_quantile_shift_is_the_order_statistic_of_one_customer_more() -> None:
    misses = np.arange(1.0, 20.0)  # 19 customers: ranks 0.1 * 20 = 2 and 0.9 * 20 = 18
    zeros = np.zeros(19)
    assert quantile_shift(zeros, misses, 0.1, zeros).shifts == pytest.approx([2.0])
    assert quantile_shift(zeros, misses, 0.9, zeros).shifts == pytest.approx([18.0])
    assert quantile_shift(zeros, misses, 0.5, zeros).shifts == pytest.approx([10.0])


def test_a_wider_spread_at_the_top_gets_a_wider_shift_there() -> None:
    rng = np.random.default_rng(0)
    level = np.sort(rng.uniform(0, 3, 4000))
    target = level + rng.normal(0, 0.1 + level)
    high = quantile_shift(level, target, 0.9, level)
    assert high.shifts[-1] > 5 * high.shifts[0]
    top = level > np.quantile(level, 0.9)
    assert np.mean(target[top] <= high.apply(level, level)[top]) == pytest.approx(0.9, abs=0.03)


def test_nobody_is_predicted_below_zero_where_nobody_ever_was() -> None:
    level, y = np.linspace(-1, 1, 50), np.linspace(0, 30, 50)
    predicted = BlendedPrediction(level, (level - 1, level + 1), np.full(50, np.nan))
    calibration = calibrate(predicted, y, scale=10.0)
    assert calibration.mean(np.array([-9.0])) == [0.0]
    assert calibration.quantiles(predicted).min() >= 0.0


def test_quantiles_never_cross_even_where_the_learners_do() -> None:
    level = np.linspace(-1, 1, 50)
    nowhere = np.full(50, np.nan)
    calibration = calibrate(BlendedPrediction(level, (level + 1, level - 1), nowhere), 10 * np.sinh(level), scale=10.0)
    assert (
        np.diff(calibration.quantiles(BlendedPrediction(level, (level + 5, level - 5), nowhere)), axis=1) >= 0
    ).all()


def test_is_zero_inflated_of_a_case_computed_by_hand() -> None:
    assert (is_zero_inflated(np.array([0.0, 0.0, 7.0])), is_zero_inflated(np.array([0.0, 1.0, 7.0]))) == (True, False)


def test_money_scale_of_a_case_computed_by_hand() -> None:
    assert money_scale(np.array([0.0, -30.0, 10.0])) == 20.0


def test_mean_shift_of_a_case_computed_by_hand() -> None:
    z = np.zeros(3)
    shift = mean_shift(z, np.array([0.0, 0.0, 30.0]), scale=5.0)
    assert float(from_scale(shift.apply(z, z), 5.0).mean().round(6)) == 10.0
