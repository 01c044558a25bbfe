"""Who is warned, by the forecast and by the simple rule, and how that is measured."""

from __future__ import annotations

import numpy as np
import pytest

from segment.departures.signs import SIGNS
from segment.departures.warning_metrics import (
    calibration_by_tenth,
    departure_metrics,
    share_with_interval,
    warned,
)
from segment.departures.warning_rule import warning_points


def signs(**figures: float) -> np.ndarray:
    row = np.full((1, len(SIGNS)), np.nan)
    for name, figure in figures.items():
        row[0, SIGNS.index(name)] = figure
    return row


def test_falling_deposits_and_a_missing_salary_are_a_point_each() -> None:
    falls = {"deposits_falling_months": 3.0}
    missing = {"salary_months_12m": 10.0, "months_since_salary": 1.0}
    points = [warning_points(signs(**given))[0] for given in ({}, falls, missing, falls | missing)]
    assert points == [0.0, 1.0, 1.0, 2.0]
    assert warning_points(signs(salary_months_12m=3.0, months_since_salary=1.0))[0] == 0.0
    assert warning_points(signs(deposits_1m_of_usual=0.4))[0] == pytest.approx(0.3)


def test_no_more_of_those_who_stay_are_warned_than_allowed() -> None:
    scores, stays = np.arange(200.0), np.arange(200) < 100
    above = warned(scores, stays)
    assert above[stays].sum() == 4
    assert above[~stays].all()
    assert not warned(np.zeros(50), np.full(50, True)).any()


def test_metrics_of_a_case_counted_by_hand() -> None:
    departs = np.arange(220) >= 200
    scores = np.where(departs, np.where(np.arange(220) % 2 == 0, 2.0, -1.0), np.linspace(0.0, 1.0, 220))
    figures = departure_metrics(scores, departs)
    assert figures["departures"] == 20
    assert figures["departures_warned"] == 0.5
    assert figures["departures_warned_low"] < 0.5 < figures["departures_warned_high"]
    assert figures["departures_auc"] == 0.5
    assert departure_metrics(scores[:205], departs[:205]) == {"departures": float(departs[:205].sum())}


def test_a_share_without_cases_has_no_meaning() -> None:
    assert np.isnan(share_with_interval([])).all()


def test_tenths_of_chances_are_compared_with_what_came() -> None:
    chances = np.repeat(np.linspace(0.05, 0.95, 10), 20)
    came = np.concatenate([np.arange(20) < round(20 * chance) for chance in np.linspace(0.05, 0.95, 10)])
    for mean, share in calibration_by_tenth(chances, came):
        assert mean == pytest.approx(share, abs=0.026)
