"""The windows of a backtest: dates to score, and the dates that each may learn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from segment.dates import month_end, next_month
from segment.exceptions import HistoryError, UsageError
from segment.features.store import check_as_of
from segment.messages import Message


@dataclass(frozen=True)
class Window:
    """A date that is scored as if it were today."""

    as_of: dt.date  # A month's last day
    # Snapshots learned from, oldest first; the outcome of each ended on or before `as_of`
    moments: tuple[dt.date, ...]
    is_last: bool  # Whether no later window is evaluated: the one to be looked at once


def plan_windows(
    months: Sequence[dt.date],
    first: dt.date,
    last: dt.date,
    every: int,
    horizon_months: int,
    learned_by: Callable[[dt.date], Sequence[dt.date]],
) -> tuple[tuple[Window, ...], tuple[dt.date, ...]]:
    """Choose the windows between two dates."""
    asked = _asked(first, last, every)
    earliest, latest = 2 * horizon_months - 1, len(months) - 1 - horizon_months
    place = {month_end(month): number for number, month in enumerate(months)}
    possible = [day for day in asked if earliest <= place.get(day, -1) <= latest]
    if not possible:
        raise _none_possible(months, earliest, latest, horizon_months)
    windows = tuple(Window(day, tuple(learned_by(day)), day == possible[-1]) for day in possible)
    return windows, tuple(day for day in asked if day not in set(possible))


def _asked(first: dt.date, last: dt.date, every: int) -> list[dt.date]:
    for day in (first, last):
        check_as_of(day)
    if last < first:
        raise UsageError.of("errors.windows_backwards", first=first, last=last)
    asked = [first]
    while (later := month_end(next_month(asked[-1], every))) <= last:
        asked.append(later)
    return asked


def _none_possible(months: Sequence[dt.date], earliest: int, latest: int, horizon: int) -> HistoryError:
    history = {"needed": 2 * horizon, "after": horizon, "months": len(months), "first": months[0], "last": months[-1]}
    if earliest <= latest:
        ends = {"from_day": month_end(months[earliest]), "to_day": month_end(months[latest])}
        return HistoryError.of("errors.other_windows", **history, **ends)
    works = [shorter for shorter in (6, 3, 1) if len(months) >= 3 * shorter]
    hint = Message("errors.hint.windows_of", {"months": works[0]}) if works else Message("errors.hint.more_months")
    return HistoryError.of("errors.no_window", **history, hint=hint)
