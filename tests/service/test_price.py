from __future__ import annotations

import datetime as dt

import pytest

from segment.policy.service import TariffItem
from segment.service import waiver_effect

ITEM = TariffItem(name="Card", price=10, unit_cost=4, charged_a_year=2, public_since=dt.date(2020, 7, 15))


def test_without_elasticity_a_waiver_costs_what_is_waived() -> None:
    assert waiver_effect(ITEM, 100, 0.5, 0.0) == -100 * 2 * 5.0


@pytest.mark.parametrize(("elasticity", "effect"), [(-0.5, -950.0), (-1.0, -900.0), (-2.0, -800.0)])
def test_demand_that_a_waiver_brings_by_hand(elasticity: float, effect: float) -> None:
    # 200 (1 + 0.5 |e|) (5 - 4) - 200 (10 - 4)
    assert waiver_effect(ITEM, 100, 0.5, elasticity) == effect


def test_no_waiver_changes_nothing() -> None:
    assert waiver_effect(ITEM, 100, 0.0, -1.0) == 0.0
