from __future__ import annotations

import polars as pl
import pytest

from segment.exceptions import ModelError
from segment.policy import load_policy
from segment.tiers.standing import with_standing, yardstick
from tests.tiers.people import POLICY, people

TIERS = POLICY.tiers


def standing(**columns):
    count = max(len(v) for v in columns.values() if isinstance(v, list))
    return with_standing(people(count, **columns), TIERS)["standing"].to_list()


def test_a_relation_below_the_policys_months_is_new_and_below_a_year_provisional():
    months = [0, 2, 3, 11, 12]
    expected = ["new", "new", "provisional", "provisional", "active"]
    assert standing(months_observed=months, tenure_months=[float(m) for m in months]) == expected


def test_a_short_ledger_does_not_make_an_old_customer_new():
    assert standing(months_observed=[2, 2], tenure_months=[60.0, 2.5]) == ["active", "new"]


def test_a_year_without_an_event_is_dormant():
    assert standing(months_since_activity=[11, 12, None]) == ["active", "dormant", "dormant"]


def test_staff_are_left_out_only_where_the_policy_says_so():
    assert standing(is_staff=[True, None]) == ["excluded", "active"]
    kept = with_standing(people(is_staff=True), TIERS.model_copy(update={"leave_out_staff": False}))
    assert kept["standing"].item() == "active"


def test_the_deceased_and_those_under_investigation_are_left_out():
    assert standing(deceased=[True, False], under_investigation=[False, True]) == ["excluded", "excluded"]


def test_the_yardstick_falls_back_to_whoever_is_not_left_out():
    frame = with_standing(people(2, months_observed=5, tenure_months=5.0, is_staff=[True, False]), TIERS)
    assert yardstick(frame)["customer_id"].to_list() == ["c1"]
    only_staff = with_standing(people(is_staff=True), TIERS)
    assert yardstick(only_staff).height == 1


def test_a_missing_column_is_named():
    with pytest.raises(ModelError, match="months_since_activity"):
        with_standing(people().drop("months_since_activity"), TIERS)


def test_with_standing_of_a_case_computed_by_hand() -> None:
    tiers = load_policy("models/retail.toml").tiers
    people = pl.DataFrame({"months_observed": [2, 7, 30, 30], "months_since_activity": [0, 0, 14, 1]})
    assert with_standing(people, tiers)["standing"].to_list() == ["new", "provisional", "dormant", "active"]


def test_yardstick_of_a_case_computed_by_hand() -> None:
    assert yardstick(pl.DataFrame({"standing": ["new", "active", "dormant"]})).height == 1
