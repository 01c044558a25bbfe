"""Working days of a bank: of a calendar, or Monday to Friday; a file that names days has the last word."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from segment.bank_calendar import WEEKDAYS, BankCalendar
from segment.exceptions import InputFileError
from segment.input_files import read_input_text
from segment.messages import Message

WORKING: Final = "working"
"""Stands after a date of the file on which the bank works, such as a Saturday that makes up for a holiday."""
_WEEKEND: Final = 5


@dataclass(frozen=True)
class WorkingDays:
    """Says on which days a bank works.

    Examples
    --------
    >>> golden_week = frozenset(dt.date(2025, 10, day) for day in range(1, 9))
    >>> WorkingDays(closed=golden_week).nth(dt.date(2025, 10, 31), 2)
    datetime.date(2025, 10, 10)
    """

    closed: frozenset[dt.date] = frozenset()  # Days of the file without work
    opened: frozenset[dt.date] = frozenset()  # Days of the file with work, whatever the weekday
    calendar: BankCalendar | None = None  # Of all other days; None: Monday to Friday

    def works_on(self, day: dt.date) -> bool:
        """Say whether the bank works on a day."""
        if day in self.closed or day in self.opened:
            return day in self.opened
        known = self.calendar.works_on(day) if self.calendar else None
        return day.weekday() < _WEEKEND if known is None else known

    def nth(self, month: dt.date, nth: int) -> dt.date:
        """Find a month's nth working day."""
        day, count = month.replace(day=1), 0
        while True:
            count += self.works_on(day)
            if count == nth:
                return day
            day += dt.timedelta(days=1)

    def years_not_held(self, first: dt.date, last: dt.date) -> tuple[int, ...]:
        """Name the years of a span of which neither calendar nor file says anything: Monday to Friday count there."""
        named = {day.year for day in self.closed | self.opened}
        if self.calendar is None and not named:
            return ()
        asked = (year for year in range(first.year, last.year + 1) if year not in named)
        return tuple(year for year in asked if self.calendar is None or not self.calendar.holds(year))


def read_working_days(file: Path | None, calendar: str = WEEKDAYS) -> WorkingDays:
    """Open a calendar, and read the days on which this bank is closed or works beside it: a date per line."""
    known = None if calendar == WEEKDAYS else BankCalendar(calendar)
    if file is None:
        return WorkingDays(calendar=known)
    text = read_input_text(file, Message("errors.what.holidays"))
    days: dict[bool, set[dt.date]] = {True: set(), False: set()}
    try:
        for line in text.splitlines():
            date, *words = line.split("#")[0].split() or [""]
            if words not in ([], [WORKING]):
                raise ValueError(words)
            if date:
                days[bool(words)].add(dt.date.fromisoformat(date))
        if days[True] & days[False]:
            raise ValueError
    except ValueError:
        raise InputFileError.of("errors.bad_holidays", file=file, working=WORKING) from None
    return WorkingDays(closed=frozenset(days[False]), opened=frozenset(days[True]), calendar=known)
