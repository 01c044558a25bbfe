"""What a branch has to serve with, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import polars as pl

from segment.policy.waiting import Waiting

WEEKS_A_YEAR: Final = 365.25 / 7
WEEKS_A_MONTH: Final = WEEKS_A_YEAR / 12


@dataclass(frozen=True)
class Manager:
    """A relationship manager."""

    name: str
    weekly_contacts: int
    hours_week: float | None = None
    skills: frozenset[str] | None = None


@dataclass(frozen=True)
class BranchMeans:
    """What a branch has; none: the ledger does not say."""

    name: str
    counters: int | None = None
    opening_hours_week: float | None = None
    managers: tuple[Manager, ...] | None = None
    visits: Mapping[tuple[str, str], float] | None = None  # A week, to the counter, by tier and sub-state
    first: Mapping[tuple[str, str], float] | None = None  # Of these, by who is called first whatever the tier
    hours: Mapping[int, int] = field(default_factory=dict)  # Visits whose time is known, by hour of the day
    meeting_minutes: float | None = None
    complaints_week: float = 0.0

    def parts_of_day(self, waiting: Waiting) -> list[tuple[float, float]]:
        """Parts of an open day: the share of the visits in each, and its hours."""
        # Visits spread as those whose time is known do, and as the policy's profile, which weighs `profile_visits`.
        day, timed = (self.opening_hours_week or 0.0) / waiting.open_days_week, sum(self.hours.values())
        own_weight = timed / (timed + waiting.profile_visits)
        profile = _even_parts([share / sum(waiting.day_profile) for share in waiting.day_profile], day)
        # never longer than the branch is open: who comes at more hours of the clock comes in parts of them
        clock = [self.hours[hour] / timed for hour in sorted(self.hours)] if timed else []
        own = _even_parts(clock, min(float(len(clock)), day))
        borders = sorted({0.0, *(end for _, end in profile), *(end for _, end in own)})
        return [
            (own_weight * _between(own, start, end) + (1.0 - own_weight) * _between(profile, start, end), end - start)
            for start, end in pairwise(borders)
        ]

    @property
    def hours_week(self) -> float | None:
        """Managers' hours in a week; none where one's are not known."""
        hours = [manager.hours_week for manager in self.managers or ()]
        known = [each for each in hours if each is not None]
        return sum(known) if known and len(known) == len(hours) else None


def _even_parts(shares: Sequence[float], hours: float) -> list[tuple[float, float]]:
    """Shares of equally long parts of some hours, and the hour at which each ends."""
    return [(share, hours * (place + 1) / len(shares)) for place, share in enumerate(shares)]


def _between(parts: Sequence[tuple[float, float]], start: float, end: float) -> float:
    """Share of the visits between two hours, which come evenly within a part."""
    found, begins = 0.0, 0.0
    for share, ends in parts:
        found += share * max(0.0, min(end, ends) - max(start, begins)) / (ends - begins)
        begins = ends
    return found


def managers_of(table: pl.DataFrame) -> dict[str, tuple[Manager, ...]]:
    """Read the relationship managers of each branch; skills stand with ; or , between."""
    found: dict[str, list[Manager]] = {}
    for row in table.sort("branch_id", "rm_id").iter_rows(named=True):
        words = row.get("skills")
        skills = None if words is None else frozenset(
            word.strip().lower() for part in words.replace("；", ";").replace("，", ",").split(";")
            for word in part.split(",") if word.strip()
        )  # fmt: skip
        manager = Manager(row.get("name") or row["rm_id"], row["weekly_contacts"] or 0, row.get("hours_week"), skills)
        found.setdefault(row["branch_id"], []).append(manager)
    return {branch: tuple(managers) for branch, managers in found.items()}
