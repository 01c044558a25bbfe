"""Months, business days, and the seasons of a Chinese retail bank."""

# Chinese New Year moves between late January and mid February; its dates stand in a table, because cash, red packets,
# the 13th salary and deposits follow it (DOMAIN.md 6.4).

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from segment.banks.simulator.draws import NEVER, BoolArray, FloatArray, IntArray
from segment.exceptions import UsageError

_NEW_YEARS = """
2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 2015-02-19 2016-02-08 2017-01-28
2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29
2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31
2034-02-19 2035-02-08
"""
NEW_YEAR = {int(text[:4]): date.fromisoformat(text) for text in _NEW_YEARS.split()}
"""First day of the Chinese year, by Gregorian year."""

_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Count the days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(number: int) -> date:
    """The date of a day number."""
    return date.fromordinal(_EPOCH.toordinal() + number)


def dates(numbers: IntArray) -> pl.Series:
    """Turn day numbers into dates; days that never come become null."""
    return pl.Series(numbers.astype(np.int32)).cast(pl.Date).set(pl.Series(numbers >= NEVER), None)


NEW_YEAR_DAYS = np.array([day_number(day) for day in NEW_YEAR.values()], dtype=np.int64)


def _holidays() -> IntArray:
    """Days on which no salary is paid: 1 January, the New Year week, 1-3 May, 1-7 October."""
    days: list[int] = []
    for year, new_year in NEW_YEAR.items():
        days.append(day_number(date(year, 1, 1)))
        days += [day_number(new_year) + offset for offset in range(-1, 7)]
        days += [day_number(date(year, 5, 1)) + offset for offset in range(3)]
        days += [day_number(date(year, 10, 1)) + offset for offset in range(7)]
    return np.array(sorted(days), dtype=np.int64)


_HOLIDAYS = _holidays().astype("datetime64[D]")


def business_day_on_or_before(days: IntArray) -> IntArray:
    """Move days that fall on a weekend or a public holiday back to the business day before."""
    dates = days.astype("datetime64[D]")
    rolled = np.busday_offset(dates, 0, roll="preceding", holidays=_HOLIDAYS)
    return rolled.astype(np.int64)


@dataclass(frozen=True)
class Month:
    """One calendar month; days are counted since 1970-01-01."""

    index: int  # 0 for the first month of the simulation
    year: int
    number: int
    first: int  # day
    last: int  # day

    @property
    def days(self) -> int:
        """Number of days."""
        return self.last - self.first + 1

    @property
    def quarter_end(self) -> bool:
        """Whether a quarter ends with this month."""
        return self.number % 3 == 0

    @property
    def all_days(self) -> IntArray:
        """Every day of the month."""
        return np.arange(self.first, self.last + 1, dtype=np.int64)

    def day(self, of_month: IntArray) -> IntArray:
        """Turn days of the month (1 is the first) into day numbers, the last day where there is no such day."""
        return np.minimum(self.first + of_month - 1, self.last)


def months_until(end: date, count: int) -> list[Month]:
    """List `count` months, the last of which is `end`'s."""
    last = np.datetime64(end, "M")
    starts = np.arange(last - count + 1, last + 2, dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
    months = []
    for index in range(count):
        first = date_of(int(starts[index]))
        months.append(Month(index, first.year, first.month, int(starts[index]), int(starts[index + 1]) - 1))
    if months[0].year < min(NEW_YEAR) or months[-1].year > max(NEW_YEAR):
        raise UsageError.of(
            "errors.simulated_months",
            from_year=min(NEW_YEAR),
            to_year=max(NEW_YEAR),
            first=months[0].year,
            last=months[-1].year,
        )
    return months


def days_to_new_year(days: IntArray) -> IntArray:
    """Signed distance of each day from the nearest Chinese New Year: negative before it."""
    distance = days[:, None] - NEW_YEAR_DAYS[None, :]
    nearest = np.abs(distance).argmin(axis=1)
    return distance[np.arange(len(days)), nearest]


def _from_to(distance: IntArray, low: int, high: int) -> BoolArray:
    inside: BoolArray = (distance >= low) & (distance <= high)
    return inside


def cash_weights(month: Month) -> FloatArray:
    """Relative use of cash machines by day: 2.2 times in the three weeks before New Year."""
    return np.where(_from_to(days_to_new_year(month.all_days), -21, -1), 2.2, 1.0)


def card_weights(month: Month) -> FloatArray:
    """Relative card spend by day: a dip in the New Year week, Singles' Day, summer travel."""
    days = month.all_days
    weights = np.where(_from_to(days_to_new_year(days), 0, 6), 0.6, 1.0)
    if month.number == 11:
        weights[:12] = 1.5
    if month.number in (7, 8):
        weights = weights * 1.1
    return weights


def deposit_weights(month: Month) -> FloatArray:
    """Relative inflow of savings by day: 1.3 times in the three weeks after New Year."""
    return np.where(_from_to(days_to_new_year(month.all_days), 1, 21), 1.3, 1.0)


def red_packet_weights(month: Month) -> FloatArray:
    """Days on which red packets are given: the eve of New Year and the week after; zero elsewhere."""
    return np.where(_from_to(days_to_new_year(month.all_days), -1, 7), 1.0, 0.0)


def pays_thirteenth_salary(month: Month) -> bool:
    """Whether the 13th salary comes with this month's: the month that holds the twelfth day before New Year."""
    return bool(np.any(_from_to(days_to_new_year(month.all_days), -12, -12)))
