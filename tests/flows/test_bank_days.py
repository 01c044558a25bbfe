"""Which calendar a flow goes by: the setting's, the file's alone, or that of the policy's jurisdiction."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import deployments
from flows.setting import bank_days

MADE_UP, GOLDEN_WEEK = dt.date(2025, 10, 11), dt.date(2025, 10, 8)


def test_a_calendar_comes_from_the_setting_or_the_file_or_the_law_that_applies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bank_days("cn").works_on(MADE_UP)
    assert not bank_days("uk").works_on(MADE_UP)
    (tmp_path / "days").write_text("2025-10-10\n")
    monkeypatch.setenv("SEGMENT_HOLIDAYS", str(tmp_path / "days"))
    assert bank_days("cn").works_on(GOLDEN_WEEK)
    assert not bank_days("cn").works_on(MADE_UP)
    monkeypatch.setenv("SEGMENT_CALENDAR", "CN")
    assert not bank_days("uk").works_on(GOLDEN_WEEK)
    assert not bank_days("uk").works_on(dt.date(2025, 10, 10))


def test_a_schedule_says_at_its_start_what_is_due_and_refuses_a_calendar_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[object] = []
    monkeypatch.setattr(deployments, "serve", lambda *given, **_: served.extend(given))
    monkeypatch.setattr(deployments, "today", lambda: dt.date(2025, 10, 9))
    monkeypatch.setenv("SEGMENT_WORKSPACE", str(tmp_path / "workspace"))
    for calendar, code, said in (("CN", 0, "To be refreshed: 2025-08-31"), ("XX", 2, "`XX` is none")):
        monkeypatch.setenv("SEGMENT_CALENDAR", calendar)
        with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
            assert deployments.main() == code
        assert said in capsys.readouterr().err
    assert len(served) == 3
