"""scikit-learn's own checks of the hazards."""

from __future__ import annotations

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from segment.departures import DepartureHazards
from segment.estimator_checks import NOT_HELD


@parametrize_with_checks(
    [DepartureHazards(max_iter=5)],
    expected_failed_checks=lambda _: NOT_HELD["DepartureHazards"],
    xfail_strict=True,
)
def test_the_hazards_keep_to_scikit_learns_conventions(estimator: Any, check: Any) -> None:
    check(estimator)
