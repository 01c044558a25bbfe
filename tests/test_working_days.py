"""Working days of a bank, with days off and the days made up for them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from segment.exceptions import InputFileError
from segment.working_days import WorkingDays, read_working_days

# The State Council's arrangements for National Day, as published the year before.
AUTUMN = {
    2020: ("2020-10-01..2020-10-08", ("2020-09-27", "2020-10-10"), dt.date(2020, 10, 10)),
    2023: ("2023-09-29..2023-10-06", ("2023-10-07", "2023-10-08"), dt.date(2023, 10, 8)),
    2025: ("2025-10-01..2025-10-08", ("2025-09-28", "2025-10-11"), dt.date(2025, 10, 10)),
}


def file_of(folder: Path, span: str, made_up: tuple[str, ...]) -> Path:
    first, last = (dt.date.fromisoformat(day) for day in span.split(".."))
    off = [(first + dt.timedelta(days=ahead)).isoformat() for ahead in range((last - first).days + 1)]
    path = folder / "days"
    path.write_text("\n".join([*off, *(f"{day} working  # made up" for day in made_up)]))
    return path


@pytest.mark.parametrize("year", AUTUMN)
def test_the_second_working_day_of_october_follows_the_holidays_and_the_days_made_up(year: int, tmp_path: Path) -> None:
    span, made_up, second = AUTUMN[year]
    days = read_working_days(file_of(tmp_path, span, made_up))
    assert days.nth(dt.date(year, 10, 31), 2) == second


def test_holidays_and_weekends_are_no_working_days() -> None:
    new_year = WorkingDays(closed=frozenset({dt.date(2026, 1, 1), dt.date(2026, 1, 2)}))
    assert WorkingDays().nth(dt.date(2026, 1, 31), 2) == dt.date(2026, 1, 2)
    assert new_year.nth(dt.date(2026, 1, 31), 2) == dt.date(2026, 1, 6)


def test_days_are_read_with_their_notes(tmp_path: Path) -> None:
    (tmp_path / "days").write_text("2026-12-25  # Christmas\n\n# none\n2027-01-01\n2026-12-26 working # made up\n")
    days = read_working_days(tmp_path / "days")
    assert days.closed == {dt.date(2026, 12, 25), dt.date(2027, 1, 1)}
    assert days.opened == {dt.date(2026, 12, 26)}
    assert days.works_on(dt.date(2026, 12, 26))


@pytest.mark.parametrize(
    "text", ["25.12.2026\n", "2026-02-30\n", "2026-12-25 closed\n", "2026-12-25\n2026-12-25 working\n"]
)
def test_a_line_that_says_no_day_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "days").write_text(text)
    with pytest.raises(InputFileError, match="SEGMENT_HOLIDAYS"):
        read_working_days(tmp_path / "days")
    with pytest.raises(InputFileError, match="date per line"):
        read_working_days(tmp_path / "nowhere")


def test_a_year_without_a_day_in_the_file_is_not_held() -> None:
    days = WorkingDays(closed=frozenset({dt.date(2026, 12, 25)}))
    assert days.years_not_held(dt.date(2026, 11, 1), dt.date(2027, 2, 1)) == (2027,)
    assert WorkingDays().years_not_held(dt.date(2026, 11, 1), dt.date(2027, 2, 1)) == ()
