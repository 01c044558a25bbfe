"""What difference an experiment can show."""

from __future__ import annotations

from math import inf

import pytest

from segment.upgrade import detectable_difference


@pytest.mark.parametrize(("contacted", "control", "points"), [(4_500, 500, 2.3), (22_500, 2_500, 1.0)])
def test_the_worked_examples_of_the_domain_notes_come_out(contacted: int, control: int, points: float) -> None:
    assert round(100 * detectable_difference(0.03, contacted, control), 1) == points


def test_without_a_control_arm_nothing_can_be_shown() -> None:
    assert detectable_difference(0.03, 100, 0) == inf
