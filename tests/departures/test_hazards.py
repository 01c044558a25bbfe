"""Hazards by month: what they count, what they are drawn to, and that horizons agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.departures.hazards import BANDS, DepartureHazards, _trials

RNG = np.random.default_rng(3)
FAST = {"max_iter": 30, "min_samples_leaf": 20}


def people(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Months until departure of people whose true hazard a month follows from the one figure that is known."""
    rng = np.random.default_rng(seed)
    known = rng.normal(size=(count, 1))
    hazard = np.where(known[:, 0] > 1.0, 0.08, 0.004)
    month = rng.geometric(hazard)
    return known, np.where(month <= 12, month, -12).astype(float), hazard


def test_months_seen_through_are_trials_and_a_departure_ends_one() -> None:
    trials = _trials(np.array([5.0, -3.0, 0.0, -12.0, 12.0]), np.array([1.0, 2.0, 1.0, 1.0, 1.0]))
    counted = list(zip(trials.row, trials.band, trials.ended, trials.weight, strict=True))
    stays = {(row, band): weight for row, band, ended, weight in counted if not ended}
    ends = {(row, band): weight for row, band, ended, weight in counted if ended}
    assert ends == {(0, 3): 1.0, (4, 4): 1.0}
    assert {band: stays.get((0, band)) for band in range(5)} == {0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0, 4: None}
    assert {band: stays.get((1, band)) for band in range(5)} == {0: 2.0, 1: 2.0, 2: 2.0, 3: None, 4: None}
    assert not [key for key in stays if key[0] == 2]
    assert stays[3, 4] == 6.0
    assert stays[4, 4] == 5.0


def test_bands_cover_the_year_without_a_gap() -> None:
    assert [month for first, last in BANDS for month in range(first, last + 1)] == list(range(1, 13))


def test_a_longer_horizon_is_never_less_likely_and_all_follow_from_the_same_hazards() -> None:
    known, months, _ = people(3_000)
    fitted = DepartureHazards(**FAST).fit(known, months)
    within = fitted.predict_within(known, tuple(range(1, 13)))
    assert (np.diff(within, axis=1) > 0.0).all()
    np.testing.assert_allclose(within[:, 11], 1.0 - np.prod(1.0 - fitted.predict_hazards(known), axis=1))


def test_chances_are_those_that_came_true() -> None:
    known, months, _ = people(10_000)
    fitted = DepartureHazards().fit(known, months)
    new, came, hazard = people(20_000, seed=1)
    chances = fitted.predict_within(new, (3, 12))
    for risky in (True, False):
        chosen = (hazard > 0.05) == risky
        assert chances[chosen, 1].mean() == pytest.approx(np.mean(came[chosen] > 0), rel=0.15)
        assert chances[chosen, 0].mean() == pytest.approx(np.mean((came[chosen] > 0) & (came[chosen] <= 3)), rel=0.2)


def test_without_a_departure_the_prior_speaks_lowered_by_what_was_seen() -> None:
    known = RNG.normal(size=(200, 1))
    prior = np.tile(np.linspace(0.01, 0.02, 12), (200, 1))
    fitted = DepartureHazards().fit(known, np.full(200, -12.0), prior=prior)
    hazards = fitted.predict_hazards(known, prior=prior)
    assert fitted.own_weight_ == 0.0
    np.testing.assert_allclose(hazards / prior, hazards[0, 0] / 0.01)
    assert 0.3 < fitted.level_ < 1.0


@given(st.integers(0, 400))
def test_no_number_of_departures_is_a_cliff(departures: int) -> None:
    weight = [count / (count + DepartureHazards().prior_departures) for count in (departures, departures + 1)]
    assert 0.0 < weight[1] - weight[0] < 0.025


def test_a_customers_rows_are_counted_once() -> None:
    known, months, _ = people(300)
    once = DepartureHazards(**FAST).fit(known, months, groups=np.arange(300))
    thrice = DepartureHazards(**FAST).fit(
        np.repeat(known, 3, axis=0), np.repeat(months, 3), groups=np.repeat(np.arange(300), 3)
    )
    assert once.departures_ == thrice.departures_
    assert once.own_weight_ == thrice.own_weight_


def test_the_same_seed_gives_the_same_hazards() -> None:
    known, months, _ = people(800)
    one, two = (DepartureHazards(**FAST).fit(known, months).predict(known) for _ in range(2))
    np.testing.assert_array_equal(one, two)
