from __future__ import annotations

import numpy as np
import pytest

from segment.main_bank import expected_calibration_error, main_bank_metrics


def test_expected_calibration_error_equals_a_case_computed_by_hand() -> None:
    probability = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]
    y = [0, 0, 1, 0, 0, 1, 1, 0, 1, 1]
    # five bins of two: |0.10-0|, |0.30-0.5|, |0.50-0.5|, |0.70-0.5|, |0.90-1|
    assert expected_calibration_error(y, probability, bins=5) == pytest.approx((0.1 + 0.2 + 0.0 + 0.2 + 0.1) / 5)


def test_the_order_of_rows_changes_nothing_even_where_probabilities_tie() -> None:
    rng = np.random.default_rng(0)
    probability, y = rng.choice([0.2, 0.35, 0.8], 101), rng.integers(0, 2, 101)
    order = rng.permutation(101)
    assert expected_calibration_error(y, probability) == expected_calibration_error(y[order], probability[order])


def test_what_is_said_with_the_right_frequency_has_no_calibration_error() -> None:
    assert expected_calibration_error([0, 0, 0, 1, 1, 0, 1, 1], [0.25] * 4 + [0.75] * 4, bins=2) == 0.0


def test_no_rows_is_an_error() -> None:
    with pytest.raises(ValueError, match="same length above 0"):
        expected_calibration_error([], [])


def test_metrics_of_a_coin_are_a_coins() -> None:
    report = main_bank_metrics([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])
    assert report == {"roc_auc": 0.5, "average_precision": 0.5, "brier": 0.25, "expected_calibration_error": 0.0}
