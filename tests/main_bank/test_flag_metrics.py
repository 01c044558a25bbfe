from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from segment.main_bank import main_bank_intervals, main_bank_metrics


def test_metrics_of_a_coin_are_a_coins() -> None:
    report = main_bank_metrics([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5], capacity=2)
    assert report["calibration_slope"] == pytest.approx(1.0)
    del report["calibration_slope"]
    assert report == pytest.approx(
        {
            "roc_auc": 0.5,
            "average_precision": 0.5,
            "brier": 0.25,
            "expected_calibration_error": 0.0,
            "calibration_intercept": 0.0,
            "precision_at_capacity": 0.5,
            "lift_at_capacity": 1.0,
        },
        abs=1e-6,
    )


def test_slope_and_intercept_find_how_log_odds_were_stretched_and_shifted() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 1.5, 20_000)
    y = rng.random(20_000) < expit(true)
    found = main_bank_metrics(y, expit(2.0 * true + 1.0))
    assert found["calibration_slope"] == pytest.approx(0.5, abs=0.02)
    assert found["calibration_intercept"] == pytest.approx(-0.5, abs=0.05)


def test_capacity_takes_the_most_probable() -> None:
    y, said = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0], np.linspace(1.0, 0.1, 10)
    found = [main_bank_metrics(y, said, capacity)["lift_at_capacity"] for capacity in (1, 2, 4, 99)]
    assert found == pytest.approx([5.0, 5.0, 2.5, 1.0])


def test_intervals_hold_the_figure_and_narrow_with_more_customers() -> None:
    rng = np.random.default_rng(1)
    said = rng.random(2000)
    y = rng.random(2000) < said
    wide = main_bank_intervals(y[:200], said[:200], samples=60)
    narrow = main_bank_intervals(y, said, samples=60)
    for name, value in main_bank_metrics(y, said).items():
        assert narrow[name][0] < value < narrow[name][1] or name == "expected_calibration_error"
        assert narrow[name][1] - narrow[name][0] < wide[name][1] - wide[name][0]
