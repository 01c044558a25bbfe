"""`trial.toml` in a ledger's folder names the day of a bank to try things on."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from segment.exceptions import LedgerError
from segment.ledger import open_source
from segment.ledger.trial_ledger import trial_day, write_trial_day

DAY = dt.date(2026, 1, 5)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    (tmp_path / "branches.csv").write_text("branch_id,name\nb1,one\n")
    return tmp_path


def day_of(ledger: Path) -> dt.date | None:
    with open_source(str(ledger)) as source:
        return trial_day(source)


def test_the_day_that_is_written_is_read_and_without_the_file_a_ledger_is_real(ledger: Path) -> None:
    assert day_of(ledger) is None
    write_trial_day(ledger, DAY)
    assert day_of(ledger) == DAY
    (ledger / "trial.toml").write_text("\ufeffday = 2026-01-05\n", encoding="utf-8")
    assert day_of(ledger) == DAY


@pytest.mark.parametrize(
    "text",
    ["", "day = 2026-01-05T10:00:00", 'day = "2026-01-05"', "day = 2026-02-30", "day = 2026-01-05\nmore = 1",
     "day = " + "[" * 3_000, "day = 2026-01-05 #" + " " * 5_000, "\0"],
)  # fmt: skip
def test_a_file_that_names_no_day_stops(ledger: Path, text: str) -> None:
    (ledger / "trial.toml").write_text(text)
    with pytest.raises(LedgerError, match="one line, such as"):
        day_of(ledger)


def test_a_folder_of_that_name_stops(ledger: Path) -> None:
    (ledger / "trial.toml").mkdir()
    with pytest.raises(LedgerError, match="one line, such as"):
        day_of(ledger)


def test_a_database_is_a_real_ledger(tmp_path: Path) -> None:
    (tmp_path / "trial.toml").write_text("day = 2026-01-05\n")
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("CREATE TABLE branches (branch_id TEXT, name TEXT)")
    with open_source(f"sqlite:///{tmp_path / 'ledger.db'}") as source:
        assert trial_day(source) is None
