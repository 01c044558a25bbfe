"""Limits of collecting: what proves that one holds, and what leaves it open."""

from __future__ import annotations

import pytest

from segment.policy.collection_limits import NO_LIMITS, CollectionLimits
from segment.policy.jurisdiction import JURISDICTIONS, load_jurisdiction
from segment.policy.service import PlanChange
from segment.service.contacts_in_arrears import CollectionCheck, ContactsInArrears, check_collections
from segment.service.promises import Promised


def groups(every: int | None = 30) -> list[Promised]:
    plan = PlanChange(tracked_by="help with arrears", contact_every_days=every)
    return [Promised("valuable", "standard", 9, PlanChange()), Promised("valuable", "in_arrears", 3, plan)]


def checked(limits: CollectionLimits, most_of_last: int = 0, most_of_two: int = 0) -> dict[str, CollectionCheck]:
    found = check_collections(groups(), limits, ContactsInArrears(most_of_last, most_of_two))
    return {check.limit: check for check in found}


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("cn", {"quiet_from": 22, "tries_a_day": 6, "talks_a_day": 3, "tries_before_third_persons": 3}),
        ("uk", {"quiet_from": 21, "statement_every_days": 92, "debits_a_month": 2}),
        ("us", {"quiet_from": 21, "calls_in_seven_days": 7, "rest_days_after_talk": 7}),
        ("eu", {"forbearance_first": 1}),
    ],
)
def test_the_limits_of_a_jurisdiction_are_those_of_domain_3_10(code: str, limits: dict[str, int]) -> None:
    """Bank guideline of 30 January 2026; GB/T 45251-2025. MCOB 13. Regulation F.

    Consumer Credit Directive 2023/2225.
    """
    assert load_jurisdiction(code).collections.in_force == limits
    assert load_jurisdiction(code).collections.quiet_until == (None if code == "eu" else 8)


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_every_limit_in_force_is_checked_or_says_why_not(code: str) -> None:
    limits = load_jurisdiction(code).collections
    found = check_collections(groups(), limits, None)
    assert [check.limit for check in found] == list(limits.in_force)
    assert all(check.verdict == "not_checked" and check.why in ("no_events", "no_log") for check in found)


def test_a_branch_with_nobody_in_arrears_has_no_such_limits() -> None:
    assert check_collections(groups()[:1], load_jurisdiction("cn").collections, None) == []
    assert check_collections(groups(), NO_LIMITS, None) == []


@pytest.mark.parametrize(("most", "verdict", "why"), [(7, "holds", "counted"), (8, "not_checked", "may_pass")])
def test_two_months_of_calls_prove_that_seven_days_hold_and_never_that_they_do_not(
    most: int, verdict: str, why: str
) -> None:
    check = checked(load_jurisdiction("us").collections, 5, most)["calls_in_seven_days"]
    assert (check.verdict, check.why, check.found) == (verdict, why, most)


def test_a_month_of_talks_proves_that_each_of_its_days_holds() -> None:
    cn = load_jurisdiction("cn").collections
    assert checked(cn, 3, 9)["talks_a_day"].verdict == "holds"
    assert checked(cn, 4, 4)["talks_a_day"].why == "may_pass"
    assert checked(cn, 0, 0)["tries_a_day"].why == "no_log"  # nobody counts tries that were not answered


def test_a_plan_that_calls_before_the_days_of_rest_have_passed_breaks_them() -> None:
    us = load_jurisdiction("us").collections
    (check,) = (one for one in check_collections(groups(every=6), us, None) if one.limit == "rest_days_after_talk")
    assert (check.verdict, check.why, check.found) == ("breaks", "planned", 6)
    assert checked(us)["rest_days_after_talk"].why == "no_log"
    assert all(one.verdict == "not_checked" for one in check_collections(groups(every=None), us, None))
