"""Eight kinds of faults that users of other projects met: each is read rightly here, or told before it does harm."""

from __future__ import annotations

import datetime as dt
import os
import pwd
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import HistoryError, LedgerError
from segment.jobs.build.extract import extract
from segment.jobs.lists.take_outcomes import take_outcomes
from segment.ledger import check_ledger
from segment.pages.check_page import check_text
from segment.store.row_store import read_rows
from segment.store.stored_tables import OUTCOMES
from segment.workspace import Workspace
from tests.jobs.build.month_files import LAST, lenient, month_ledger, write_ledger
from tests.jobs.lists.made_lists import bank
from tests.ledger.small_ledger import PRODUCTS, Tables, write_csv, write_parquet
from tests.ledger.test_faults import faults_of

HEAD = "list_id,customer_id,contacted_on,response,responded_on,do_not_contact\n"


@pytest.mark.parametrize("as_text", [False, True])
def test_a_booking_at_midnight_in_shanghai_is_not_moved_to_the_day_before(
    small_ledger: Tables, tmp_path: Path, as_text: bool
) -> None:
    midnight = pl.col("booked_on").cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai")
    instant = midnight.dt.convert_time_zone("UTC")
    text = instant.dt.to_string("%Y-%m-%dT%H:%M:%SZ")
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(text if as_text else instant)
    (fault,) = faults_of(write_csv(small_ledger, tmp_path) if as_text else write_parquet(small_ledger, tmp_path))
    assert "with a time zone in `booked_on`" in fault


@pytest.mark.parametrize("name", ["12.csv.bz2", "12.txt", "12.json", "12", "12.csv.tmp", "12.xlsx"])
def test_a_month_in_a_file_that_is_not_read_is_not_left_out(small_ledger: Tables, tmp_path: Path, name: str) -> None:
    rows = small_ledger.pop("transactions")
    folder = write_csv(small_ledger, tmp_path)
    (folder / "transactions").mkdir()
    rows[:440].write_csv(folder / "transactions" / "11.csv")
    rows[440:].write_csv(folder / "transactions" / name)
    assert any(f"`transactions/{name}`" in fault or "mixes CSV and XLSX" in fault for fault in faults_of(folder))


@pytest.mark.parametrize(
    "name", ["contact-rules.csv", "ContactRules.csv", "contact_rules (1).csv", "contact_rules.tsv"]
)
def test_a_list_of_protected_customers_under_a_near_name_is_not_left_out(
    small_ledger: Tables, tmp_path: Path, name: str
) -> None:
    folder = write_csv(small_ledger, tmp_path)
    (folder / "contact_rules.csv").rename(folder / name)
    (fault,) = faults_of(folder)
    assert f"`{name}` is not read, and looks like table `contact_rules`" in fault


@pytest.mark.parametrize("word", ["Y", "X", "t", "1.0", "on", "Ja", "是", "#N/B", "TRUE "])
def test_a_wish_in_whatever_word_is_a_wish(tmp_path: Path, word: str) -> None:
    workspace, file = bank(tmp_path / "workspace"), tmp_path / "outcomes.csv"
    file.write_text(f"{HEAD}l1,c1,2025-12-30,no_answer,,{word}\n", encoding="utf-8")
    take_outcomes(file, workspace)
    assert read_rows(workspace, OUTCOMES)["do_not_contact"].to_list() == [True]


@pytest.mark.parametrize("stated", [None, "scoring"])
def test_an_account_without_a_name_can_hand_in_outcomes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: str | None
) -> None:
    def nobody(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    if stated:
        monkeypatch.setenv("SEGMENT_USER", stated)
    file = tmp_path / "outcomes.csv"
    file.write_text(f"{HEAD}l1,c1,2025-12-30,no_answer,,\n", encoding="utf-8")
    assert take_outcomes(file, bank(tmp_path / "workspace")).taken.added == 1


@pytest.mark.parametrize("name", ["q?x", "p%20x", "a#b&c=d", "a b;c"])
def test_a_workspace_s_path_is_no_address(tmp_path: Path, name: str) -> None:
    workspace, file = bank(tmp_path / "top" / name), tmp_path / "outcomes.csv"
    file.write_text(f"{HEAD}l1,c1,2025-12-30,no_answer,,\n", encoding="utf-8")
    assert take_outcomes(file, workspace).taken.added == 1
    assert workspace.store.is_file()
    assert os.listdir(tmp_path / "top") == [name]


@pytest.mark.parametrize("word", ["NULL", "\\N", "None", "nan", "#N/A", "(null)"])
@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_a_word_for_nothing_is_no_bank_and_no_household(
    small_ledger: Tables, tmp_path: Path, word: str, write: Callable[[Tables, Path], Path]
) -> None:
    filled = pl.col("counterparty_bank").fill_null(word)
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(filled)
    small_ledger["customers"] = small_ledger["customers"].with_columns(household_id=pl.lit(word))
    ledger = check_ledger(write(small_ledger, tmp_path), PRODUCTS, 0.0)
    assert set(ledger.tables["transactions"]["counterparty_bank"]) == {"X", None}
    assert ledger.tables["customers"]["household_id"].null_count() == 40
    said = check_text(ledger.report).split("To look at")[1]
    assert "40  hold a word for nothing in `household_id`" in said
    assert "240  hold a word for nothing in `counterparty_bank`" in said


def test_ids_that_a_data_frame_rounded_are_not_published(small_ledger: Tables, tmp_path: Path) -> None:
    for name in ("accounts", "holdings", "transactions", "balances"):
        number = pl.col("account_id").str.slice(1).cast(pl.Float64)
        small_ledger[name] = small_ledger[name].with_columns(account_id=number * 4096 + 6_222_000_000_000_000_001.0)
    faults = faults_of(write_parquet(small_ledger, tmp_path))
    assert [fault.split("`")[1] for fault in faults] == ["accounts", "holdings", "transactions", "balances"]
    assert all("rounded numbers" in fault for fault in faults)


def test_a_month_of_balances_without_a_booking_is_not_built(tmp_path: Path) -> None:
    tables = month_ledger()
    before = pl.col("booked_on") < dt.date(LAST.year, LAST.month, 1)
    cut = {**tables, "transactions": tables["transactions"].filter(before)}
    write_ledger(cut, tmp_path / "ledger")
    with pytest.raises((HistoryError, LedgerError), match="bookings"):
        extract(str(tmp_path / "ledger"), LAST, Workspace(tmp_path / "workspace"), lenient(), n_jobs=1)
