"""Calendars of countries and markets, and what of them the bank's own file overrules."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from segment.bank_calendar import CHINA, OF_JURISDICTION, WEEKDAYS, BankCalendar
from segment.exceptions import UsageError
from segment.jobs.schedule.due import due_months
from segment.policy.jurisdiction import JURISDICTIONS
from segment.working_days import WorkingDays, read_working_days

SECOND = {2020: dt.date(2020, 10, 10), 2023: dt.date(2023, 10, 8), 2025: dt.date(2025, 10, 10)}


@pytest.mark.parametrize("year", SECOND)
def test_september_is_published_on_the_second_working_day_after_chinas_holidays(year: int) -> None:
    days = read_working_days(None, CHINA)
    assert days.nth(dt.date(year, 10, 1), 2) == SECOND[year]
    august, september = dt.date(year, 8, 31), dt.date(year, 9, 30)
    october = [dt.date(year, 10, day) for day in range(1, 32)]
    worked = {day: due.months for day in october if (due := due_months(day, days, [august])).months}
    assert min(worked) == SECOND[year]
    assert set(worked.values()) == {(september,)}


def test_every_month_of_the_years_that_are_held_has_its_day() -> None:
    for code in (CHINA, *OF_JURISDICTION.values()):
        days = read_working_days(None, code)
        for year in (2020, 2023, 2025, 2026):
            second = [days.nth(dt.date(year, month, 1), 2) for month in range(1, 13)]
            assert all(days.works_on(day) for day in second)
            assert max(day.day for day in second) <= 10


@pytest.mark.parametrize(
    ("code", "closed", "open_"),
    [
        ("CN", dt.date(2025, 10, 8), dt.date(2025, 10, 11)),
        ("ECB", dt.date(2026, 5, 1), dt.date(2026, 10, 3 + 2)),
        ("GB-ENG", dt.date(2026, 8, 31), dt.date(2026, 9, 1)),
        ("FED", dt.date(2026, 11, 26), dt.date(2026, 11, 27)),
        ("DE-BY", dt.date(2026, 1, 6), dt.date(2026, 1, 7)),
    ],
)
def test_countries_parts_of_them_and_markets_have_their_own_days(code: str, closed: dt.date, open_: dt.date) -> None:
    calendar = BankCalendar(code)
    assert (calendar.works_on(closed), calendar.works_on(open_)) == (False, True)


def test_a_year_that_is_not_held_yet_is_said_ahead_and_counted_monday_to_friday() -> None:
    days = read_working_days(None, CHINA)
    held = max(year for year in range(2020, 2100) if BankCalendar(CHINA).holds(year))
    due = due_months(dt.date(held, 11, 20), days, [])
    assert due.not_held == (held + 1,)
    assert f"does not hold {held + 1} yet" in due.in_words()
    assert f"{held + 1}年" in due.in_words("zh")
    weekdays = WorkingDays()
    for month in range(1, 13):
        first = dt.date(held + 1, month, 1)
        assert days.nth(first, 2) == weekdays.nth(first, 2)


def test_the_banks_own_file_has_the_last_word(tmp_path: Path) -> None:
    (tmp_path / "days").write_text("2025-10-09  # stocktaking\n2025-10-08 working\n")
    days = read_working_days(tmp_path / "days", CHINA)
    assert not days.works_on(dt.date(2025, 10, 9))
    assert days.works_on(dt.date(2025, 10, 8))
    assert not days.works_on(dt.date(2025, 10, 7))
    assert days.years_not_held(dt.date(2025, 10, 1), dt.date(2025, 12, 1)) == ()


@pytest.mark.parametrize("code", ["XX", "GB-XX", "cn", "", "../days"])
def test_a_code_that_names_no_calendar_is_refused(code: str) -> None:
    with pytest.raises(UsageError, match="SEGMENT_CALENDAR"):
        BankCalendar(code)


def test_every_jurisdiction_has_a_calendar_and_weekdays_are_none() -> None:
    assert set(OF_JURISDICTION) == set(JURISDICTIONS)
    assert read_working_days(None, WEEKDAYS) == WorkingDays()
