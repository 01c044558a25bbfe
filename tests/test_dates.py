"""Ages and months: 29 February, the 31st, year ends, and columns that say what plain dates say."""

from __future__ import annotations

import calendar
import datetime as dt

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.dates import (
    act_day,
    day_of_month,
    days_to_check,
    has_reached,
    last_months,
    month_end,
    months_between,
    months_since,
    months_through,
    next_month,
    same_day,
    younger_than,
)
from segment.exceptions import DayError

DAYS = st.dates(dt.date(1930, 1, 1), dt.date(2090, 12, 31))
LEAP_DAY = dt.date(2008, 2, 29)


def is_younger(born: dt.date, years: int, on: dt.date) -> bool:
    return bool(pl.select(younger_than(pl.lit(born), years, on)).item())


def is_old(born: dt.date, years: int, on: dt.date) -> bool:
    return bool(pl.select(has_reached(pl.lit(born), years, on)).item())


@pytest.mark.parametrize(
    ("born", "on", "younger"),
    [
        (dt.date(2008, 6, 15), dt.date(2026, 6, 14), True),
        (dt.date(2008, 6, 15), dt.date(2026, 6, 15), False),
        (dt.date(2008, 12, 31), dt.date(2026, 12, 30), True),
        (dt.date(2008, 1, 1), dt.date(2025, 12, 31), True),
        (dt.date(2008, 3, 1), dt.date(2026, 2, 28), True),
        (LEAP_DAY, dt.date(2026, 2, 28), True),
        (LEAP_DAY, dt.date(2026, 3, 1), False),
    ],
)
def test_the_young_are_protected_until_their_birthday(born: dt.date, on: dt.date, younger: bool) -> None:
    assert is_younger(born, 18, on) is younger


@pytest.mark.parametrize(
    ("born", "on", "old"),
    [
        (dt.date(1960, 6, 15), dt.date(2025, 6, 14), False),
        (dt.date(1960, 6, 15), dt.date(2025, 6, 15), True),
        (dt.date(1960, 2, 29), dt.date(2025, 2, 27), False),
        (dt.date(1960, 2, 29), dt.date(2025, 2, 28), True),
        (dt.date(1960, 3, 1), dt.date(2025, 2, 28), False),
    ],
)
def test_the_old_are_protected_from_their_birthday(born: dt.date, on: dt.date, old: bool) -> None:
    assert is_old(born, 65, on) is old


@given(DAYS, st.integers(0, 60), DAYS)
def test_ages_of_a_column_are_those_of_plain_dates(born: dt.date, years: int, on: dt.date) -> None:
    leap_day_missing = (born.month, born.day) == (2, 29) and not calendar.isleap(born.year + years)
    late = dt.date(born.year + years, 3, 1) if leap_day_missing else born.replace(year=born.year + years)
    early = late - dt.timedelta(days=1) if leap_day_missing else late
    assert is_younger(born, years, on) is (on < late)
    assert is_old(born, years, on) is (on >= early)


@given(DAYS, st.integers(0, 60), DAYS)
def test_nobody_loses_one_protection_before_the_other_reading_gives_it(born: dt.date, years: int, on: dt.date) -> None:
    assert is_younger(born, years, on) or is_old(born, years, on)


def test_an_unknown_birth_date_says_nothing_of_age() -> None:
    born = pl.lit(None, pl.Date)
    assert pl.select(younger_than(born, 18, LEAP_DAY)).item() is None
    assert pl.select(has_reached(born, 65, LEAP_DAY)).item() is None


def test_months_end_on_their_last_day() -> None:
    assert month_end(dt.date(2024, 2, 29)) == dt.date(2024, 2, 29)
    assert month_end(dt.date(2100, 2, 1)) == dt.date(2100, 2, 28)
    assert month_end(dt.date(2025, 12, 31)) == dt.date(2025, 12, 31)


