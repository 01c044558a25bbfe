"""Runs are due by the bank's working days, whatever the holidays, and no month is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.dates import month_end, next_month
from segment.jobs.schedule.due import DueMonths, due_months, month_ends, refresh_due, training_due
from segment.working_days import WorkingDays

NEW_YEAR = WorkingDays(closed=frozenset({dt.date(2026, 1, 1), dt.date(2026, 1, 2)}))
WEEKDAYS = WorkingDays()
DECEMBER, NOVEMBER, OCTOBER = dt.date(2025, 12, 31), dt.date(2025, 11, 30), dt.date(2025, 10, 31)


def days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def publish_daily(
    awake: Collection[dt.date], calendar: WorkingDays, published: set[dt.date]
) -> dict[dt.date, DueMonths]:
    """Wake on each day, publish what is due, and say on which days something was."""
    worked = {}
    for day in awake:
        due = due_months(day, calendar, published)
        published.update(due.months)
        if due.months:
            worked[day] = due
    return worked


def test_a_month_is_due_from_its_second_working_day_and_stays_due_until_the_next() -> None:
    due = [refresh_due(day, NEW_YEAR) for day in days(dt.date(2026, 1, 1), dt.date(2026, 1, 31))]
    assert due[:5] == [NOVEMBER] * 5
    assert due[5:] == [DECEMBER] * 26


def test_no_moment_is_due_before_it_is_over() -> None:
    for today in days(dt.date(2025, 1, 1), dt.date(2027, 3, 12)):
        end = training_due(today, WEEKDAYS).as_of
        assert end is not None
        assert end <= refresh_due(today, WEEKDAYS) < today
        assert end.month in (3, 6, 9, 12)
        assert (refresh_due(today, WEEKDAYS) + dt.timedelta(days=1)).day == 1


@given(st.sets(st.dates(dt.date(2025, 1, 1), dt.date(2025, 12, 31)), max_size=120))
def test_a_flow_that_wakes_daily_publishes_each_month_once_on_its_second_working_day(closed: set[dt.date]) -> None:
    calendar = WorkingDays(closed=frozenset(closed))
    awake = days(dt.date(2025, 2, 1), dt.date(2026, 1, 31))
    worked = publish_daily(awake, calendar, {dt.date(2024, 12, 31)})
    ends = [month for due in worked.values() for month in due.months]
    assert ends == month_ends(dt.date(2025, 1, 1), DECEMBER)
    on_time = {calendar.nth(next_month(end), 2): end for end in ends}
    assert {day: due.newest for day, due in worked.items()} == on_time


@pytest.mark.parametrize("waits", [1, 20, 40, 100, 300])
def test_a_month_that_was_missed_is_caught_up_oldest_first_and_said(waits: int) -> None:
    start = dt.date(2025, 3, 5)
    awake = [start, start + dt.timedelta(days=waits)]
    published = {dt.date(2025, 1, 31)}
    worked = publish_daily(awake, WEEKDAYS, published)
    assert sorted(published) == month_ends(dt.date(2025, 1, 31), refresh_due(awake[-1], WEEKDAYS))
    later = worked.get(awake[-1])
    said = later.in_words() if later else ""
    assert [day.isoformat() for day in (later.missed if later else ()) if day.isoformat() not in said] == []
    assert ("caught up" in said) == (waits >= 100)


def test_the_first_publication_is_the_newest_month_alone() -> None:
    due = due_months(dt.date(2026, 1, 20), WEEKDAYS, ())
    assert due.months == (DECEMBER,)
    assert due.missed == due.gaps == ()


def test_a_gap_between_published_months_is_said_and_left_to_a_person() -> None:
    due = due_months(dt.date(2026, 1, 20), WEEKDAYS, (OCTOBER, DECEMBER))
    assert due.months == ()
    assert due.gaps == (NOVEMBER,)
    assert "first=2025-11-30 -p last=2025-11-30" in due.in_words()
    assert "2025-11-30" in due.in_words("zh")


def test_where_nothing_is_due_the_next_day_is_named() -> None:
    due = due_months(dt.date(2026, 1, 20), WEEKDAYS, (DECEMBER,))
    assert due.in_words() == "Nothing is due: 2025-12-31 is published. The next month falls due on 2026-02-03."
    early = due_months(dt.date(2026, 1, 1), WEEKDAYS, (NOVEMBER, DECEMBER))
    assert early.months == early.gaps == ()


def test_a_year_that_the_calendar_does_not_hold_is_said_three_months_ahead() -> None:
    holds_2026 = WorkingDays(closed=frozenset({dt.date(2026, 12, 25)}))
    september, october = (due_months(dt.date(2026, month, 15), holds_2026, ()) for month in (9, 10))
    assert september.not_held == ()
    assert october.not_held == (2027,)
    assert "does not hold 2027" in october.in_words()
    assert refresh_due(dt.date(2027, 6, 2), holds_2026) == dt.date(2027, 5, 31)


def test_a_model_is_trained_once_a_quarter_from_the_eighth_working_day() -> None:
    october = dt.date(2025, 9, 30)
    due = [training_due(day, WEEKDAYS).as_of for day in days(dt.date(2025, 10, 1), dt.date(2025, 10, 31))]
    assert due[:9] == [dt.date(2025, 6, 30)] * 9
    assert due[9:] == [october] * 22
    assert training_due(dt.date(2025, 11, 20), WEEKDAYS, [dt.date(2025, 6, 30)]).as_of == october
    for trained in (october, dt.date(2025, 10, 31)):
        nothing = training_due(dt.date(2025, 11, 20), WEEKDAYS, [dt.date(2025, 3, 31), trained])
        assert nothing.as_of is None
        assert nothing.in_words() == "No training is due: a model of the newest quarter is there."


def test_a_span_of_months_holds_its_ends_only() -> None:
    assert month_ends(dt.date(2026, 1, 31), dt.date(2026, 3, 30)) == [dt.date(2026, 1, 31), dt.date(2026, 2, 28)]
    assert month_ends(dt.date(2026, 3, 31), dt.date(2026, 2, 28)) == []
    assert month_ends(dt.date(2026, 3, 1), dt.date(2026, 3, 31)) == [month_end(dt.date(2026, 3, 1))]
