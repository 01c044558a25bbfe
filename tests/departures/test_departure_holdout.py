"""A forecast judged by the departures of the year after what it knew."""

from __future__ import annotations

import numpy as np
import pytest

from segment.departures import Landmarks
from segment.departures.departure_holdout import evaluate_departures, known_a_year_ago
from segment.departures.signs import SIGNS
from segment.policy.tenure_hazards import DeparturePrior

PRIOR = DeparturePrior()


def landmarks(leaves: list[float], known: list[int], seed: int = 0) -> Landmarks:
    rows = len(leaves)
    signs = np.random.default_rng(seed).normal(size=(rows, len(SIGNS)))
    signs[:, SIGNS.index("salary_income_1m_of_usual")] = np.array(leaves) <= 0.0
    signs[:, SIGNS.index("main_account_months_12m")] = 0.0
    return Landmarks(
        signs, np.array(leaves), np.zeros(rows), np.ones(rows), np.arange(rows).astype(str), np.array(known)
    )


def test_a_year_ago_nothing_of_the_year_since_was_known() -> None:
    past = known_a_year_ago(landmarks([3.0, 3.0, -12.0, 7.0, -12.0], [14, 16, 20, 30, 12]))
    assert past.leaves.tolist() == [-2.0, 3.0, -8.0, 7.0]


def test_the_forecast_and_the_rule_are_judged_on_the_same_departures() -> None:
    gone, stays = [2.0] * 40, [-12.0] * 400
    figures = evaluate_departures(landmarks([*gone, *stays] * 2, [24] * 440 + [12] * 440), PRIOR)
    assert figures["departures"] == 40
    assert figures["departures_warned"] == pytest.approx(1.0)
    assert 0.0 <= figures["departures_warned_by_rule"] <= 1.0
    assert figures["departures_warned_low_by_rule"] <= figures["departures_warned_high_by_rule"]


def test_of_a_past_that_is_too_short_only_the_departures_since_are_counted() -> None:
    assert evaluate_departures(landmarks([2.0] * 20, [12] * 20), PRIOR) == {"departures": 20.0}
    assert evaluate_departures(landmarks([-6.0] * 500, [6] * 500), PRIOR) == {}
