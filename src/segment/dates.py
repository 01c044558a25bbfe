"""The clock, ages and months: each rule of the calendar once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from segment.exceptions import DayError

if TYPE_CHECKING:
    import narwhals as nw

FIRST_DAY, LAST_DAY = dt.date(1970, 1, 1), dt.date(2100, 12, 31)
"""Days outside of these mean no day of a bank: years are counted on from a day, and the calendar ends."""


def is_bank_day(day: dt.date) -> bool:
    """Say whether a day is one that a figure, a rule or an act may be of."""
    return FIRST_DAY <= day <= LAST_DAY


def today(timezone: str | None = None) -> dt.date:
    """Read the clock: which day it is on this machine, or in a time zone. Nothing else asks."""
    return dt.datetime.now(ZoneInfo(timezone) if timezone else None).date()


def act_day(given: dt.date | None, clock: dt.date, most_days_back: int) -> dt.date:
    """Take the day of an act: the clock's, or one that was given, which has come and lies few days back."""
    # The day given is written down. It loosens nothing: see `days_to_check`.
    if given is None or given == clock:
        return clock
    if given > clock:
        raise DayError.of("errors.day_to_come", given=given, clock=clock)
    if (clock - given).days > most_days_back:
        raise DayError.of("errors.day_too_old", most_days_back=most_days_back, given=given, clock=clock)
    return given


def days_to_check(act_on: dt.date, clock: dt.date) -> tuple[dt.date, ...]:
    """Name the days on which every condition of an act must hold: its own, and the clock's in any case."""
    return tuple(sorted({act_on, clock}))


def younger_than(born: pl.Expr, years: int, on: pl.Expr | dt.date) -> pl.Expr:
    """Say who has not come of an age yet, for rules that protect the young."""
    # Who was born on 29 February comes of it on 1 March of a year without one: the later of the two days on which such
    # a birthday may be kept, so that nobody loses the protection a day early.
    day = _expression(on)
    to_come = _month_and_day(born) > _month_and_day(day)
    return day.dt.year() - born.dt.year() - to_come.cast(pl.Int32) < years


def has_reached(born: pl.Expr, years: int, on: pl.Expr | dt.date) -> pl.Expr:
    """Say who has come of an age, for rules that protect the old."""
    # Who was born on 29 February comes of it on 28 February of a year without one: the earlier of the two days, so that
    # nobody is left without the protection for a day.
    return born.dt.offset_by(f"{years}y") <= _expression(on)


def month_end(day: dt.date) -> dt.date:
    """Last day of a day's month."""
    return next_month(day) - dt.timedelta(days=1)


def next_month(day: dt.date, months: int = 1) -> dt.date:
    """First day of a later (or, with a negative number, earlier) month."""
    year, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, index + 1, 1)


def same_day(day: dt.date, months: int) -> dt.date:
    """The same day of a later or earlier month, or that month's last day where it is shorter."""
    last = month_end(next_month(day, months))
    return last.replace(day=min(day.day, last.day))


def months_between(first: dt.date, last: dt.date) -> int:
    """Count the months from one day's to another's; days within the month do not matter."""
    return (last.year - first.year) * 12 + last.month - first.month


def months_since(first: dt.date, day: pl.Expr) -> pl.Expr:
    """Count the months from one day's to those of a column, as `months_between`."""
    return (day.dt.year() - first.year) * 12 + day.dt.month().cast(pl.Int32) - first.month


def months_through(first: dt.date, last: dt.date) -> list[dt.date]:
    """List the first days of the months from one day's to another's, both included."""
    return [next_month(first, ahead) for ahead in range(months_between(first, last) + 1)]


def last_months(last: dt.date, count: int) -> list[dt.date]:
    """List the first days of so many months up to a day's, the earliest first."""
    return months_through(next_month(last, 1 - count), last)


def day_of_month(column: str, month: dt.date) -> nw.Expr:
    """Count the days from a month's first day; days before it are negative."""
    # `column`: A date column, none of whose dates lies in a later year than the month or more than a year before it.
    import narwhals as nw

    # ordinal days, because engines do not agree on what the difference of two dates is
    days_of_year_before = (dt.date(month.year, 1, 1) - dt.date(month.year - 1, 1, 1)).days
    ordinal = nw.col(column).dt.ordinal_day().cast(nw.Int32) - month.timetuple().tm_yday
    this_year = nw.col(column).dt.year() == month.year
    return nw.when(this_year).then(ordinal).otherwise(ordinal - days_of_year_before).alias(column)


def utc_now() -> str:
    """Say the time to the second, ISO in UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def utc_in(**span: float) -> str:
    """Say the time a span from now, as `utc_now` does; `span` is of `timedelta`, and may lie back."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(**span)).isoformat(timespec="seconds")


def _expression(on: pl.Expr | dt.date) -> pl.Expr:
    return on if isinstance(on, pl.Expr) else pl.lit(on)


def _month_and_day(day: pl.Expr) -> pl.Expr:
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()
