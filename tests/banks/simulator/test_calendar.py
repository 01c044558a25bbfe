from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.banks.simulator import calendar
from segment.banks.simulator.calendar import NEW_YEAR, business_day_on_or_before, day_number, months_until
from segment.exceptions import UsageError


@given(st.dates(date(2011, 1, 1), date(2034, 12, 31)))
def test_a_payday_moves_back_to_a_business_day_and_never_by_more_than_the_longest_holiday(day: date) -> None:
    moved = int(calendar.business_day_on_or_before(np.array([day_number(day)]))[0])
    assert 0 <= day_number(day) - moved <= 10
    assert np.is_busday(np.datetime64(moved, "D"))


@given(st.sampled_from(sorted(NEW_YEAR.values())))
def test_the_chinese_year_begins_between_late_january_and_late_february(day: date) -> None:
    assert date(day.year, 1, 21) <= day <= date(day.year, 2, 20)


def test_months_end_with_the_month_asked_for_and_follow_each_other() -> None:
    months = months_until(date(2025, 12, 31), 36)
    assert (months[0].year, months[0].number, len(months)) == (2023, 1, 36)
    assert all(a.last + 1 == b.first for a, b in zip(months[:-1], months[1:], strict=True))


def test_months_without_a_known_new_year_are_refused() -> None:
    with pytest.raises(UsageError, match="2010-2035"):
        months_until(date(2040, 1, 1), 3)


def test_cash_weights_are_more_than_double_in_the_three_weeks_before_new_year_only() -> None:
    january, february = months_until(date(2025, 2, 1), 2)  # New Year fell on 29 January 2025
    weights = calendar.cash_weights(january)
    assert list(np.flatnonzero(weights == 2.2) + 1) == list(range(8, 29))
    assert set(calendar.cash_weights(february)) == {1.0}


def test_the_thirteenth_salary_comes_once_in_each_winter() -> None:
    months = months_until(date(2030, 12, 1), 12 * 20)
    paid = [month for month in months if calendar.pays_thirteenth_salary(month)]
    assert [month.year for month in paid] == list(range(2011, 2031))
    assert {month.number for month in paid} == {1, 2}


def test_singles_day_lifts_card_spend_and_the_new_year_week_lowers_it() -> None:
    november = months_until(date(2025, 11, 1), 1)[0]
    february = months_until(date(2024, 2, 1), 1)[0]  # New Year fell on 10 February 2024
    assert calendar.card_weights(november)[10] == 1.5
    assert list(np.flatnonzero(calendar.card_weights(february) == 0.6) + 1) == list(range(10, 17))


def test_days_are_counted_from_1970() -> None:
    assert day_number(date(1970, 1, 31)) == 30


def test_a_sunday_moves_to_friday() -> None:
    sunday = day_number(date(2025, 6, 15))
    assert repr(business_day_on_or_before(np.array([sunday]))[0] - sunday) == "np.int64(-2)"


def test_the_last_month_is_the_one_of_the_end() -> None:
    assert [(m.year, m.number, m.days) for m in months_until(date(2024, 2, 10), 2)] == [(2024, 1, 31), (2024, 2, 29)]
