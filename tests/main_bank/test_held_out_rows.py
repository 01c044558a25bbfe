"""Who is held out together follows from a row alone."""

from __future__ import annotations

import numpy as np
import pytest

from segment.main_bank.held_out_rows import FOLDS, folds_of, halves_of


def test_folds_of_a_case_computed_by_hand() -> None:
    rows = np.array([[0.000001, np.nan], [0.000003, 0.000004], [0.5, 0.5], [0.000001, 0.0], [0.5, 0.5]])
    assert folds_of(rows).tolist() == [1, 2, 0, 2, 1]
    assert folds_of(np.empty((0, 2))).tolist() == []


def test_a_row_more_or_another_order_moves_no_row_to_another_fold() -> None:
    values = np.random.default_rng(0).random((500, 4))
    folds = folds_of(values)
    np.testing.assert_array_equal(folds_of(values[1:]), folds[1:])
    np.testing.assert_array_equal(folds_of(values[::-1]), folds[::-1])
    assert np.bincount(folds, minlength=FOLDS).min() > 70


def test_every_way_halves_the_rows_about_evenly_and_unlike_the_others() -> None:
    values = np.random.default_rng(0).random((2000, 4))
    halves = halves_of(values)
    np.testing.assert_array_equal(halves[:, : halves.shape[1] // 2], ~halves[:, halves.shape[1] // 2 :])
    assert halves.mean(axis=0) == pytest.approx(np.full(halves.shape[1], 0.5), abs=0.05)
    upper = halves[:, : halves.shape[1] // 2].astype(float)
    assert np.abs(np.corrcoef(upper.T) - np.eye(upper.shape[1])).max() < 0.1
    # two rows in a hundred say the same but for the last digits, and are dealt out in turn
    assert np.mean(halves_of(values[::-1]) == halves[::-1]) > 0.99
