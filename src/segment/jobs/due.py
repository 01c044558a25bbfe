"""Which moment is due for a refresh or a retraining: the bank's working days decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path

from segment.exceptions import PolicyError

REFRESH_ON = 2  # the working day of a month on which the month before is complete in the ledger
QUARTER = 3


def working_day(month: dt.date, nth: int, holidays: Collection[dt.date] = ()) -> dt.date:
    """Find a month's nth working day.

    Parameters
    ----------
    month : datetime.date
        Any day of the month.
    nth : int
        From 1.
    holidays : collection of datetime.date
        Weekdays on which the bank does not work.

    Returns
    -------
    datetime.date
        Where the month has fewer working days, the count goes on in the next one.

    Examples
    --------
    >>> working_day(dt.date(2026, 1, 20), 2, {dt.date(2026, 1, 1)})
    datetime.date(2026, 1, 5)
    """
    day, found = month.replace(day=1), 0
    while True:
        found += day.weekday() < 5 and day not in holidays
        if found == nth:
            return day
        day += dt.timedelta(days=1)


def refresh_due(today: dt.date, holidays: Collection[dt.date] = ()) -> dt.date:
    """Find the newest month's end that is due: from the second working day after it.

    Parameters
    ----------
    today : datetime.date
        The day on which a run starts.
    holidays : collection of datetime.date
        Weekdays on which the bank does not work.

    Returns
    -------
    datetime.date

    Examples
    --------
    >>> refresh_due(dt.date(2026, 3, 2)), refresh_due(dt.date(2026, 3, 3))
    (datetime.date(2026, 1, 31), datetime.date(2026, 2, 28))
    """
    first = today.replace(day=1)
    end = first - dt.timedelta(days=1)
    return end if today >= working_day(first, REFRESH_ON, holidays) else end.replace(day=1) - dt.timedelta(days=1)


def retrain_due(today: dt.date, holidays: Collection[dt.date] = ()) -> dt.date:
    """Find the newest quarter's end that is due.

    Parameters
    ----------
    today : datetime.date
        The day on which a run starts.
    holidays : collection of datetime.date
        Weekdays on which the bank does not work.

    Returns
    -------
    datetime.date

    Examples
    --------
    >>> retrain_due(dt.date(2026, 3, 3)), retrain_due(dt.date(2026, 4, 2))
    (datetime.date(2025, 12, 31), datetime.date(2026, 3, 31))
    """
    end = refresh_due(today, holidays)
    while end.month % QUARTER:
        end = end.replace(day=1) - dt.timedelta(days=1)
    return end


def month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """List the months' ends of a span, both included.

    Parameters
    ----------
    first, last : datetime.date
        Any days.

    Returns
    -------
    list of datetime.date
        Oldest first.

    Examples
    --------
    >>> month_ends(dt.date(2025, 12, 31), dt.date(2026, 2, 28))
    [datetime.date(2025, 12, 31), datetime.date(2026, 1, 31), datetime.date(2026, 2, 28)]
    """
    found: list[dt.date] = []
    start = first.replace(day=1)
    while True:
        following = (start + dt.timedelta(days=31)).replace(day=1)
        end = following - dt.timedelta(days=1)
        if end > last:
            return found
        found.append(end)
        start = following


def read_holidays(file: Path | None) -> frozenset[dt.date]:
    """Read the days on which the bank does not work.

    Parameters
    ----------
    file : Path or None
        A date per line as YYYY-MM-DD; empty lines and what follows a ``#`` do not count.

    Returns
    -------
    frozenset of datetime.date

    Raises
    ------
    PolicyError
        If the file cannot be read or a line is no date.

    Examples
    --------
    >>> read_holidays(None)
    frozenset()
    """
    if file is None:
        return frozenset()
    try:
        lines = [line.split("#")[0].strip() for line in file.read_text().splitlines()]
        return frozenset(dt.date.fromisoformat(line) for line in lines if line)
    except (OSError, ValueError):
        raise PolicyError.with_hint(
            f"The file of holidays must hold a date per line. `{file}` cannot be read so.",
            "write dates as 2026-12-25, a note after #; SEGMENT_HOLIDAYS names the file",
        ) from None
