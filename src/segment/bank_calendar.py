"""Working days of a country's or a market's banks, from the calendars that two packages keep."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from segment.exceptions import UsageError

if TYPE_CHECKING:
    import holidays

CHINA: Final = "CN"
WEEKDAYS: Final = "weekdays"
"""In place of a calendar's code: every weekday is a working day."""
OF_JURISDICTION: Final = {"cn": CHINA, "eu": "ECB", "uk": "GB-ENG", "us": "FED"}
"""Calendars of a jurisdiction's banks where nobody names one: China's with the days made up, and the days on which the
European Central Bank settles, England's banks open, and the Federal Reserve settles."""


class BankCalendar:
    """The working days of a country such as ``CN``, a part of one such as ``DE-BY``, or a market such as ``ECB``.

    Examples
    --------
    >>> BankCalendar("CN").works_on(dt.date(2025, 10, 11))  # a Saturday, made up
    True
    >>> print(BankCalendar("CN").works_on(dt.date(2099, 10, 11)))  # arranged by the State Council a year ahead
    None
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self._days = None if code == CHINA else _opened(code)

    def holds(self, year: int) -> bool:
        """Say whether the calendar knows a year."""
        if self._days is None:
            import chinese_calendar

            return any(day.year == year for day in chinese_calendar.constants.holidays)
        return self._days.start_year <= year <= self._days.end_year

    def works_on(self, day: dt.date) -> bool | None:
        """Say whether banks work on a day; None where the calendar does not know its year."""
        if not self.holds(day.year):
            return None
        if self._days is None:
            import chinese_calendar

            return bool(chinese_calendar.is_workday(day))
        return bool(self._days.is_working_day(day))


def _opened(code: str) -> holidays.HolidayBase:
    import holidays

    country, dash, part = code.partition("-")
    markets, countries = holidays.list_supported_financial(), holidays.list_supported_countries()
    known = markets.get(country, countries.get(country))
    if known is None or (dash and part not in known):
        raise UsageError.of("errors.unknown_calendar", code=code, weekdays=WEEKDAYS)
    if country in markets:
        return holidays.financial_holidays(country, subdiv=part or None)
    return holidays.country_holidays(country, subdiv=part or None)
