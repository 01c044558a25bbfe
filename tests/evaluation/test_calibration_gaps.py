"""Sums of a forecast are held against what came by differences, with their own error."""

from __future__ import annotations

import numpy as np
import pytest

from segment.evaluation.calibration_gaps import calibration_gaps, total_error


def test_gaps_computed_by_hand() -> None:
    predicted = np.arange(20.0)
    actual, gross = predicted - 1.0, np.full(20, 10.0)
    gaps = calibration_gaps(actual, predicted, gross)
    assert gaps["calibration_gap"] == pytest.approx(0.1)
    assert gaps["calibration_gap_error"] == pytest.approx(0.0, abs=1e-12)
    assert (gaps["decile_gap"], gaps["decile_gap_certain"]) == (pytest.approx(0.1), pytest.approx(0.1))


def test_the_error_of_a_total_is_that_of_many_samples() -> None:
    rng = np.random.default_rng(0)

    def ratio() -> tuple[float, float]:
        actual = rng.lognormal(0, 1.0, 2_000)
        predicted = actual * rng.uniform(0.5, 1.5, 2_000)
        return float(predicted.sum() / actual.sum()), total_error(actual, predicted)

    drawn = np.array([ratio() for _ in range(300)])
    assert drawn[:, 1].mean() == pytest.approx(drawn[:, 0].std(), rel=0.15)


def test_chance_alone_rarely_makes_a_gap_certain() -> None:
    rng, found = np.random.default_rng(1), []
    for _ in range(200):
        predicted = rng.lognormal(0, 1.0, 1_000)
        actual = predicted + rng.normal(0, 1.0, 1_000)
        gaps = calibration_gaps(actual, predicted, np.abs(actual) + 1.0)
        found.append(
            (abs(gaps["calibration_gap"]) > 1.96 * gaps["calibration_gap_error"], gaps["decile_gap_certain"] > 0)
        )
    assert np.mean(found, axis=0) == pytest.approx(0.05, abs=0.04)


def test_what_adds_up_to_nothing_has_no_ratio() -> None:
    assert np.isnan(total_error(np.array([1.0, -1.0]), np.ones(2)))
    assert calibration_gaps(np.zeros(10), np.zeros(10), np.zeros(10))["calibration_gap"] == 0.0
