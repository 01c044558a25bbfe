"""Which promises of a branch hold, which break, and what would keep them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from segment.policy import Policy, load_policy
from segment.policy.service import PlanChange
from segment.policy.waiting import Waiting
from segment.service.branch_means import BranchMeans, Manager
from segment.service.counter_queue import Counters
from segment.service.promises import CONTACTS, DECISION, LANE, STAFF, WAIT, Promise, Promised, check_promises
from tests.conftest import RETAIL

POLICY: Policy = load_policy(RETAIL)
PEOPLE = ("high_value", "standard"), ("break_even", "no_potential")
EVEN = POLICY.model_copy(
    update={
        "service": POLICY.service.model_copy(  # type: ignore[union-attr]
            update={"waiting": POLICY.service.waiting.model_copy(update={"day_profile": (0.5, 0.5)})}  # type: ignore[union-attr]
        )
    }
)


def plan(**changes: object) -> PlanChange:
    return PlanChange(
        tracked_by="manager", counter_wait_minutes=10, decision_days=1, complaint_days=3, staff="s", **changes
    )  # type: ignore[arg-type]


def branch(visits: float, counters: int | None = 3, fast: float = 0.0, **changes: object) -> BranchMeans:
    """Open 40 hours a week, with so many visits an hour at six minutes each."""
    given = {PEOPLE[0]: fast * 40.0, PEOPLE[1]: (visits - fast) * 40.0}
    means = BranchMeans("North", counters, 40.0, (), {group: number for group, number in given.items() if number})
    return replace(means, **({"first": {}} | changes))  # type: ignore[arg-type]


def groups(fast: bool = False, **changes: object) -> list[Promised]:
    return [Promised(*PEOPLE[0], 20, plan(fast_lane=fast, **changes)), Promised(*PEOPLE[1], 0, plan())]


def of(kind: str, found: list[Promise]) -> list[Promise]:
    return [promise for promise in found if promise.promise == kind]


def test_domain_3_9_a_wait_that_breaks_by_hand_and_the_counter_that_keeps_it() -> None:
    # 24 an hour at 6 minutes: .2381 wait over 10 minutes at three counters, .0355 at four
    first, second = of(WAIT, check_promises(groups(), branch(24.0), EVEN))
    assert (first.verdict, first.kept, second.verdict) == ("breaks", pytest.approx(0.7619, abs=1e-4), "breaks")
    assert (first.needs.counters, first.needs.managers) == (1, None)
    assert {one.verdict for one in of(WAIT, check_promises(groups(), branch(24.0, 4), EVEN))} == {"holds"}
    hours = first.needs.opening_hours
    assert hours is not None
    longer = replace(branch(24.0), opening_hours_week=40.0 + hours)
    assert {one.verdict for one in of(WAIT, check_promises(groups(), longer, EVEN))} == {"holds"}


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"counters": None}, "branches.counters"),
        ({"opening_hours_week": None}, "branches.opening_hours_week"),
        ({"visits": None}, "service_events"),
    ],
)
def test_what_the_ledger_does_not_say_is_not_checked_and_never_holds(change: dict[str, None], missing: str) -> None:
    found = check_promises(groups(fast=True), replace(branch(2.0), **change), EVEN)
    assert {(one.verdict, one.missing) for one in of(WAIT, found)} == {("not_checked", missing)}
    assert of(LANE, found) == []


def test_people_with_priority_by_law_are_in_the_fast_lane_whatever_their_tier() -> None:
    # a fifth of those of the second group are older people: they wait as the fast lane does, the others longer
    alone = of(WAIT, check_promises(groups(), branch(24.0), EVEN))
    with_older = of(WAIT, check_promises(groups(), branch(24.0, first={PEOPLE[1]: 0.2 * 24.0 * 40.0}), EVEN))
    day = Counters(3, 6.0, 0.2 * 24.0, 0.8 * 24.0)
    late = 0.2 * day.longer_than(10.0, fast=True) + 0.8 * day.longer_than(10.0)
    assert alone[1].kept == pytest.approx(0.7619, abs=1e-4)
    assert with_older[1].kept == pytest.approx(1.0 - late, abs=1e-4)
    assert with_older[0].kept is not None
    assert alone[0].kept is not None
    assert with_older[0].kept < alone[0].kept  # who has no priority waits longer


def test_without_a_birth_date_nobody_knows_who_else_is_in_the_fast_lane() -> None:
    (lane,) = of(LANE, check_promises(groups(fast=True), branch(23.0, fast=8.0, first=None), EVEN))
    assert (lane.verdict, lane.missing) == ("not_checked", "customers.birth_date")


def test_a_fast_lane_of_many_keeps_others_waiting_and_fewer_in_it_would_not() -> None:
    found = of(LANE, check_promises(groups(fast=True), branch(23.0, fast=8.0), EVEN))
    assert [one.verdict for one in found] == ["breaks"]
    assert 0 < (found[0].needs.customers_fewer or 0) <= 20
    (small,) = of(LANE, check_promises(groups(fast=True), branch(23.0, fast=0.2), EVEN))
    assert small.verdict == "holds"


ANN, BOB = Manager("Ann", 4, 40.0), Manager("Bob", 4, 40.0)


def test_contacts_that_break_by_hand_and_each_way_to_keep_them() -> None:
    # 70 customers every 35 days are 14 a week; a manager makes 4
    tracked = [Promised("high_value", "standard", 70, plan(contact_every_days=35, customers_per_adviser=200))]
    (found,) = of(CONTACTS, check_promises(tracked, branch(1.0, managers=(ANN, BOB)), POLICY))
    assert (found.verdict, found.kept) == ("breaks", pytest.approx(8 / 14, abs=1e-4))
    # their hours would do; 6 contacts a week are two managers more, or 30 of 70 customers fewer
    assert (found.needs.managers, found.needs.manager_hours, found.needs.customers_fewer) == (2, None, 30)
    # with 10 hours, of which .6 are for contacts, each makes 12 of half an hour; 2 more are an hour, 1.7 of all hours
    short = (Manager("Ann", 99, 5.0), Manager("Bob", 99, 5.0))
    (found,) = of(CONTACTS, check_promises(tracked, branch(1.0, managers=short), POLICY))
    assert (found.kept, found.needs.manager_hours, found.needs.managers) == (pytest.approx(12 / 14, abs=1e-4), 1.7, 1)
    fewer = [replace(tracked[0], target_customers=40)]
    (kept,) = of(CONTACTS, check_promises(fewer, branch(1.0, managers=(ANN, BOB)), POLICY))
    assert (kept.verdict, kept.kept) == ("holds", 1.0)


def test_better_tiers_are_contacted_first() -> None:
    tracked = [
        Promised(tier, "standard", 28, plan(contact_every_days=28, customers_per_adviser=200))
        for tier in ("high_value", "valuable")
    ]
    found = of(CONTACTS, check_promises(tracked, branch(1.0, managers=(ANN, BOB)), POLICY))
    assert [(one.kept, one.verdict) for one in found] == [(1.0, "holds"), (pytest.approx(1 / 7, abs=1e-4), "breaks")]


def test_managers_of_whom_the_ledger_says_nothing_keep_no_promise_unseen() -> None:
    tracked = [
        Promised("high_value", "standard", 10, plan(contact_every_days=7, customers_per_adviser=200)),
        Promised("break_even", "new", 10, plan(contact_every_days=30)),
    ]
    found = check_promises(tracked, branch(1.0, managers=None), POLICY)
    assert [(one.missing, one.others) for one in of(CONTACTS, found)] == [
        ("relationship_managers", None),
        (STAFF, "manager"),
    ]
    assert {one.verdict for one in of(DECISION, found)} == {"not_checked"}
    known = check_promises(tracked, branch(1.0, managers=(Manager("Ann", 20),)), POLICY)
    assert {one.missing for one in of(DECISION, known)} == {"relationship_managers.hours_week"}


def test_a_branch_without_managers_breaks_what_it_promises() -> None:
    tracked = [Promised("high_value", "standard", 10, plan(contact_every_days=7, customers_per_adviser=200))]
    (found,) = of(CONTACTS, check_promises(tracked, branch(1.0, managers=()), POLICY))
    assert (found.verdict, found.kept, found.needs.customers_fewer) == ("breaks", 0.0, 10)


def test_a_manager_who_is_never_free_decides_within_no_day() -> None:
    busy = [Promised("high_value", "standard", 300, plan(contact_every_days=14, customers_per_adviser=200))]
    (found,) = of(DECISION, check_promises(busy, branch(1.0, managers=(replace(ANN, weekly_contacts=200),)), POLICY))
    assert (found.verdict, found.kept) == ("breaks", 0.0)
    # 75 hours of contacts a week against 24 of one manager
    assert found.needs.managers == 3
    (calm,) = of(
        DECISION, check_promises([replace(busy[0], target_customers=20)], branch(1.0, managers=(ANN,)), POLICY)
    )
    assert calm.verdict == "holds"


def test_the_ledgers_own_hours_take_the_place_of_the_policys_profile() -> None:
    # everybody comes in two of eight hours
    crowded = branch(12.0, hours={10: 1500, 11: 1500})
    assert {one.verdict for one in of(WAIT, check_promises(groups(), crowded, EVEN))} == {"breaks"}
    assert {one.verdict for one in of(WAIT, check_promises(groups(), branch(12.0, hours={10: 15}), EVEN))} == {"holds"}


def test_the_parts_of_a_day_of_a_case_computed_by_hand() -> None:
    waiting = Waiting(day_profile=(0.75, 0.25), profile_visits=10.0)
    means = BranchMeans("A", opening_hours_week=20.0, hours={9: 8, 10: 2, 14: 0})
    # the profile's halves of two hours, and the ledger's three hours, at half a word each
    assert means.parts_of_day(waiting) == [
        (pytest.approx(0.40 + 0.1875), 1.0), (pytest.approx(0.10 + 0.1875), 1.0), (pytest.approx(0.0625), 1.0),
        (pytest.approx(0.0625), 1.0),
    ]  # fmt: skip


def test_one_visit_more_whose_time_is_known_never_moves_a_promise_by_much() -> None:
    kept = [
        of(WAIT, check_promises(groups(), branch(12.0, hours={10: count} if count else {}), EVEN))[0].kept
        for count in [*range(8), *range(196, 206)]
    ]
    steps = np.abs(np.diff(kept))
    assert np.delete(steps, 7).max() < 0.02
