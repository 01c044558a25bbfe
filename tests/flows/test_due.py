"""Runs are due by the bank's working days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from flows.due import month_ends, read_holidays, refresh_due, retrain_due, working_day
from segment.exceptions import InputFileError

NEW_YEAR = frozenset({dt.date(2026, 1, 1), dt.date(2026, 1, 2)})


def test_holidays_and_weekends_are_no_working_days() -> None:
    assert working_day(dt.date(2026, 1, 31), 2) == dt.date(2026, 1, 2)
    assert working_day(dt.date(2026, 1, 31), 2, NEW_YEAR) == dt.date(2026, 1, 6)


def test_a_month_is_due_from_its_second_working_day_and_stays_due_until_the_next() -> None:
    due = [refresh_due(dt.date(2026, 1, 1) + dt.timedelta(days=day), NEW_YEAR) for day in range(31)]
    assert due[:5] == [dt.date(2025, 11, 30)] * 5
    assert due[5:] == [dt.date(2025, 12, 31)] * 26


def test_no_moment_is_due_before_it_is_over() -> None:
    for day in range(800):
        today = dt.date(2025, 1, 1) + dt.timedelta(days=day)
        assert retrain_due(today) <= refresh_due(today) < today
        assert retrain_due(today).month in (3, 6, 9, 12)
        assert (refresh_due(today) + dt.timedelta(days=1)).day == 1


def test_a_span_of_months_holds_its_ends_only() -> None:
    assert month_ends(dt.date(2026, 1, 31), dt.date(2026, 3, 30)) == [dt.date(2026, 1, 31), dt.date(2026, 2, 28)]
    assert month_ends(dt.date(2026, 3, 31), dt.date(2026, 2, 28)) == []


def test_holidays_are_read_with_their_notes(tmp_path: Path) -> None:
    (tmp_path / "days").write_text("2026-12-25  # Christmas\n\n# none\n2027-01-01\n")
    assert read_holidays(tmp_path / "days") == {dt.date(2026, 12, 25), dt.date(2027, 1, 1)}


@pytest.mark.parametrize("text", ["25.12.2026\n", "2026-02-30\n"])
def test_a_line_that_is_no_date_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "days").write_text(text)
    with pytest.raises(InputFileError, match="SEGMENT_HOLIDAYS"):
        read_holidays(tmp_path / "days")
    with pytest.raises(InputFileError, match="date per line"):
        read_holidays(tmp_path / "nowhere")
