"""Which moments can be a window, and what is said where none can."""

from __future__ import annotations

import datetime as dt

import pytest

from segment.dates import next_month
from segment.evaluation.backtest_windows import plan_windows
from segment.exceptions import HistoryError, UsageError

DECEMBER, SEPTEMBER = dt.date(2024, 12, 31), dt.date(2024, 9, 30)


def _months(count: int) -> list[dt.date]:
    return [next_month(dt.date(2022, 1, 1), number) for number in range(count)]


def _learned(as_of: dt.date) -> list[dt.date]:
    return [dt.date(as_of.year - 1, as_of.month, 28)]


def test_windows_are_so_many_months_apart_and_the_last_is_marked() -> None:
    windows, left_out = plan_windows(_months(48), dt.date(2023, 12, 31), DECEMBER, 6, 12, _learned)
    assert [window.as_of for window in windows] == [dt.date(2023, 12, 31), dt.date(2024, 6, 30), DECEMBER]
    assert [window.is_last for window in windows] == [False, False, True]
    assert windows[0].moments == (dt.date(2022, 12, 28),)
    assert not left_out


def test_moments_without_history_or_outcome_are_left_out_and_named() -> None:
    windows, left_out = plan_windows(_months(48), SEPTEMBER, dt.date(2025, 3, 31), 3, 12, _learned)
    assert [window.as_of for window in windows] == [SEPTEMBER, DECEMBER]
    assert left_out == (dt.date(2025, 3, 31),)
    assert windows[-1].is_last


def test_where_no_moment_will_do_it_says_which_would() -> None:
    with pytest.raises(HistoryError, match="possible windows are `first=2023-12-31, last=2024-12-31`"):
        plan_windows(_months(48), dt.date(2022, 6, 30), dt.date(2022, 12, 31), 3, 12, _learned)


def test_a_ledger_too_short_for_any_window_says_which_horizon_has_some() -> None:
    with pytest.raises(HistoryError, match=r"28 months, 2022-01 to 2024-04\.\nHint: `horizon_months=6` has windows"):
        plan_windows(_months(28), DECEMBER, DECEMBER, 3, 12, _learned)
    with pytest.raises(HistoryError, match="feed more months"):
        plan_windows(_months(2), DECEMBER, DECEMBER, 3, 12, _learned)


def test_a_day_within_a_month_and_a_range_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(UsageError, match="must be a month's last day"):
        plan_windows(_months(48), dt.date(2024, 12, 15), DECEMBER, 3, 12, _learned)
    with pytest.raises(UsageError, match="swap `first` and `last`"):
        plan_windows(_months(48), DECEMBER, SEPTEMBER, 3, 12, _learned)


def test_a_window_without_outcomes_before_it_is_left_out() -> None:
    months = [next_month(dt.date(2023, 1, 1), number) for number in range(36)]
    windows, left_out = plan_windows(months, dt.date(2024, 9, 30), dt.date(2024, 12, 31), 3, 12, lambda _: [])
    assert [(window.as_of, window.is_last) for window in windows] == [(dt.date(2024, 12, 31), True)]
    assert left_out == (dt.date(2024, 9, 30),)
