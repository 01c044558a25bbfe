"""Effects are those of the draw, with intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from segment.effects.intention import bootstrap_interval, effect, share_effect

RUNS = 300
LEAST_COVERED = 0.93


def test_without_households_and_earlier_values_it_is_welchs_test() -> None:
    rng = np.random.default_rng(3)
    outcome, treated = rng.gamma(2.0, 3.0, 300), rng.random(300) < 0.7
    made = effect(outcome, treated, group=np.arange(300))
    expected = ttest_ind(outcome[treated], outcome[~treated], equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert made.p_value == pytest.approx(expected.pvalue)
    assert (made.low, made.high) == pytest.approx((interval.low, interval.high))


def test_a_households_error_is_the_one_worked_by_hand() -> None:
    # treated: households a (1, 3) and b (2); mean 2; sums less mean times size: 0 and 0
    # control: c (0, 1), d (2), e (1): mean 1; residuals -1, 1, 0; 2 * 3 / 2 = 3, by 4 * 4 = 0.1875
    outcome = np.array([1.0, 3.0, 2.0, 0.0, 1.0, 2.0, 1.0])
    made = effect(outcome, np.array([True] * 3 + [False] * 4), group=np.array(list("aabccde")))
    assert made.estimate == 1.0
    assert made.standard_error == pytest.approx(np.sqrt(0.1875))


def test_copies_of_a_household_do_not_make_an_effect_surer() -> None:
    rng = np.random.default_rng(4)
    outcome, treated = rng.normal(size=200), np.arange(200) % 2 == 0
    once = effect(outcome, treated, group=np.arange(200))
    twice = effect(np.repeat(outcome, 3), np.repeat(treated, 3), group=np.repeat(np.arange(200), 3))
    assert twice.standard_error == pytest.approx(once.standard_error)


def test_winsorising_cuts_what_one_customer_can_do() -> None:
    outcome, treated = np.ones(1000), np.arange(1000) % 2 == 0
    outcome[0] = 1e9
    assert effect(outcome, treated, group=np.arange(1000), winsorise=0.995).estimate == pytest.approx(0.0)


def test_an_arm_of_one_household_has_no_interval() -> None:
    made = effect(np.array([1.0, 0.0, 0.0]), np.array([True, False, False]), group=np.arange(3))
    assert np.isnan(made.low)
    assert np.isnan(made.p_value)
    assert np.isnan(made.high)


def campaign(seed: int) -> tuple[np.ndarray, ...]:
    """1,200 households of one to three people, a fifth of them control; contribution is skewed and foretold."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, 1200)
    household = np.repeat(np.arange(1200), sizes)
    treated = np.repeat(rng.permutation(1200) >= 240, sizes)
    shared = np.repeat(rng.normal(size=1200), sizes)
    before = np.exp(5.0 + 0.5 * shared + 0.4 * rng.normal(size=len(household)))
    odds = np.clip(0.06 + 0.02 * shared, 0.01, 0.2)
    moves = rng.random(len(household)) < np.where(treated, odds + 0.05, odds)
    after = before * np.exp(0.2 * rng.normal(size=len(household))) + 20.0 * treated
    return household, treated, before, moves.astype(float), after


@pytest.mark.slow
def test_the_interval_covers_a_known_effect_in_at_least_93_percent_of_300_campaigns() -> None:
    covered = {"share": 0, "value": 0, "value with earlier values": 0, "value by bootstrap": 0}
    narrower = []
    for seed in range(RUNS):
        household, treated, before, moved, after = campaign(seed)
        share = share_effect(moved, treated, group=household)
        plain = effect(after, treated, group=household)
        helped = effect(after, treated, group=household, before=before)
        low, high = bootstrap_interval(after, treated, group=household, draws=1000, seed=seed)
        covered["share"] += share.low <= 0.05 <= share.high
        covered["value"] += plain.low <= 20.0 <= plain.high
        covered["value with earlier values"] += helped.low <= 20.0 <= helped.high
        covered["value by bootstrap"] += low <= 20.0 <= high
        narrower.append(helped.variance_kept)
    assert min(covered.values()) >= LEAST_COVERED * RUNS
    assert np.mean(narrower) < 0.3


def two_programmes(seed: int) -> tuple[np.ndarray, ...]:
    """Of 600, half of them control, nine in ten stay; of 1,400, a tenth of them control, one in a hundred moves."""
    rng = np.random.default_rng(seed)
    programme = np.repeat([0, 1], [600, 1400])
    treated = rng.random(2000) < np.where(programme == 0, 0.5, 0.9)
    moved = rng.random(2000) < np.where(programme == 0, 0.90, 0.01) + 0.04 * treated
    return programme, treated, moved.astype(float)


def test_programmes_are_compared_within_each_and_the_interval_covers() -> None:
    covered = 0
    for seed in range(RUNS):
        programme, treated, moved = two_programmes(seed)
        made = share_effect(moved, treated, group=np.arange(2000), stratum=programme)
        covered += made.low <= 0.04 <= made.high
        # what one of the programmes keeps by itself is neither an effect nor an error of one
        assert made.standard_error < 0.018
    assert covered >= LEAST_COVERED * RUNS


def test_pooled_programmes_weigh_as_many_as_were_treated_in_each() -> None:
    # programme a: 1 of 2 against 0 of 1; programme b: 1 of 1 against 1 of 2: (2 * .5 + 1 * .5) / 3
    treated = np.array([True, True, False, True, False, False])
    made = effect(
        np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0]), treated, group=np.arange(6), stratum=np.array(list("aaabbb"))
    )
    assert made.estimate == pytest.approx(0.5)
    assert (made.treated_mean, made.control_mean) == pytest.approx((2 / 3, 1 / 6))


def test_one_programme_pooled_is_that_programme() -> None:
    household, treated, before, moved, after = campaign(5)
    one = np.zeros(len(moved))
    alone, pooled = (share_effect(moved, treated, group=household, stratum=of) for of in (None, one))
    assert [pooled.estimate, pooled.low, pooled.high] == pytest.approx([alone.estimate, alone.low, alone.high])
    alone, pooled = (effect(after, treated, group=household, before=before, stratum=of) for of in (None, one))
    assert [pooled.estimate, pooled.low, pooled.high] == pytest.approx([alone.estimate, alone.low, alone.high])


def test_effect_of_a_case_computed_by_hand() -> None:
    made = effect(np.array([3.0, 5.0, 1.0, 1.5]), np.array([True, True, False, False]), group=np.arange(4))
    assert (made.estimate, round(made.standard_error, 3)) == (2.75, 1.031)


def test_share_effect_of_a_case_computed_by_hand() -> None:
    arm = np.repeat([True, False], [180, 20])
    made = share_effect(np.repeat([1.0, 0.0], [10, 190]), arm, group=np.arange(200))
    assert (round(made.estimate, 3), made.control_mean) == (0.056, 0.0)
    assert made.low <= 0.0 <= made.high
