"""What a branch has to serve with, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from segment.policy.waiting import Waiting

LEAST_TIMED: Final = 200
"""Visits whose time is known from which the branch's own hours are used in place of the policy's profile."""
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
    hours: Mapping[int, int] = field(default_factory=dict)  # Visits whose time is known, by hour of the day
    meeting_minutes: float | None = None
    complaints_week: float = 0.0

    def parts_of_day(self, waiting: Waiting) -> list[tuple[float, float]]:
        """Parts of an open day: the share of the visits in each, and its hours."""
        timed = sum(self.hours.values())
        day = (self.opening_hours_week or 0.0) / waiting.open_days_week
        if timed >= LEAST_TIMED:
            # never longer than the branch is open: who comes at more hours of the clock comes in parts of them
            hours = min(1.0, day / len(self.hours))
            return [(visits / timed, hours) for visits in self.hours.values()]
        profile = waiting.day_profile
        return [(share / sum(profile), day / len(profile)) for share in profile]

    @property
    def hours_week(self) -> float | None:
        """Managers' hours in a week; none where one's are not known."""
        hours = [manager.hours_week for manager in self.managers or ()]
        known = [each for each in hours if each is not None]
        return sum(known) if known and len(known) == len(hours) else None


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
