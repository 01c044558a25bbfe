"""The windows of a backtest: moments to score, and the moments that each may learn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from segment.exceptions import HistoryError, SegmentError
from segment.features.known import month_end, next_month
from segment.features.store import check_as_of


@dataclass(frozen=True)
class Window:
    """A moment that is scored as if it were today.

    Attributes
    ----------
    as_of : datetime.date
        A month's last day.
    moments : tuple of datetime.date
        Snapshots learned from, oldest first; the outcome of each ended on or before `as_of`.
    is_last : bool
        Whether no later window is judged: the one to be looked at once.
    """

    as_of: dt.date
    moments: tuple[dt.date, ...]
    is_last: bool


def plan_windows(
    months: Sequence[dt.date],
    first: dt.date,
    last: dt.date,
    every: int,
    horizon_months: int,
    learned_by: Callable[[dt.date], Sequence[dt.date]],
) -> tuple[tuple[Window, ...], tuple[dt.date, ...]]:
    """Choose the windows between two moments.

    Parameters
    ----------
    months : sequence of datetime.date
        First days of the months that the ledger knows, ascending without gaps.
    first, last : datetime.date
        Last days of months: the first window, and the last moment that may be one.
    every : int
        Months from window to window.
    horizon_months : int
        Months of the outcome.
    learned_by : callable
        Gives the moments to learn from on a moment, as `training_moments` does.

    Returns
    -------
    windows : tuple of Window
        Oldest first.
    left_out : tuple of datetime.date
        Moments that cannot be a window: too little history before them, or an outcome that has not passed.

    Raises
    ------
    HistoryError
        Where no window is possible; says which would be.
    SegmentError
        Where a moment is no month's last day, or the last comes before the first.

    Examples
    --------
    >>> months = [next_month(dt.date(2023, 1, 1), number) for number in range(36)]
    >>> windows, left_out = plan_windows(months, dt.date(2024, 9, 30), dt.date(2024, 12, 31), 3, 12, lambda as_of: [])
    >>> windows[0].as_of, windows[0].is_last, left_out
    (datetime.date(2024, 12, 31), True, (datetime.date(2024, 9, 30),))
    """
    asked = _asked(first, last, every)
    earliest, latest = 2 * horizon_months - 1, len(months) - 1 - horizon_months
    place = {month_end(month): number for number, month in enumerate(months)}
    possible = [moment for moment in asked if earliest <= place.get(moment, -1) <= latest]
    if not possible:
        raise _none_possible(months, earliest, latest, horizon_months)
    windows = tuple(Window(moment, tuple(learned_by(moment)), moment == possible[-1]) for moment in possible)
    return windows, tuple(moment for moment in asked if moment not in set(possible))


def _asked(first: dt.date, last: dt.date, every: int) -> list[dt.date]:
    for moment in (first, last):
        check_as_of(moment)
    if last < first:
        raise SegmentError.with_hint(
            f"The last window must not come before the first. Got {first} to {last}.", "swap --from and --to"
        )
    asked = []
    moment = first
    while moment <= last:
        asked.append(moment)
        moment = month_end(next_month(moment, every))
    return asked


def _none_possible(months: Sequence[dt.date], earliest: int, latest: int, horizon: int) -> HistoryError:
    needs = f"A window needs {2 * horizon} months of history up to it and {horizon} after it."
    found = f"The ledger has {len(months)} months, {months[0]:%Y-%m} to {months[-1]:%Y-%m}."
    if earliest <= latest:
        ends = f"--from {month_end(months[earliest])} --to {month_end(months[latest])}"
        return HistoryError(f"{needs} {found}\nHint: possible windows are {ends}.")
    works = [shorter for shorter in (6, 3, 1) if len(months) >= 3 * shorter]
    hint = f"--horizon-months {works[0]} has windows" if works else "feed more months"
    return HistoryError(f"{needs} {found}\nHint: {hint}.")
