from __future__ import annotations

import numpy as np
import polars as pl

from segment.audit.verdict import FAR, TOO_FEW, WITHIN
from segment.evaluation.calibration_by_group import GroupCalibration, calibration_by_group
from segment.policy.fairness import Audit

LIMITS = Audit()


def calibrated(
    actual: np.ndarray, mean: np.ndarray, words: list[str], width: float = 100.0
) -> dict[str, GroupCalibration]:
    predicted = np.column_stack([mean, actual - width, mean, actual + width])
    rows = calibration_by_group(pl.DataFrame({"g": words}), actual, predicted, LIMITS, seed=0)
    return {row.group: row for row in rows}


def test_a_group_that_is_forecast_too_low_is_found_and_the_other_is_not() -> None:
    rng = np.random.default_rng(0)
    actual, words = rng.gamma(4.0, 100.0, 600), ["a", "b"] * 300
    mean = actual * np.where(np.array(words) == "a", 0.8, 1.0) * rng.normal(1.0, 0.1, 600)
    found = calibrated(actual, mean, words)
    assert (found["a"].verdict, found["b"].verdict) == (FAR, WITHIN)
    assert abs((found["a"].ratio or 0.0) - 0.8) < 0.02


def test_intervals_that_hold_too_seldom_or_too_often_are_found() -> None:
    actual, words = np.full(200, 100.0), ["a"] * 100 + ["b"] * 100
    predicted = np.column_stack([actual, actual - 1, actual, np.where(np.arange(200) % 2 == 0, 99.0, 101.0)])
    predicted[100:, 3] = np.where(np.arange(100) % 5 == 0, 99.0, 101.0)
    rows = calibration_by_group(pl.DataFrame({"g": words}), actual, predicted, LIMITS, seed=0)
    assert [(row.coverage, row.coverage_verdict) for row in rows] == [(0.5, FAR), (0.8, WITHIN)]


def test_of_a_group_that_brought_nothing_in_all_no_ratio_is_taken() -> None:
    actual = np.array([10.0, -10.0] * 30 + [10.0] * 60)
    found = calibrated(actual, np.ones(120), ["a"] * 60 + ["b"] * 60)
    assert (found["a"].ratio, found["a"].verdict) == (None, TOO_FEW)


def test_groups_of_fewer_than_fifty_are_left_out() -> None:
    assert list(calibrated(np.ones(99), np.ones(99), ["a"] * 50 + ["b"] * 49)) == ["a"]
