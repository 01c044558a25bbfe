"""Whether a branch can keep what its plan promises, and what would keep it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import Final, Literal

from segment.policy import Policy
from segment.policy.service import PlanChange
from segment.policy.waiting import Waiting
from segment.service.branch_means import BranchMeans
from segment.service.counter_queue import Counters

Verdict = Literal["holds", "breaks", "not_checked"]
WAIT: Final = "counter_wait"
LANE: Final = "fast_lane"
CONTACTS: Final = "contacts"
DECISION: Final = "decision"
COMPLAINT: Final = "complaint"
STAFF: Final = "staff"
"""What the ledger has no table of: those of a branch who are no relationship managers."""

_MOST_COUNTERS, _LONGEST_DAY, _STEP = 20, 2.0, 0.05
_MEETING, _PER_MANAGER = 30.0, 20.0


@dataclass(frozen=True)
class Promised:
    """A group of a branch with its plan."""

    tier: str
    sub_state: str
    target_customers: int
    plan: PlanChange

    @property
    def by_managers(self) -> bool:
        """Whether relationship managers track the group, not others of the branch."""
        return self.plan.customers_per_adviser is not None

    @property
    def contacts_week(self) -> float:
        """Contacts that are due in a week."""
        return self.target_customers * 7.0 / self.plan.contact_every_days if self.plan.contact_every_days else 0.0


@dataclass(frozen=True)
class Needs:
    """What would keep a promise: each alone."""

    counters: int | None = None  # More of them
    opening_hours: float | None = None  # More a week
    managers: int | None = None
    manager_hours: float | None = None  # More a week
    customers_fewer: int | None = None  # Targeted, or in the fast lane


@dataclass(frozen=True)
class Promise:
    """A promise to a group of a branch, and whether it can be kept."""

    tier: str
    sub_state: str
    promise: str
    promised: float
    verdict: Verdict
    kept: float | None = None  # Share of the group for whom it is kept
    missing: str | None = None  # What the ledger does not say, where it was not checked
    others: str | None = None  # Who makes the contacts, where it is nobody of whom the ledger knows
    needs: Needs = Needs()


def check_promises(groups: Sequence[Promised], means: BranchMeans, policy: Policy) -> list[Promise]:
    """Check every promise of a branch."""
    waiting = policy.service.waiting if policy.service else Waiting()
    return [
        *_waits(groups, means, waiting, policy.costs.overhead.minutes_per_counter_event),
        *_contacts(groups, means, waiting),
        *_time_limits(groups, means, waiting),
    ]


def _waits(groups: Sequence[Promised], means: BranchMeans, waiting: Waiting, minutes: float) -> list[Promise]:
    missing = _missing_at_the_counter(means)
    if missing is not None:
        return [_of(group, WAIT, group.plan.counter_wait_minutes, missing=missing) for group in groups]
    day = _Day(groups, means, waiting, minutes)

    def all_kept(other: _Day) -> bool:
        return all(other.kept(group) >= waiting.kept_share for group in groups)

    kept_now = all_kept(day)
    more, longer = (None, None) if kept_now else (day.first_counters(all_kept), day.first_hours(all_kept))
    found = []
    for group in groups:
        kept = day.kept(group)
        broken = kept < waiting.kept_share
        needs = Needs(counters=more, opening_hours=longer)
        found.append(_of(group, WAIT, group.plan.counter_wait_minutes, kept=kept, broken=broken, needs=needs))
    return [*found, *_lane(groups, day, waiting)]


def _lane(groups: Sequence[Promised], day: _Day, waiting: Waiting) -> list[Promise]:
    """Whether the fast lane leaves others their wait: at most so much longer at the ninth decile (DOMAIN.md 3.9)."""
    fast = [group for group in groups if group.plan.fast_lane]
    if day.means.first is None:
        return [_of(group, LANE, waiting.fast_lane_most_longer, missing="customers.birth_date") for group in fast]
    if not fast or day.lane_holds(1.0):
        return [_of(group, LANE, waiting.fast_lane_most_longer) for group in fast]
    part = next((share / 20 for share in range(19, -1, -1) if day.lane_holds(share / 20)), 0.0)
    more = day.first_counters(lambda other: other.lane_holds(1.0))
    longer = day.first_hours(lambda other: other.lane_holds(1.0))
    return [
        _of(
            group,
            LANE,
            waiting.fast_lane_most_longer,
            broken=True,
            needs=Needs(more, longer, customers_fewer=ceil(group.target_customers * (1.0 - part))),
        )
        for group in fast
    ]


@dataclass(frozen=True)
class _Day:
    """A day at the counters of a branch."""

    groups: Sequence[Promised]
    means: BranchMeans
    waiting: Waiting
    minutes: float
    longer: float = 1.0  # Times the opening hours

    def lanes(self, fast_share: float = 1.0) -> list[tuple[float, Counters]]:
        """Share of the day's visits in each part of it, and the two lanes then."""
        visits = self.means.visits or {}
        days = self.waiting.open_days_week
        whole = sum(visits.values()) / days
        by_law = sum((self.means.first or {}).values()) / days
        planned = sum(visits.get(_key(g), 0.0) - self._first_of(g) for g in self.groups if g.plan.fast_lane) / days
        fast = by_law + fast_share * planned
        number = self.means.counters or 0
        parts = [(share, hours * self.longer) for share, hours in self.means.parts_of_day(self.waiting) if share > 0]
        return [
            (share, Counters(number, self.minutes, fast * share / hours, (whole - fast) * share / hours))
            for share, hours in parts
        ]

    def _first_of(self, group: Promised) -> float:
        return (self.means.first or {}).get(_key(group), 0.0)

    @cached_property
    def as_planned(self) -> list[tuple[float, Counters]]:
        """The lanes with all in the fast one who are promised it."""
        return self.lanes()

    def kept(self, group: Promised) -> float:
        """Share of a group's visits that wait no longer than promised."""
        promised = group.plan.counter_wait_minutes or 0.0
        visits = (self.means.visits or {}).get(_key(group), 0.0)
        first = 1.0 if group.plan.fast_lane else self._first_of(group) / visits if visits else 0.0
        late = {
            fast: sum(share * lanes.longer_than(promised, fast=fast) for share, lanes in self.as_planned)
            for fast, part in ((True, first), (False, 1.0 - first))
            if part
        }
        return 1.0 - first * late.get(True, 0.0) - (1.0 - first) * late.get(False, 0.0)

    def lane_holds(self, fast_share: float) -> bool:
        """Whether others wait about as long with the fast lane as without one, when most people come."""
        # those whom the law calls first are called first in either case
        busiest, alone = (
            max((lanes for _, lanes in self.lanes(share)), key=lambda lanes: lanes.utilisation)
            for share in (fast_share, 0.0)
        )
        without = alone.reached_by(0.9)
        return busiest.reached_by(0.9) <= (1.0 + self.waiting.fast_lane_most_longer) * without + 0.05

    def first_counters(self, holds: Callable[[_Day], bool]) -> int | None:
        """Fewest more counters with which it holds."""
        now = self.means.counters or 0
        tried = (
            more for more in range(1, _MOST_COUNTERS + 1)
            if holds(replace(self, means=replace(self.means, counters=now + more)))
        )  # fmt: skip
        return next(tried, None)

    def first_hours(self, holds: Callable[[_Day], bool]) -> float | None:
        """Fewest more opening hours a week with which it holds, the same visits being spread over them."""
        steps = range(1, round((_LONGEST_DAY - 1.0) / _STEP) + 1)
        found = next((_STEP * step for step in steps if holds(replace(self, longer=1.0 + _STEP * step))), None)
        return None if found is None else round(found * (self.means.opening_hours_week or 0.0), 1)


