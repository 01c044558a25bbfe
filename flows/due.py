"""Which date is due for a refresh or a retraining: the bank's working days decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path

from segment.dates import month_end, months_through, next_month
from segment.exceptions import InputFileError
from segment.input_files import read_input_text

REFRESH_ON = 2  # the working day of a month on which the month before is complete in the ledger
QUARTER = 3


def working_day(month: dt.date, nth: int, holidays: Collection[dt.date] = ()) -> dt.date:
    """Find a month's nth working day."""
    day, count = month.replace(day=1), 0
    while True:
        count += day.weekday() < 5 and day not in holidays
        if count == nth:
            return day
        day += dt.timedelta(days=1)


def refresh_due(today: dt.date, holidays: Collection[dt.date] = ()) -> dt.date:
    """Find the newest month's end that is due: from the second working day after it."""
    months_back = 1 if today >= working_day(today, REFRESH_ON, holidays) else 2
    return month_end(next_month(today, -months_back))


def retrain_due(today: dt.date, holidays: Collection[dt.date] = ()) -> dt.date:
    """Find the newest quarter's end that is due."""
    end = refresh_due(today, holidays)
    return month_end(next_month(end, -(end.month % QUARTER)))


def month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """List the months' ends of a span, both included."""
    return [end for month in months_through(first, last) if (end := month_end(month)) <= last]


def read_holidays(file: Path | None) -> frozenset[dt.date]:
    """Read the days on which the bank does not work."""
    if file is None:
        return frozenset()
    text = read_input_text(file, "The file of holidays, a date per line,")
    try:
        lines = [line.split("#")[0].strip() for line in text.splitlines()]
        return frozenset(dt.date.fromisoformat(line) for line in lines if line)
    except ValueError:
        raise InputFileError.with_hint(
            f"The file of holidays must hold a date per line. `{file}` cannot be read so.",
            "write dates as 2026-12-25, a note after #; SEGMENT_HOLIDAYS names the file",
        ) from None