def test_the_next_month_begins_on_its_first_day_across_years() -> None:
    assert [next_month(dt.date(2025, 11, 1), step) for step in (2, -11, 0)] == [
        dt.date(2026, 1, 1),
        dt.date(2024, 12, 1),
        dt.date(2025, 11, 1),
    ]
    assert next_month(dt.date(2025, 1, 31)) == dt.date(2025, 2, 1)


def test_the_same_day_of_a_shorter_month_is_its_last() -> None:
    assert same_day(dt.date(2025, 1, 31), 1) == dt.date(2025, 2, 28)
    assert same_day(dt.date(2024, 12, 31), -1) == dt.date(2024, 11, 30)
    assert same_day(dt.date(2024, 2, 29), 12) == dt.date(2025, 2, 28)
    assert same_day(dt.date(2025, 2, 28), 12) == dt.date(2026, 2, 28)


@given(DAYS, st.integers(-600, 600))
def test_so_many_months_on_are_so_many_months_between(day: dt.date, months: int) -> None:
    assert months_between(day, next_month(day, months)) == months
    assert months_between(day, same_day(day, months)) == months
    assert same_day(day, months).day <= day.day


@given(DAYS, DAYS)
def test_months_of_a_column_are_those_of_plain_dates(first: dt.date, last: dt.date) -> None:
    assert pl.select(months_since(first, pl.lit(last))).item() == months_between(first, last)


@given(DAYS, st.integers(1, 40))
def test_months_of_a_span_follow_each_other(last: dt.date, count: int) -> None:
    listed = last_months(last, count)
    assert len(listed) == count
    assert listed[-1] == last.replace(day=1)
    assert [next_month(month) for month in listed[:-1]] == listed[1:]
    assert months_through(listed[0], last) == listed


def test_a_span_that_ends_before_it_begins_has_no_months() -> None:
    assert months_through(dt.date(2025, 2, 1), dt.date(2025, 1, 31)) == []


def test_months_of_cases_computed_by_hand() -> None:
    november, january = dt.date(2024, 11, 30), dt.date(2025, 1, 1)
    assert months_between(november, january) == 2
    assert months_between(november, dt.date(2024, 10, 31)) == -1
    assert months_through(dt.date(2024, 12, 31), january) == [dt.date(2024, 12, 1), january]
    assert last_months(dt.date(2025, 1, 31), 2) == [dt.date(2024, 12, 1), january]


CLOCK = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("given_on", "then"), [(None, CLOCK), (CLOCK, CLOCK), (dt.date(2026, 2, 27), dt.date(2026, 2, 27))]
)
def test_the_day_of_an_act_is_the_clocks_or_few_days_back(given_on: dt.date | None, then: dt.date) -> None:
    assert act_day(given_on, CLOCK, 3) == then


@pytest.mark.parametrize(
    ("given_on", "said"),
    [
        (dt.date(2026, 3, 3), "must have come"),
        (dt.date(9999, 12, 31), "must have come"),
        (dt.date(2026, 2, 26), "up to 3 days back. Got 2026-02-26; today is 2026-03-02"),
        (dt.date(1, 1, 1), "up to 3 days back"),
    ],
)
def test_a_day_to_come_and_one_far_back_are_refused(given_on: dt.date, said: str) -> None:
    with pytest.raises(DayError, match=said):
        act_day(given_on, CLOCK, 3)


@given(DAYS, DAYS)
def test_what_is_checked_is_checked_on_the_clocks_day_in_any_case(given_on: dt.date, clock_on: dt.date) -> None:
    assert set(days_to_check(given_on, clock_on)) == {given_on, clock_on}


def test_days_are_counted_from_a_months_first() -> None:
    days = nw.from_native(pl.LazyFrame({"on": [dt.date(2023, 12, 31), dt.date(2024, 1, 5)]}))
    counted = days.select(day_of_month("on", dt.date(2024, 1, 1))).collect()
    assert counted["on"].to_list() == [-1, 4]
