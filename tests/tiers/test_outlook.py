from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from segment.tiers import chance_above, growth_potential, growth_probability
from tests.tiers.people import POLICY, placed

money = st.floats(-1e5, 1e5)


def chance(quantiles, threshold) -> float:
    return float(chance_above(np.array([quantiles], dtype=float), np.array([threshold], dtype=float))[0])


@pytest.mark.parametrize(("threshold", "expected"), [(10.0, 0.9), (20.0, 0.5), (60.0, 0.1)])
def test_the_quantiles_given_are_met(threshold, expected):
    assert chance([10.0, 20.0, 60.0], threshold) == pytest.approx(expected)


def test_even_quantiles_give_the_normal_distribution():
    quantiles = norm(100.0, 30.0).ppf([0.1, 0.5, 0.9])
    assert chance(quantiles, 117.0) == pytest.approx(norm(100.0, 30.0).sf(117.0))


def test_a_certain_future_is_above_or_not():
    assert [chance([5.0, 5.0, 5.0], threshold) for threshold in (4.0, 5.0, 6.0)] == [1.0, 0.0, 0.0]


@given(st.lists(money, min_size=3, max_size=3).map(sorted), money, money)
def test_a_higher_threshold_is_never_likelier_to_be_passed(quantiles, first, second):
    low, high = sorted([first, second])
    assert 0.0 <= chance(quantiles, high) <= chance(quantiles, low) <= 1.0


def test_growth_asks_for_more_than_cents_even_where_cost_is_tiny():
    frame = placed(cost_annual=4.0, border_break_even=50.0, future_value_p50=45.0, future_value_p90=48.0)
    assert growth_probability(frame, POLICY.tiers).item() < 0.1


def test_growth_asks_for_coverage_where_cost_is_high():
    frame = placed(cost_annual=4000.0, border_break_even=200.0, future_value_p50=900.0, future_value_p90=950.0)
    assert growth_probability(frame, POLICY.tiers).item() < 0.1


def test_growth_potential_looks_at_the_border_above():
    frame = placed(
        4,
        tier=["loss_making", "break_even", "valuable", "high_value"],
        future_value_p50=[-50.0, 50.0, 400.0, 400.0],
        future_value_p10=-900.0,
        future_value_p90=900.0,
    )
    assert growth_potential(frame).to_list() == [0.5, 0.5, 0.5, 0.0]


def test_an_unknown_future_has_no_growth_potential():
    assert growth_potential(placed(tier="break_even", future_value_p50=None)).to_list() == [0.0]
