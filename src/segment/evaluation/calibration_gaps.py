"""How far a forecast's sums are from what came: as differences, beside their sampling error and the gross value."""

# A ratio of sums says nothing where what came adds up to nearly nothing, as in the middle tenths of a bank. The
# difference does, held against income and cost together, which are large for everybody, and against its own error.

from __future__ import annotations

from typing import Final

import numpy as np

from segment.arrays import Floats
from segment.metrics import decile_rows

CERTAIN: Final = 1.96
"""Standard errors beyond which one gap of a sample is taken for one of the bank: 5 % two-sided."""

CERTAIN_OF_TEN: Final = 2.81
"""The same for the largest of ten gaps: 0.5 % each (Bonferroni)."""


def calibration_gaps(actual: Floats, predicted: Floats, gross: Floats) -> dict[str, float]:
    """Measure forecast less outcome in all and by tenth of the forecast, over gross value, with standard errors."""
    # `gross` (n,): Income and cost that came, together.
    # Returns `calibration_gap` and `calibration_gap_error`; `decile_gap` and `decile_gap_error` of the tenth that is
    # furthest off; `decile_gap_certain`, the largest that its own error does not explain, 0 where there is none; and
    # `total_error`, the standard error of forecast over outcome.
    missed = predicted - actual
    gap, error = _gap(missed, gross)
    tenths = [_gap(missed[rows], gross[rows]) for rows in decile_rows(predicted)]
    furthest = max(tenths, key=lambda tenth: abs(tenth[0]))
    certain = [abs(tenth) for tenth, its_error in tenths if abs(tenth) > CERTAIN_OF_TEN * its_error]
    return {
        "calibration_gap": gap,
        "calibration_gap_error": error,
        "decile_gap": furthest[0],
        "decile_gap_error": furthest[1],
        "decile_gap_certain": max(certain, default=0.0),
        "total_error": total_error(actual, predicted),
    }


def total_error(actual: Floats, predicted: Floats) -> float:
    """Take the standard error of forecast over outcome, all customers together; NaN where nothing came."""
    # Source: W. G. Cochran, Sampling Techniques, 1977, equation 6.13 (the ratio of two means).
    total = float(actual.sum())
    if total == 0.0:
        return float("nan")
    apart = predicted - predicted.sum() / total * actual
    return float(np.sqrt(np.square(apart).sum()) / abs(total))


def _gap(missed: Floats, gross: Floats) -> tuple[float, float]:
    """Sum of what was missed over the gross value, and its standard error (a ratio of two means)."""
    size = float(gross.sum())
    if size <= 0.0:
        return 0.0, 0.0
    gap = float(missed.sum()) / size
    return gap, float(np.sqrt(np.square(missed - gap * gross).sum()) / size)
