from __future__ import annotations

import datetime as dt

from segment.evaluation.holdout import outcome_end


def test_the_outcome_of_a_leap_day_ends_with_february() -> None:
    assert outcome_end(dt.date(2024, 2, 29), 12) == dt.date(2025, 2, 28)
