"""Hours and skills that a branch's plan asks for against those at hand, and what each manager does this month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segment.policy.waiting import Waiting
from segment.service.branch_means import WEEKS_A_MONTH, BranchMeans
from segment.service.promises import Promised, hours_asked


@dataclass(frozen=True)
class Staffing:
    """Managers of a branch, a week."""

    hours_asked: float
    hours_at_hand: float | None  # For contacts and complaints; none: the ledger does not say
    hours_lacking: float | None
    skills_lacking: list[str] | None


@dataclass(frozen=True)
class MonthTask:
    """What one person does for a group this month."""

    person: str
    tier: str
    sub_state: str
    customers: int
    contacts: int


def staffing(groups: Sequence[Promised], means: BranchMeans, waiting: Waiting) -> Staffing:
    """Compare what is asked with what is at hand."""
    asked, week = round(hours_asked(groups, means, waiting), 1), means.hours_week
    at_hand = None if week is None else round(week * waiting.contact_share, 1)
    known = [manager.skills for manager in means.managers or () if manager.skills is not None]
    tracked = [group for group in groups if group.by_managers]
    skills = {skill.lower(): skill for group in tracked for skill in group.plan.skills}
    lacking = sorted(skills[word] for word in skills.keys() - frozenset().union(*known)) if known else None
    return Staffing(asked, at_hand, None if at_hand is None else round(max(0.0, asked - at_hand), 1), lacking)


def tasks(groups: Sequence[Promised], means: BranchMeans) -> list[MonthTask]:
    """Share the month's contacts out, by the contacts that each manager can make; the others' go by who tracks."""
    people = [(manager.name, manager.weekly_contacts) for manager in means.managers or ()]
    found = []
    for group in (group for group in groups if group.contacts_week):
        month = round(group.contacts_week * WEEKS_A_MONTH)
        managed = group.by_managers and any(weight for _, weight in people)
        shared = people if managed else [(group.plan.tracked_by or "", 1)]
        customers = _parts(group.target_customers, [weight for _, weight in shared])
        contacts = _parts(month, [weight for _, weight in shared])
        found += [
            MonthTask(person, group.tier, group.sub_state, number, calls)
            for (person, _), number, calls in zip(shared, customers, contacts, strict=True)
            if number
        ]
    return sorted(found, key=lambda task: task.person)


def _parts(whole: int, weights: Sequence[int]) -> list[int]:
    """Share a number out in whole parts that add up to it."""
    total, parts, done = sum(weights), [], 0
    for place in range(len(weights)):
        upto = round(whole * sum(weights[: place + 1]) / total)
        parts.append(upto - done)
        done = upto
    return parts
