"""What is due on a day: which months are to be refreshed, and whether a model is to be trained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from segment.dates import month_end, months_through, next_month
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.working_days import WorkingDays

REFRESH_ON = 2  # the working day of a month on which the month before is complete in the ledger
TRAIN_ON = 8  # the working day of a quarter's first month on which a model is trained
QUARTER = 3
SAID_AHEAD = dt.timedelta(days=92)  # a year that the calendar does not hold is said so long before it begins


@dataclass(frozen=True)
class DueMonths(MessageResult):
    """Months' ends that are to be refreshed, and what of a calendar or a table is to be known."""

    newest: dt.date  # The newest that is due, published or not
    months: tuple[dt.date, ...]  # To be refreshed now, oldest first
    # Between published ones and not published: later tiers follow from those before them, so nobody fills these unasked
    gaps: tuple[dt.date, ...] = ()
    not_held: tuple[int, ...] = ()  # Years of the next months that the calendar does not hold
    next_on: dt.date | None = None  # Day on which the month after the newest falls due

    @property
    def missed(self) -> tuple[dt.date, ...]:
        """Months that should have been refreshed before a newer one fell due."""
        return tuple(month for month in self.months if month < self.newest)

    def messages(self) -> Iterator[Message]:
        """Say what is due and why."""
        if self.missed:
            yield Message("schedule.due.missed", {"months": [day.isoformat() for day in self.missed]})
        yield Message("schedule.due.months" if self.months else "schedule.due.nothing",
                      {"months": [day.isoformat() for day in self.months], "newest": self.newest.isoformat(),
                       "next_on": self.next_on and self.next_on.isoformat()})  # fmt: skip
        if self.gaps:
            figures = {"months": [day.isoformat() for day in self.gaps]}
            yield Message("schedule.due.gaps", {**figures, "first": self.gaps[0], "last": self.gaps[-1]})
        for year in self.not_held:
            yield Message("schedule.due.year_not_held", {"year": str(year)})


@dataclass(frozen=True)
class DueTraining(MessageResult):
    """The quarter's end that a model is to be trained on."""

    as_of: dt.date | None  # None where a model of it, or of a later month, is there

    def messages(self) -> Iterator[Message]:
        """Say what is due."""
        if self.as_of is None:
            yield Message("schedule.training.nothing")
        else:
            yield Message("schedule.training.due", {"as_of": self.as_of.isoformat()})


def refresh_due(today: dt.date, days: WorkingDays) -> dt.date:
    """Find the newest month's end that is due: from the second working day after it."""
    months_back = 1 if today >= days.nth(today, REFRESH_ON) else 2
    return month_end(next_month(today, -months_back))


def due_months(today: dt.date, days: WorkingDays, published: Collection[dt.date]) -> DueMonths:
    """Find the months' ends to refresh: the newest that is due, and those missed since the last that is published.

    Parameters
    ----------
    today : datetime.date
        The bank's day.
    days : WorkingDays
        The bank's working days.
    published : collection of datetime.date
        Months' ends that have published tiers.

    Returns
    -------
    DueMonths

    Examples
    --------
    >>> due = due_months(dt.date(2026, 1, 2), WorkingDays(), [dt.date(2025, 10, 31)])
    >>> [month.isoformat() for month in due.months]
    ['2025-11-30', '2025-12-31']
    """
    newest = refresh_due(today, days)
    first = next_month(max(published)) if published else newest
    span = month_ends(min(published), min(max(published), newest)) if published else []
    return DueMonths(
        newest,
        tuple(month_ends(first, newest)),
        tuple(day for day in span if day not in published),
        days.years_not_held(today, today + SAID_AHEAD),
        days.nth(next_month(newest, 2), REFRESH_ON),
    )


def training_due(today: dt.date, days: WorkingDays, trained: Collection[dt.date] = ()) -> DueTraining:
    """Find the newest quarter's end that a model is to be trained on: from the eighth working day after it.

    Parameters
    ----------
    today : datetime.date
        The bank's day.
    days : WorkingDays
        The bank's working days.
    trained : collection of datetime.date
        Dates as of which models were trained.

    Returns
    -------
    DueTraining
    """
    month = next_month(today, -((today.month - 1) % QUARTER))
    if today < days.nth(month, TRAIN_ON):
        month = next_month(month, -QUARTER)
    end = month_end(next_month(month, -1))
    return DueTraining(None if any(day >= end for day in trained) else end)


def month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """List the months' ends of a span, both included.

    Parameters
    ----------
    first, last : datetime.date
        The span.

    Returns
    -------
    list of datetime.date
        Oldest first.

    Examples
    --------
    >>> month_ends(dt.date(2026, 1, 31), dt.date(2026, 3, 30))
    [datetime.date(2026, 1, 31), datetime.date(2026, 2, 28)]
    """
    return [end for month in months_through(first, last) if (end := month_end(month)) <= last]