def _contacts(groups: Sequence[Promised], means: BranchMeans, waiting: Waiting) -> list[Promise]:
    """Contacts due against those that managers can make: better tiers first, within one who is due more often."""
    due = [group for group in groups if group.plan.contact_every_days and group.by_managers]
    others = [group for group in groups if group.plan.contact_every_days and not group.by_managers]
    unknown = [
        replace(_of(g, CONTACTS, g.plan.contact_every_days, missing=STAFF), others=g.plan.tracked_by) for g in others
    ]
    if means.managers is None:
        return [*(_of(g, CONTACTS, g.plan.contact_every_days, missing="relationship_managers") for g in due), *unknown]
    left, found = contact_capacity(means, waiting), []
    short_of_hours = left < most_contacts(means)
    per_manager = left / len(means.managers) if means.managers and left else _PER_MANAGER
    for group in due:
        asked = group.contacts_week
        made = min(asked, left)
        left, lacking, days = left - made, asked - made, group.plan.contact_every_days or 1
        kept = made / asked if asked else 1.0
        broken = kept < 1.0 - 1e-9
        hours = round(lacking * minutes_of_a_contact(means) / 60.0 / waiting.contact_share, 1)
        needs = Needs(
            managers=ceil(lacking / per_manager),
            manager_hours=hours if short_of_hours else None,
            customers_fewer=ceil(lacking * days / 7.0),
        )
        found.append(_of(group, CONTACTS, days, kept=kept, broken=broken, needs=needs))
    return [*found, *unknown]


