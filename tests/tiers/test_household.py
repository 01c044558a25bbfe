"""What a household brings together, and its floor."""

from __future__ import annotations

import polars as pl
import pytest

from segment.policy import Policy
from segment.tiers import assign_tiers
from segment.tiers.reasons import Reason, reasons
from tests.tiers.people import POLICY, placed

FLOOR: Policy = POLICY.model_copy(update={"tiers": POLICY.tiers.model_copy(update={"household_floor": True})})


def family(*worth: float, **columns) -> pl.DataFrame:
    """Members of one household with cost 100 each: alone, borders at ±50 and 400."""
    given = {"household_id": "h", "cluster_tier": None, "border_high_reachable": 400.0} | columns
    return placed(len(worth), blended_contribution_12m=list(worth), **given)


def tiers(frame: pl.DataFrame, policy: Policy = FLOOR) -> list[str]:
    return assign_tiers(frame, policy)["tier"].to_list()


def test_a_household_brings_what_its_members_bring():
    frame = placed(5, household_id=["h", "h", "k", None, None], contribution_12m=[60.0, -20.0, 7.0, 5.0, 6.0])
    found = assign_tiers(frame, POLICY)["household_contribution_12m"].to_list()
    assert found == [40.0, 40.0, 7.0, None, None]


def test_nothing_is_known_of_households_where_the_ledger_names_none():
    assert assign_tiers(placed(2), POLICY)["household_contribution_12m"].to_list() == [None, None]
    assert tiers(placed(2, blended_contribution_12m=-60.0, cluster_tier=None)) == ["loss_making"] * 2


def test_nobody_stands_more_than_one_tier_below_a_household_taken_as_one_customer():
    # 900 - 60 + 0 is more than 4 x the reference of 100
    frame = family(900.0, -60.0, 0.0)
    assert tiers(frame, POLICY) == ["high_value", "loss_making", "break_even"]
    assert tiers(frame) == ["high_value", "valuable", "valuable"]
    lifted = assign_tiers(frame, FLOOR)
    assert lifted["tier_note"].to_list() == [None, "household", "household"]
    assert lifted["tier_source"].to_list() == ["guard"] * 3


@pytest.mark.parametrize(("together", "expected"), [(75.0, "loss_making"), (75.1, "break_even")])
def test_the_household_s_borders_are_those_of_one_customer_with_its_cost(together: float, expected: str):
    # cost 300: break-even up to 0.25 x 300, so that the sum must lie above 75 to be valuable
    assert tiers(family(together + 30.0, -60.0, 30.0))[1] == expected


def test_a_floor_lifts_and_never_lowers():
    frame = family(-900.0, 900.0, 60.0)
    assert tiers(frame) == tiers(frame, POLICY) == ["loss_making", "high_value", "valuable"]


def test_who_is_left_out_neither_lifts_nor_is_lifted():
    frame = family(900.0, -60.0, standing=["excluded", "active"])
    assert tiers(frame) == ["break_even", "loss_making"]
    assert tiers(family(900.0, 0.0, standing=["active", "excluded"])) == ["high_value", "break_even"]


def test_the_high_value_of_a_household_needs_a_sure_year_too():
    # P10 below zero closes high-value to the household, so that its members stand at break-even or above
    assert tiers(family(900.0, -60.0, future_value_p10=[-10.0, 5.0]))[1] == "break_even"


def test_the_reason_names_the_household():
    lifted = assign_tiers(family(900.0, 0.0), FLOOR)
    assert Reason.HOUSEHOLD in reasons(lifted, FLOOR.tiers).to_list()[1]
