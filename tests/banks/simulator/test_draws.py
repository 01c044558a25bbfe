from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from segment.banks.simulator.draws import CustomerStream, FloatArray, IntArray, round_to

EVERYONE = np.arange(60_000)


def _stream(seed: int = 0) -> CustomerStream:
    return CustomerStream(seed, 1)


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6), st.integers(0, 1000))
def test_picks_lie_within_the_choices_and_never_on_an_impossible_one(weights: list[float], seed: int) -> None:
    probabilities = np.array([0.0, *weights]) / sum(weights)
    picked = _stream(seed).pick(np.arange(50), probabilities)
    assert picked.min() >= 1
    assert picked.max() <= len(weights)


def test_picks_follow_their_probabilities() -> None:
    picked = _stream().pick(EVERYONE, [0.2, 0.5, 0.3])
    np.testing.assert_allclose(np.bincount(picked) / len(EVERYONE), [0.2, 0.5, 0.3], atol=0.01)


def test_each_customer_may_have_probabilities_of_their_own() -> None:
    rows = np.tile([[1.0, 0.0], [0.0, 1.0]], (5, 1))
    assert _stream().pick(np.arange(10), rows).tolist() == [0, 1] * 5


def test_days_follow_their_weights() -> None:
    days = _stream().days(EVERYONE, np.array([1.0, 0.0, 3.0]))
    np.testing.assert_allclose(np.bincount(days) / len(EVERYONE), [0.25, 0.0, 0.75], atol=0.01)


def test_service_use_has_mean_one_and_a_tail_that_grows_as_the_shape_falls() -> None:
    light, heavy = (_stream().gamma(EVERYONE, shape, 1 / shape) for shape in (0.25, 0.15))
    np.testing.assert_allclose([light.mean(), heavy.mean()], 1.0, atol=0.04)
    assert np.quantile(heavy, 0.99) > np.quantile(light, 0.99) > 8


@pytest.mark.parametrize(
    ("draw", "reference"),
    [
        (lambda s, who: s.random(who), stats.uniform()),
        (lambda s, who: s.uniform(who, 2.0, 5.0), stats.uniform(2.0, 3.0)),
        (lambda s, who: s.normal(who, 1.0, 2.0), stats.norm(1.0, 2.0)),
        (lambda s, who: s.lognormal(who, 0.5, 0.8), stats.lognorm(0.8, scale=np.exp(0.5))),
        (lambda s, who: s.gamma(who, 2.0, 3.0), stats.gamma(2.0, scale=3.0)),
        (lambda s, who: s.beta(who, 1.2, 12.0), stats.beta(1.2, 12.0)),
    ],
)
def test_draws_come_from_their_distribution(
    draw: Callable[[CustomerStream, IntArray], FloatArray], reference: stats.rv_continuous
) -> None:
    # twice by the same people at once: their second draws are as good as their first
    drawn = draw(_stream(3), np.repeat(EVERYONE, 2))
    assert stats.kstest(drawn, reference.cdf).pvalue > 0.001
    assert abs(np.corrcoef(drawn[::2], drawn[1::2])[0, 1]) < 0.02


@pytest.mark.parametrize("mean", [0.02, 1.0, 16.0, 300.0])
def test_counts_have_the_mean_and_the_scatter_of_poisson(mean: float) -> None:
    drawn = _stream().poisson(EVERYONE, mean)
    assert drawn.mean() == pytest.approx(mean, rel=0.05)
    assert drawn.var() == pytest.approx(mean, rel=0.1)


def test_what_one_draws_depends_on_no_other() -> None:
    few, many = np.array([3, 700]), np.repeat(np.arange(1_000), 2)
    alone, among = (CustomerStream(9, 4) for _ in range(2))
    for stream in (alone, among):
        stream.turn_to(5)
    np.testing.assert_array_equal(alone.random(few), among.random(many)[[6, 1_400]])
    np.testing.assert_array_equal(alone.poisson(few, 4.0), among.poisson(many, 4.0)[[6, 1_400]])


def test_the_order_of_a_customers_rows_counts_and_no_others() -> None:
    mixed = _stream().random(np.array([7, 2, 7, 2, 2]))
    np.testing.assert_array_equal(mixed[[1, 3, 4, 0, 2]], _stream().random(np.array([2, 2, 2, 7, 7])))


def test_a_month_begins_anew_however_much_was_drawn_in_the_one_before() -> None:
    idle, busy = (CustomerStream(9, 4) for _ in range(2))
    busy.random(EVERYONE)
    for stream in (idle, busy):
        stream.turn_to(1)
    np.testing.assert_array_equal(idle.random(EVERYONE), busy.random(EVERYONE))
    assert (idle.random(EVERYONE) != busy.random(EVERYONE)).mean() == 0.0


def test_seeds_topics_months_and_calls_are_independent() -> None:
    later = CustomerStream(0, 1)
    later.turn_to(1)
    first = _stream()
    columns = [first.random(EVERYONE), first.random(EVERYONE), later.random(EVERYONE)]
    columns += [CustomerStream(1, 1).random(EVERYONE), CustomerStream(0, 2).random(EVERYONE)]
    correlation = np.corrcoef(columns) - np.eye(5)
    assert np.abs(correlation).max() < 0.02


def test_a_chance_of_one_is_certain() -> None:
    assert _stream().chance(np.arange(2), [0.0, 1.0]).tolist() == [False, True]


def test_money_is_rounded_down_to_a_step() -> None:
    assert repr(round_to(np.array([1234.5]), 100)) == "array([1200.])"