def _time_limits(groups: Sequence[Promised], means: BranchMeans, waiting: Waiting) -> list[Promise]:
    """Whether a manager is free for a decision or a complaint within the days promised."""
    limits = [(g, kind, days) for g in groups for kind, days in (
        (DECISION, g.plan.decision_days), (COMPLAINT, g.plan.complaint_days))]  # fmt: skip
    hours = means.hours_week
    if means.managers is None or hours is None:
        missing = "relationship_managers" if means.managers is None else "relationship_managers.hours_week"
        return [_of(group, kind, days, missing=missing) for group, kind, days in limits]
    work = hours_asked(groups, means, waiting)
    jobs = sum(group.contacts_week for group in groups if group.by_managers) + means.complaints_week
    number, usable = len(means.managers), hours * waiting.contact_share
    week = usable / number  # of one manager, as the hour goes by
    queue = Counters(number, 60.0 * work / jobs if jobs else 1.0, 0.0, jobs / week)
    day = 60.0 * week / waiting.open_days_week
    more = ceil(max(0.0, work - usable) / 0.9 / week) or 1
    found = []
    for group, kind, days in limits:
        kept = 1.0 - queue.longer_than((days or 0.0) * day)
        broken = kept < waiting.kept_share
        needs = Needs(managers=more, manager_hours=round(more * hours / number, 1))
        found.append(_of(group, kind, days, kept=kept, broken=broken, needs=needs))
    return found


def contact_capacity(means: BranchMeans, waiting: Waiting) -> float:
    """Contacts that a branch's managers can make in a week: as many as they may, and as their hours allow."""
    most = most_contacts(means)
    if means.hours_week is None:
        return most
    usable = 60.0 * means.hours_week * waiting.contact_share - means.complaints_week * waiting.complaint_minutes
    return max(0.0, min(most, usable / minutes_of_a_contact(means)))


def most_contacts(means: BranchMeans) -> float:
    """Contacts that managers may make in a week."""
    return float(sum(manager.weekly_contacts for manager in means.managers or ()))


def hours_asked(groups: Sequence[Promised], means: BranchMeans, waiting: Waiting) -> float:
    """Managers' hours that contacts and complaints ask for in a week."""
    contacts = sum(group.contacts_week for group in groups if group.by_managers) * minutes_of_a_contact(means)
    return (contacts + means.complaints_week * waiting.complaint_minutes) / 60.0


def minutes_of_a_contact(means: BranchMeans) -> float:
    """Minutes of a meeting: the branch's own where it has some."""
    return means.meeting_minutes or _MEETING


def _key(group: Promised) -> tuple[str, str]:
    return group.tier, group.sub_state


def _missing_at_the_counter(means: BranchMeans) -> str | None:
    if not means.counters:
        return "branches.counters"
    if not means.opening_hours_week:
        return "branches.opening_hours_week"
    return "service_events" if not means.visits else None


def _of(
    group: Promised, kind: str, promised: float | None, *, kept: float | None = None, broken: bool = False,
    missing: str | None = None, needs: Needs | None = None,
) -> Promise:  # fmt: skip
    verdict: Verdict = "not_checked" if missing else "breaks" if broken else "holds"
    kept = None if kept is None else round(kept, 4)
    needed = needs if broken and needs else Needs()
    return Promise(group.tier, group.sub_state, kind, float(promised or 0.0), verdict, kept, missing, needs=needed)
