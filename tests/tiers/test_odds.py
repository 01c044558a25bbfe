"""Odds of tiers: add up, keep their order, are corrected no more than the evidence allows; least expected cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from segment.tiers import TIERS
from segment.tiers.odds import OddsCalibration, calibrate_odds, decide_by_expected_cost, odds_of_tiers
from tests.tiers.people import POLICY

MATRIX = POLICY.tiers.cost_of_error.matrix
chances = st.floats(0.0, 1.0)
weights = st.lists(st.floats(0.001, 1.0), min_size=4, max_size=4)


def odds_from(values: list[float]) -> np.ndarray:
    return np.array([values]) / sum(values)


def population(customers: int, slope: float, intercept: float, seed: int = 0) -> tuple[np.ndarray, list[str | None]]:
    """Claimed probabilities, and tiers drawn from what the claims are truly worth."""
    draw = np.random.default_rng(seed)
    score = draw.normal(0.0, 1.5, customers)
    claimed = expit(np.column_stack([-2.0 - score, -score, 2.0 - score]))
    true = expit(slope * logit(claimed) + intercept)
    place = (draw.uniform(size=(customers, 1)) >= true).sum(axis=1)
    return claimed, [TIERS[3 - number] for number in place]


@given(st.lists(chances, min_size=3, max_size=3).map(sorted))
def test_odds_add_up_and_none_is_negative(below: list[float]) -> None:
    odds = odds_of_tiers(OddsCalibration([1.2, 0.8, 1.0], [0.3, -0.4, 0.0]).apply([below]))
    assert odds.sum() == pytest.approx(1.0)
    assert (odds >= 0.0).all()


@given(chances, chances, st.integers(0, 2))
def test_a_better_prospect_never_gets_worse_odds(one: float, other: float, border: int) -> None:
    low, high = sorted([one, other])
    calibration = OddsCalibration([0.7, 1.3, 1.0], [0.5, -0.5, 0.1])
    assert calibration.apply_to([low], border) <= calibration.apply_to([high], border)


def test_claims_that_are_right_stay_as_they_are() -> None:
    claimed, tiers = population(4_000, 1.0, 0.0)
    found = calibrate_odds(claimed, tiers, np.arange(4_000))
    np.testing.assert_allclose(found.slopes, 1.0, atol=0.1)
    np.testing.assert_allclose(found.intercepts, 0.0, atol=0.1)


def test_claims_that_are_too_sure_are_corrected() -> None:
    claimed, tiers = population(20_000, 0.6, 0.4)
    found = calibrate_odds(claimed, tiers, np.arange(20_000))
    np.testing.assert_allclose(found.slopes, 0.6, atol=0.05)
    np.testing.assert_allclose(found.intercepts, 0.4, atol=0.05)


def test_few_customers_correct_little() -> None:
    claimed, tiers = population(30, 0.3, 1.0)
    found = calibrate_odds(claimed, tiers, np.arange(30))
    assert all(0.8 < slope <= 1.1 for slope in found.slopes)


def test_a_customer_counts_once_however_many_moments_are_stacked() -> None:
    claimed, tiers = population(300, 0.6, 0.4)
    once = calibrate_odds(claimed, tiers, np.arange(300))
    thrice = calibrate_odds(np.tile(claimed, (3, 1)), tiers * 3, np.tile(np.arange(300), 3))
    np.testing.assert_allclose(thrice.slopes, once.slopes, atol=1e-4)


def test_rows_nobody_held_out_and_customers_without_a_tier_do_not_count() -> None:
    claimed, tiers = population(300, 0.6, 0.4)
    more = np.vstack([claimed, np.full((1, 3), np.nan), [[0.1, 0.2, 0.3]]])
    found = calibrate_odds(more, [*tiers, "valuable", None], np.arange(302))
    assert found.slopes == calibrate_odds(claimed, tiers, np.arange(300)).slopes


def test_without_any_evidence_nothing_is_corrected() -> None:
    assert calibrate_odds([[0.1, 0.2, 0.3]], [None], [0]).slopes == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("odds", "expected"),
    [
        # (H, V, B, L): expected costs of giving H, V, B, L by hand
        ((0.40, 0.60, 0.00, 0.00), "high_value"),  # 0.6, 0.8, 3.2, 8.4
        ((0.30, 0.70, 0.00, 0.00), "valuable"),  # 0.7, 0.6, 2.9, 7.8
        ((0.00, 0.50, 0.50, 0.00), "valuable"),  # 2.0, 0.5, 1.0, 4.0
        ((0.00, 0.30, 0.70, 0.00), "break_even"),  # 2.4, 0.7, 0.6, 3.2
        ((0.00, 0.00, 0.40, 0.60), "break_even"),  # 4.2, 2.2, 0.6, 0.8
        ((0.00, 0.00, 0.30, 0.70), "loss_making"),  # 4.4, 2.4, 0.7, 0.6
    ],
)
def test_least_expected_cost_by_hand(odds: tuple[float, ...], expected: str) -> None:
    assert decide_by_expected_cost([odds], MATRIX) == [expected]


def test_of_equally_costly_tiers_the_better_one_is_given() -> None:
    # high-value 1 - p against valuable 2p: equal at a third
    assert decide_by_expected_cost([[1 / 3, 2 / 3, 0.0, 0.0]], MATRIX) == ["high_value"]
    assert decide_by_expected_cost([[0.0, 0.0, 1 / 3, 2 / 3]], MATRIX) == ["break_even"]


@given(weights, st.integers(1, 3), st.floats(0.0, 1.0), st.booleans())
def test_moving_chance_to_high_value_never_lowers_the_tier(
    values: list[float], source: int, share: float, reachable: bool
) -> None:
    odds = odds_from(values)
    better = odds.copy()
    better[0, 0] += share * odds[0, source]
    better[0, source] -= share * odds[0, source]
    before, after = (TIERS.index(decide_by_expected_cost(each, MATRIX, [reachable])[0]) for each in (odds, better))
    assert after <= before


@given(weights)
def test_high_value_is_never_given_where_it_is_closed(values: list[float]) -> None:
    assert decide_by_expected_cost(odds_from(values), MATRIX, [False]) != ["high_value"]


def test_calibrate_odds_of_a_case_computed_by_hand() -> None:
    fair = calibrate_odds(
        [[0.2, 0.5, 0.8]] * 10,
        ["loss_making"] * 2 + ["break_even"] * 3 + ["valuable"] * 3 + ["high_value"] * 2,
        list(range(10)),
    )
    assert np.round([fair.slopes, fair.intercepts], 3).tolist() == [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]


def test_odds_of_tiers_of_a_case_computed_by_hand() -> None:
    assert odds_of_tiers([[0.1, 0.4, 0.9]]).round(3).tolist() == [[0.1, 0.5, 0.3, 0.1]]


def test_decide_by_expected_cost_of_a_case_computed_by_hand() -> None:
    matrix = [[0, 2, 5, 12], [1, 0, 2, 6], [3, 1, 0, 2], [5, 3, 1, 0]]
    assert decide_by_expected_cost([[0.0, 0.5, 0.5, 0.0], [0.0, 0.2, 0.5, 0.3]], matrix) == ["valuable", "break_even"]
