"""Whom no trial serves less well."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from segment.policy import load_policy
from segment.service.trial_exclusions import outside, spared
from tests.conftest import RETAIL
from tests.service.people import ADULT, AS_OF, OBJECTED, homes, ledger, published

POLICY = load_policy(RETAIL)
DAY = dt.timedelta(days=1)
NOBODY = pl.DataFrame(schema=OBJECTED)


def kept(rule: tuple[Any, ...] | None = None, born: dt.date | None = ADULT, **other: Any) -> bool:
    tiers = published(c={"tier": "high_value", **other})
    tables = ledger(*([("c", *rule)] if rule else []), persons=[("c", born, False, None)])
    return spared(tiers, tables, homes(tiers), POLICY, AS_OF)["household"].to_list() == ["c"]


def test_a_customer_without_any_of_it_is_not_spared() -> None:
    assert not kept()


@pytest.mark.parametrize(
    "rule", ["vulnerable", "complaint", "litigation", "hardship", "basic_account", "deceased", "fraud_victim"]
)
def test_a_rule_in_force_protects(rule: str) -> None:
    """DOMAIN.md 5: UK Consumer Duty (vulnerable), EU 2014/92 (basic account), CBIRC 2022/9 (complaints)."""
    assert kept((rule, AS_OF, None))
    assert kept((rule, None, AS_OF))
    assert not kept((rule, AS_OF + DAY, None))


def test_a_rule_that_ended_protects_no_longer_and_another_rule_never_did() -> None:
    assert not kept(("complaint", AS_OF - 9 * DAY, AS_OF - DAY))
    assert not kept(("opt_out", AS_OF, None))


def test_nobody_of_sixty_or_of_unknown_age_is_served_less_well() -> None:
    """State Council 2020/45, CBIRC 2021/40 (DOMAIN.md 5): older people."""
    assert kept(born=dt.date(1965, 12, 31))
    assert not kept(born=dt.date(1966, 1, 1))
    assert kept(born=None)


@pytest.mark.parametrize(
    ("given", "protects"),
    [
        ({"chance_of_lower_tier": 0.5}, True),
        ({"chance_of_lower_tier": 0.49}, False),
        ({"chance_of_lower_tier": None}, False),
        ({"chance_of_leaving_6m": 0.05}, True),
        ({"chance_of_leaving_6m": 0.01}, False),
        ({"chance_main_bank_leaves_6m": 0.05}, True),
        ({"sub_state": "in_arrears"}, True),
        ({"notice_until": AS_OF}, True),
        ({"notice_until": AS_OF - DAY}, False),
        ({"review": "a person, before any action"}, True),
        ({"override_role": "head", "override_expires_on": AS_OF}, True),
        ({"override_role": "head", "override_expires_on": AS_OF - DAY}, False),
    ],
)
def test_a_warning_a_notice_a_review_and_a_tier_set_by_hand_protect(given: dict[str, Any], protects: bool) -> None:
    """DOMAIN.md 4.1: notice and review come before anything is taken from a customer."""
    assert kept(**given) is protects


def test_what_protects_one_protects_the_household() -> None:
    tiers = published(a="high_value", b="high_value", c="high_value")
    tables = ledger(("b", "vulnerable", AS_OF, None), persons=[(name, ADULT, False, None) for name in "abc"])
    assert spared(tiers, tables, homes(tiers, b="a"), POLICY, AS_OF)["household"].to_list() == ["a"]


def test_who_objects_to_profiling_is_in_no_arm_at_all() -> None:
    """PIPL art. 24 and GDPR art. 21 (DOMAIN.md 5)."""
    objections = [
        ("c0", "profiling", AS_OF, None),
        ("c1", None, AS_OF, None),
        ("c2", "marketing", AS_OF, None),
        ("c3", "profiling", AS_OF, AS_OF),
        ("c4", "profiling", AS_OF, AS_OF + DAY),
    ]
    tables = ledger(("c5", "profiling_objection", AS_OF, None), persons=[])
    made = outside(tables, pl.DataFrame(objections, schema=OBJECTED, orient="row"), POLICY, AS_OF)
    assert made["customer_id"].to_list() == ["c0", "c1", "c4", "c5"]


def test_staff_minors_the_deceased_and_who_has_left_are_in_no_arm() -> None:
    persons = [
        ("c0", ADULT, True, None),
        ("c1", dt.date(2008, 1, 1), False, None),
        ("c2", ADULT, False, AS_OF),
        ("c3", ADULT, None, AS_OF + DAY),
        ("c4", None, False, None),
    ]
    tables = ledger(("c5", "deceased", AS_OF - 9 * DAY, AS_OF - DAY), persons=persons)
    assert outside(tables, NOBODY, POLICY, AS_OF)["customer_id"].to_list() == ["c0", "c1", "c2", "c5"]
