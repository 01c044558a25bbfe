"""A stratum gets its own shift where it is large enough, and none where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from segment.value.scale import ROWS_PER_STRATUM, stratum_shift


def test_each_large_stratum_gets_its_own_quantile() -> None:
    stratum = np.repeat([1.0, 2.0], ROWS_PER_STRATUM + 99)
    misses = np.tile(np.arange(1.0, ROWS_PER_STRATUM + 100), 2) * stratum
    learned = stratum_shift(misses, 0.5, stratum)
    assert learned.of(np.array([2.0, 1.0])) == pytest.approx([ROWS_PER_STRATUM + 100, (ROWS_PER_STRATUM + 100) / 2])


def test_small_unknown_and_missing_strata_are_not_shifted() -> None:
    stratum = np.r_[np.ones(ROWS_PER_STRATUM), [7.0, np.nan]]
    learned = stratum_shift(np.full(len(stratum), 3.0), 0.9, stratum)
    assert learned.of(np.array([1.0, 7.0, np.nan, 99.0, -1.0])).tolist() == [3.0, 0.0, 0.0, 0.0, 0.0]


def test_no_stratum_is_no_shift() -> None:
    assert stratum_shift(np.ones(5), 0.5, np.full(5, np.nan)).of(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
