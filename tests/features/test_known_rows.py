"""What a month may see."""

from __future__ import annotations

import datetime as dt

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.dates import day_of_month, month_end, next_month
from segment.features.point_in_time import MARGIN_DAYS, tables_as_of
from tests.features.small_ledger import JUNE, booking, ledger


def known(name: str, **rows: list[dict[str, object]]) -> pl.DataFrame:
    return tables_as_of(ledger(**rows), JUNE)[name].to_native().collect()


@given(st.dates(dt.date(1971, 1, 1), dt.date(2099, 12, 31)), st.integers(-30, 30))
def test_days_are_counted_from_the_months_first(month_day: dt.date, days: int) -> None:
    month = month_day.replace(day=1)
    on = min(month + dt.timedelta(days=days), month_end(month))
    frame = nw.from_native(pl.LazyFrame({"on": [on]}))
    assert frame.select(day_of_month("on", month)).collect()["on"].to_list() == [(on - month).days]


@given(st.dates(dt.date(1971, 1, 1), dt.date(2099, 12, 31)), st.integers(-100, 100))
def test_months_on_and_back_again_is_the_same_month(day: dt.date, months: int) -> None:
    assert next_month(next_month(day, months), -months) == day.replace(day=1)


def test_a_closing_or_leaving_after_the_month_is_not_known_to() -> None:
    later, today = dt.date(2025, 7, 1), dt.date(2025, 6, 30)
    assert known("accounts", accounts=[{"closed_on": later}])["closed_on"].to_list() == [None]
    assert known("accounts", accounts=[{"closed_on": today}])["closed_on"].to_list() == [today]
    assert known("customers", customers=[{"left_on": later}])["left_on"].to_list() == [None]


@pytest.mark.parametrize(
    ("dates", "rows"),
    [
        ({"joined_on": dt.date(2025, 6, 30)}, 1),
        ({"joined_on": dt.date(2025, 7, 1)}, 0),
        ({"left_on": dt.date(2025, 6, 1)}, 1),
        ({"left_on": dt.date(2025, 5, 31)}, 0),
    ],
)
def test_customers_are_known_from_joining_to_the_month_of_leaving(dates: dict[str, dt.date], rows: int) -> None:
    assert len(known("customers", customers=[dates])) == rows


def test_bookings_reach_the_margin_back_and_no_further() -> None:
    first = JUNE - dt.timedelta(days=MARGIN_DAYS)
    days = [first - dt.timedelta(days=1), first, dt.date(2025, 6, 30), dt.date(2025, 7, 1)]
    rows = [booking("06-01", 1.0, "fee") | {"booked_on": day} for day in days]
    assert known("transactions", transactions=rows)["booked_on"].to_list() == days[1:3]


def test_cutting_twice_changes_nothing() -> None:
    once = tables_as_of(ledger(transactions=[booking("06-01", 1.0, "fee")]), JUNE)
    twice = tables_as_of(once, JUNE)
    for name, frame in once.items():
        assert frame.to_native().collect().equals(twice[name].to_native().collect())


def test_an_account_that_opens_later_is_not_held() -> None:
    opening = {"opened_on": dt.date(2025, 7, 1)}
    assert len(known("holdings", accounts=[opening])) == 0
