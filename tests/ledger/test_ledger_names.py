"""Names beside the contract's: a table under a near name never counts as left out, and whatever is not read is said."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import LedgerError
from segment.ledger import TABLES, check_ledger
from segment.ledger.ledger_names import is_by_the_way, resembled_table
from tests.ledger.small_ledger import PRODUCTS, Tables, write_csv, write_database, write_parquet
from tests.ledger.test_faults import faults_of
from tests.ledger.test_folder import assert_same, checked


@pytest.mark.parametrize("table", list(TABLES))
@pytest.mark.parametrize("write", [str.upper, str.title])
def test_names_match_in_whatever_letters(small_ledger: Tables, tmp_path: Path, table: str, write: object) -> None:
    expected = checked(write_parquet(small_ledger, tmp_path / "expected"))
    name = write(table)  # type: ignore[operator]
    file = write_parquet(small_ledger, tmp_path / "file")
    (file / f"{table}.parquet").rename(file / f"{name}.PARQUET")
    found = checked(file)
    assert_same(found, expected)
    said = [(notice.table, notice.meaning.figures["place"]) for notice in found.report.notices]
    assert said == [(table, f"{name}.PARQUET")]
    folder = write_parquet(small_ledger, tmp_path / "folder")
    (folder / name).mkdir()
    (folder / f"{table}.parquet").rename(folder / name / "0.parquet")
    assert_same(checked(folder), expected)
    url = write_database(small_ledger, f"sqlite:///{tmp_path}/ledger.db")
    with sqlite3.connect(tmp_path / "ledger.db") as database:
        database.execute(f"ALTER TABLE {table} RENAME TO {name}_x")
        database.execute(f"CREATE VIEW {name} AS SELECT * FROM {name}_x")  # noqa: S608
    assert checked(url).tables[table].equals(expected.tables[table])


def test_two_files_that_differ_only_in_case_are_an_error(small_ledger: Tables, tmp_path: Path) -> None:
    write_parquet(small_ledger, tmp_path)
    small_ledger["contact_rules"].write_parquet(tmp_path / "Contact_Rules.parquet")
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("table `contact_rules` is given 2 times")


@pytest.mark.parametrize(
    "name",
    ["contact-rules.parquet", "ContactRules.parquet", "contact_rules.csv.bz2", "contact_rules.xls", "contact_rule.csv"]
    + [
        "contact_rules (1).csv",
        "_contact_rules.csv",
        ".contact_rules.parquet",
        "contact_rules.crc",
        "contact_rules.txt",
    ],
)
def test_a_near_name_is_an_error_that_says_of_which_table(small_ledger: Tables, tmp_path: Path, name: str) -> None:
    (write_parquet(small_ledger, tmp_path) / "contact_rules.parquet").rename(tmp_path / name)
    (fault,) = faults_of(tmp_path)
    assert f"`{name}` is not read, and looks like table `contact_rules`" in fault
    assert check_ledger(tmp_path, PRODUCTS, 0.01, ignored=[name]).tables["contact_rules"].is_empty()


@pytest.mark.parametrize("name", ["README.md", "notes", "x.parquet", "archive/"])
def test_whatever_is_not_read_is_an_error_until_it_is_named(
    small_ledger: Tables, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write_parquet(small_ledger, tmp_path) / name
    place.mkdir() if name.endswith("/") else place.touch()
    (fault,) = faults_of(tmp_path)
    assert fault.startswith(f"`{place.name}` is not read")
    assert "`ignore`" in fault
    checked_ignored = check_ledger(tmp_path, PRODUCTS, 0.01, ignored=[name])
    monkeypatch.setenv("SEGMENT_IGNORE", f'["{place.name}"]')
    assert_same(checked(tmp_path), checked_ignored)


def test_what_spark_and_file_managers_leave_is_passed_over(small_ledger: Tables, tmp_path: Path) -> None:
    rows = small_ledger.pop("transactions")
    folder = write_parquet(small_ledger, tmp_path)
    (folder / "transactions").mkdir()
    rows.write_parquet(folder / "transactions" / "part-0.parquet")
    for name in ("_SUCCESS", ".part-0.parquet.crc", "_committed_1", "_started_1", "._part-0.parquet", "part-0.crc"):
        (folder / "transactions" / name).touch()
    for name in (".DS_Store", "_SUCCESS", ".accounts.parquet.crc", "trial.toml"):
        (folder / name).touch()
    assert checked(folder).tables["transactions"].height == 480


@pytest.mark.parametrize("name", ["2025-12.txt", "2025-12.xls", "2025-12.csv.bz2", "_part-1.parquet", "~$0.xlsx"])
def test_every_file_in_a_table_s_folder_is_read_or_named(small_ledger: Tables, tmp_path: Path, name: str) -> None:
    rows = small_ledger.pop("transactions")
    folder = write_csv(small_ledger, tmp_path)
    (folder / "transactions" / "year=2023").mkdir(parents=True)
    rows[:400].write_csv(folder / "transactions" / "0.csv")
    (folder / "transactions" / "year=2023" / name).write_text(rows[400:].write_csv())
    (fault,) = faults_of(folder)
    assert fault.startswith(f"table `transactions` has 1 files that are not read: `transactions/year=2023/{name}`")
    assert check_ledger(folder, PRODUCTS, 0.01, ignored=[name]).tables["transactions"].height == 400


def test_a_link_to_a_folder_of_parts_is_not_passed_over(small_ledger: Tables, tmp_path: Path) -> None:
    rows = small_ledger.pop("transactions")
    folder = write_parquet(small_ledger, tmp_path / "ledger")
    (folder / "transactions").mkdir()
    (tmp_path / "elsewhere").mkdir()
    rows[:400].write_parquet(folder / "transactions" / "0.parquet")
    rows[400:].write_parquet(tmp_path / "elsewhere" / "1.parquet")
    (folder / "transactions" / "more").symlink_to(tmp_path / "elsewhere")
    (fault,) = faults_of(folder)
    assert "`transactions/more`" in fault


def test_a_file_that_does_not_end_is_a_fault(small_ledger: Tables, tmp_path: Path) -> None:
    folder = write_csv(small_ledger, tmp_path)
    for name in ("customers.csv", "accounts.csv", "holdings.csv"):
        (folder / name).unlink()
    os.mkfifo(folder / "customers.csv")
    (folder / "accounts.csv").symlink_to("/dev/zero")
    (folder / "holdings.csv").write_text("a" + ",a" * 200_000 + "\n")
    faults = faults_of(folder)
    assert [fault.split("`")[1] for fault in faults] == ["customers", "accounts", "holdings"]
    for fault, reason in zip(faults, ("a pipe", "a device", "200,001 columns; at most 1,000"), strict=True):
        assert reason in fault


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_an_enormous_field_is_a_fault(small_ledger: Tables, tmp_path: Path, write: object) -> None:
    small_ledger["branches"] = small_ledger["branches"].with_columns(name=pl.lit("x" * 70_000))
    (fault,) = faults_of(write(small_ledger, tmp_path))  # type: ignore[operator]
    assert "`branches`" in fault
    assert "cells longer than 65,536 bytes in 1 columns" in fault


def test_a_ledger_s_file_over_the_limit_is_a_fault(
    small_ledger: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parquet(small_ledger, tmp_path)
    monkeypatch.setenv("SEGMENT_MOST_LEDGER_FILE_BYTES", "2000")
    assert all("bytes; at most 2,000 are read" in fault for fault in faults_of(tmp_path))


@pytest.mark.parametrize("column", ["Birth_Date", "birth-date", "BirthDate", " birth_date"])
def test_an_optional_column_under_a_near_name_is_an_error(small_ledger: Tables, tmp_path: Path, column: str) -> None:
    small_ledger["customers"] = small_ledger["customers"].rename({"birth_date": column})
    (fault,) = faults_of(write_parquet(small_ledger, tmp_path))
    assert fault.startswith(f"table `customers` does not read `{column}`, which looks like `birth_date`")


@pytest.mark.parametrize("name", ["contact-rules", "ContactRule"])
def test_a_database_s_table_under_a_near_name_is_an_error(small_ledger: Tables, tmp_path: Path, name: str) -> None:
    url = write_database(small_ledger, f"sqlite:///{tmp_path}/ledger.db")
    with sqlite3.connect(tmp_path / "ledger.db") as database:
        database.execute("CREATE TABLE contact_rules_2019 (x)")  # beside the table, another is the bank's own affair
        checked(url)
        database.execute(f'ALTER TABLE contact_rules RENAME TO "{name}"')
        database.execute("DROP TABLE contact_rules_2019")
    with pytest.raises(LedgerError, match=f"`{name}` is not read, and looks like table `contact_rules`"):
        checked(url)


def test_likeness_is_of_the_name_not_of_the_ending() -> None:
    assert resembled_table("Transactions_2025-12.csv") == "transactions"
    assert resembled_table("contact_rulse.parquet") == "contact_rules"
    assert resembled_table("README.md") is None
    assert is_by_the_way(".contact_rules.parquet.crc", {"contact_rules"})
    assert not is_by_the_way(".contact_rules.parquet.crc", ())
