"""What difference an experiment can show."""

from __future__ import annotations

from math import inf, sqrt

import pytest

from segment.upgrade.power import detectable_after, detectable_difference, detectable_mean_difference


@pytest.mark.parametrize(("contacted", "control", "points"), [(4_500, 500, 2.3), (22_500, 2_500, 1.0)])
def test_the_worked_examples_of_the_domain_notes_come_out(contacted: int, control: int, points: float) -> None:
    assert round(100 * detectable_difference(0.03, contacted, control), 1) == points


def test_without_a_control_arm_nothing_can_be_shown() -> None:
    assert detectable_difference(0.03, 100, 0) == inf


def test_a_share_is_a_mean_of_zeros_and_ones() -> None:
    assert detectable_difference(0.5, 200, 800) == detectable_mean_difference(0.5, 200, 800)


def test_with_many_households_the_interval_says_the_same_as_the_plan() -> None:
    error = 100.0 * sqrt(1 / 2_000 + 1 / 8_000)
    reach = 1.96 * error
    planned = detectable_mean_difference(100.0, 2_000, 8_000)
    assert detectable_after(-reach, reach, error) == pytest.approx(planned, rel=1e-4)


def test_detectable_difference_of_a_case_computed_by_hand() -> None:
    assert round(100 * detectable_difference(0.03, 4_500, 500), 2) == 2.25


def test_detectable_mean_difference_of_a_case_computed_by_hand() -> None:
    assert round(detectable_mean_difference(100.0, 200, 800), 1) == 22.1


def test_detectable_after_of_a_case_computed_by_hand() -> None:
    assert round(detectable_after(-1.96, 1.96, 1.0), 2) == 2.8
