"""A ledger in files: however they are cut, named and written, the same rows come in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import LedgerError
from segment.ledger import Ledger, check_ledger
from tests.ledger.small_ledger import PRODUCTS, Tables, write_csv, write_parquet
from tests.ledger.test_faults import faults_of


def checked(folder: Path | str) -> Ledger:
    return check_ledger(folder, PRODUCTS, 0.01)


def assert_same(found: Ledger, expected: Ledger) -> None:
    assert found.quarantine == expected.quarantine == {}
    for name, rows in expected.tables.items():
        assert found.tables[name].schema == rows.schema
        assert found.tables[name].equals(rows)
        assert found.report.table(name).sha256 == expected.report.table(name).sha256


@pytest.fixture
def expected(small_ledger: Tables, tmp_path: Path) -> Ledger:
    return checked(write_parquet(small_ledger, tmp_path / "expected"))


def test_csv_holds_the_same_ledger_as_parquet(small_ledger: Tables, tmp_path: Path, expected: Ledger) -> None:
    assert_same(checked(write_csv(small_ledger, tmp_path / "csv")), expected)


def test_a_path_may_be_text(small_ledger: Tables, tmp_path: Path, expected: Ledger) -> None:
    assert_same(checked(str(write_parquet(small_ledger, tmp_path / "again"))), expected)


@pytest.mark.parametrize("name", ["transactions", "transactions.parquet"])
def test_a_table_may_be_a_folder_of_files(small_ledger: Tables, tmp_path: Path, expected: Ledger, name: str) -> None:
    rows = small_ledger.pop("transactions")
    folder = write_parquet(small_ledger, tmp_path / "cut")
    (folder / name / "deep" / "er").mkdir(parents=True)
    rows[300:].write_parquet(folder / name / "deep" / "er" / "part-1.snappy.parquet")
    rows[:300].write_parquet(folder / name / "part-0.parquet")
    (folder / name / "_SUCCESS").touch()
    (folder / name / "._part-0.parquet").write_bytes(b"left by a file manager")
    assert_same(checked(folder), expected)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_may_stand_in_the_folders_names(
    small_ledger: Tables, tmp_path: Path, expected: Ledger, suffix: str
) -> None:
    rows = small_ledger.pop("balances")
    folder = write_parquet(small_ledger, tmp_path / "hive")
    for (month,), part in rows.group_by("month"):
        below = folder / "balances" / f"year={month.year}" / f"month={month}"  # type: ignore[attr-defined]
        below.mkdir(parents=True)
        part = part.drop("month")
        part.write_csv(below / "0.csv") if suffix == "csv" else part.write_parquet(below / "0.parquet")
    found = checked(folder)
    assert_same(found, expected)
    assert found.report.table("balances").extra_columns == ("year",)


def test_a_column_in_the_file_goes_before_one_in_the_folder_s_name(
    small_ledger: Tables, tmp_path: Path, expected: Ledger
) -> None:
    rows = small_ledger.pop("balances")
    folder = write_parquet(small_ledger, tmp_path / "hive")
    (folder / "balances" / "month=12").mkdir(parents=True)
    rows.write_parquet(folder / "balances" / "month=12" / "0.parquet")
    assert_same(checked(folder), expected)


def test_an_empty_cell_may_stand_in_a_folder_s_name(small_ledger: Tables, tmp_path: Path) -> None:
    rows = small_ledger.pop("accounts")
    folder = write_parquet(small_ledger, tmp_path)
    below = folder / "accounts" / "closed_on=__HIVE_DEFAULT_PARTITION__"
    below.mkdir(parents=True)
    rows.drop("closed_on").write_parquet(below / "0.parquet")
    assert checked(folder).tables["accounts"]["closed_on"].null_count() == 40


def test_files_of_one_table_may_differ_in_types(small_ledger: Tables, tmp_path: Path, expected: Ledger) -> None:
    rows = small_ledger.pop("transactions")
    folder = write_parquet(small_ledger, tmp_path / "types")
    (folder / "transactions").mkdir()
    first = rows[:240].with_columns(pl.col("amount").cast(pl.Decimal(12, 2)), pl.col("kind").cast(pl.Categorical))
    first.select(reversed(first.columns)).write_parquet(folder / "transactions" / "0.parquet")
    second = rows[240:].with_columns(pl.col("booked_on").cast(pl.Datetime("us")))
    second.write_parquet(folder / "transactions" / "1.parquet")
    assert_same(checked(folder), expected)


def test_a_required_column_must_be_in_every_file(small_ledger: Tables, tmp_path: Path) -> None:
    rows = small_ledger.pop("transactions")
    folder = write_parquet(small_ledger, tmp_path)
    (folder / "transactions").mkdir()
    rows[:240].write_parquet(folder / "transactions" / "0.parquet")
    rows[240:].drop("channel").write_parquet(folder / "transactions" / "1.parquet")
    assert faults_of(folder) == ["table `transactions` lacks the column `channel` in 1 of 2 files [missing_column]"]


def test_types_of_parquet_that_mean_the_same_are_taken(small_ledger: Tables, tmp_path: Path, expected: Ledger) -> None:
    other = dict(small_ledger)
    other["transactions"] = other["transactions"].with_columns(
        pl.col("amount").cast(pl.Decimal(18, 2)),
        pl.col("booked_on").cast(pl.Datetime("ns")).dt.replace_time_zone("Asia/Shanghai"),
        pl.col("kind", "channel").cast(pl.Categorical),
        pl.col("counterparty_bank").cast(pl.Enum(["X"])),
    )
    other["balances"] = other["balances"].with_columns(
        pl.col("month").dt.to_string(), pl.col("days_past_due").cast(float)
    )
    other["customers"] = other["customers"].with_columns(pl.col("is_staff").cast(pl.Int8))
    other["holdings"] = other["holdings"].with_columns(pl.col("share").cast(pl.Float32))
    assert_same(checked(write_parquet(other, tmp_path / "types")), expected)


@pytest.mark.parametrize("kind", [pl.Int32, pl.UInt64, pl.Float64, pl.Decimal(20, 0)])
def test_ids_may_be_whole_numbers(small_ledger: Tables, tmp_path: Path, kind: pl.DataType) -> None:
    for name in ("customers", "holdings", "service_events", "main_bank_labels", "contact_rules", "campaign_outcomes"):
        small_ledger[name] = small_ledger[name].with_columns(pl.col("customer_id").cast(pl.Int64).cast(kind))
    ledger = checked(write_parquet(small_ledger, tmp_path))
    assert ledger.tables["customers"]["customer_id"].to_list() == sorted(str(number) for number in range(40))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_may_carry_a_byte_order_mark_and_other_separators(
    small_ledger: Tables, tmp_path: Path, expected: Ledger, separator: str, mark: str
) -> None:
    folder = write_csv(small_ledger, tmp_path / "csv")
    for name, rows in small_ledger.items():
        text = rows.write_csv(separator=separator, line_terminator="\r\n", quote_style="always")
        (folder / f"{name}.csv").write_text(mark + text + "\r\n", encoding="utf-8", newline="")
    assert_same(checked(folder), expected)


def test_csv_keeps_zeros_in_front_of_ids(small_ledger: Tables, tmp_path: Path) -> None:
    assert checked(write_csv(small_ledger, tmp_path)).tables["customers"]["customer_id"][0] == "00000"


def test_csv_dates_may_carry_a_time(small_ledger: Tables, tmp_path: Path, expected: Ledger) -> None:
    text = pl.col("booked_on").cast(pl.Datetime).dt.to_string("%Y-%m-%d %H:%M:%S")
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(text)
    assert_same(checked(write_csv(small_ledger, tmp_path / "csv")), expected)


def test_one_bad_cell_of_csv_costs_its_row_only(small_ledger: Tables, tmp_path: Path) -> None:
    file = write_csv(small_ledger, tmp_path) / "transactions.csv"
    file.write_text(file.read_text().replace(",1000.0,", ",1'000,", 1))
    ledger = checked(tmp_path)
    assert ledger.tables["transactions"].height == 479
    assert ledger.quarantine["transactions"]["rule"].to_list() == ["amount_not_a_number"]
    assert ledger.quarantine["transactions"]["amount"].to_list() == ["1'000"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        ("branch_id,name\nB0,M\u00fcnchen\nB1,x\n".encode("latin-1"), "is not UTF-8 text"),
        (b"branch_id,name\nB0,x\n" + b"B1,x\n" * 5000 + "B1,\u5317\n".encode("gbk"), "is not UTF-8 text"),
        (b"branch_id,name\nB0,North, at the bridge\nB1,x\n", "more fields"),
        (b"branch_id,name,kind\nB0,x,a,b\n", "more fields"),
        (b'branch_id,name\nB0,"x\nB1,y\n', "is damaged"),
    ],
)
def test_csv_that_cannot_be_read_is_a_fault(small_ledger: Tables, tmp_path: Path, content: bytes, reason: str) -> None:
    (write_csv(small_ledger, tmp_path) / "branches.csv").write_bytes(content)
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("table `branches` cannot be read: `branches.csv` ")
    assert reason in fault


@pytest.mark.parametrize("keep", [0, 4, 500, -1])
def test_a_parquet_file_cut_short_is_a_fault(small_ledger: Tables, tmp_path: Path, keep: int) -> None:
    file = write_parquet(small_ledger, tmp_path) / "customers.parquet"
    file.write_bytes(file.read_bytes()[:keep])
    (fault,) = faults_of(tmp_path)
    assert fault == "table `customers` cannot be read: `customers.parquet` is no whole Parquet file [unreadable_file]"


def test_parquet_with_damaged_pages_is_a_fault(small_ledger: Tables, tmp_path: Path) -> None:
    file = write_parquet(small_ledger, tmp_path) / "customers.parquet"
    held = bytearray(file.read_bytes())
    held[4:200] = bytes(196)
    file.write_bytes(held)
    (fault,) = faults_of(tmp_path)
    assert fault == "table `customers` cannot be read: `customers.parquet` is damaged, or not regular [unreadable_file]"


def test_a_table_must_not_be_given_twice(small_ledger: Tables, tmp_path: Path) -> None:
    write_parquet(small_ledger, tmp_path)
    small_ledger["accounts"].write_csv(tmp_path / "accounts.csv")
    (fault,) = faults_of(tmp_path)
    assert fault == "table `accounts` is given 2 times: accounts.csv, accounts.parquet [ambiguous_table]"


def test_files_of_one_table_must_be_of_one_format(small_ledger: Tables, tmp_path: Path) -> None:
    rows = small_ledger.pop("accounts")
    (write_parquet(small_ledger, tmp_path) / "accounts").mkdir()
    rows[:20].write_csv(tmp_path / "accounts" / "0.csv")
    rows[20:].write_parquet(tmp_path / "accounts" / "1.parquet")
    assert faults_of(tmp_path) == ["table `accounts` mixes CSV and Parquet files [mixed_formats]"]


def test_tables_may_be_of_different_formats(small_ledger: Tables, tmp_path: Path, expected: Ledger) -> None:
    folder = write_parquet(small_ledger, tmp_path / "both")
    (folder / "accounts.parquet").unlink()
    small_ledger["accounts"].write_csv(folder / "accounts.CSV")
    assert_same(checked(folder), expected)


def test_a_table_s_folder_must_hold_files(small_ledger: Tables, tmp_path: Path) -> None:
    del small_ledger["accounts"]
    (write_parquet(small_ledger, tmp_path) / "accounts").mkdir()
    (fault,) = faults_of(tmp_path)
    assert fault == (
        "table `accounts` cannot be read: the folder `accounts` holds no Parquet, CSV or XLSX file [unreadable_file]"
    )


def test_a_delta_table_is_not_read_as_loose_files(small_ledger: Tables, tmp_path: Path) -> None:
    del small_ledger["accounts"]
    (write_parquet(small_ledger, tmp_path) / "accounts" / "_delta_log").mkdir(parents=True)
    (fault,) = faults_of(tmp_path)
    assert "is a Delta Lake table" in fault


def test_unknown_columns_are_ignored_and_listed(small_ledger: Tables, tmp_path: Path, expected: Ledger) -> None:
    small_ledger["customers"] = small_ledger["customers"].with_columns(x=1, nested=pl.struct(a=1))
    found = checked(write_parquet(small_ledger, tmp_path / "extra"))
    assert_same(found, expected)
    assert found.report.table("customers").extra_columns == ("nested", "x")


def test_a_ledger_must_exist(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="does not exist"):
        checked(tmp_path / "nowhere")


def test_a_ledger_must_not_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    with pytest.raises(LedgerError, match="is a file"):
        checked(tmp_path / "ledger.db")


def test_a_ledger_s_folder_must_hold_its_tables(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="holds none of them"):
        checked(tmp_path)


def test_the_folder_above_a_ledger_is_told_apart(small_ledger: Tables, tmp_path: Path) -> None:
    write_parquet(small_ledger, tmp_path / "ledger")
    with pytest.raises(LedgerError, match="Hint: give `.*ledger`"):
        checked(tmp_path)


def test_months_of_a_year_before_1970_are_bad_rows_not_faults(small_ledger: Tables, tmp_path: Path) -> None:
    early = pl.when(pl.int_range(pl.len()) == 0).then(dt.date(1969, 12, 1)).otherwise("month")
    small_ledger["balances"] = small_ledger["balances"].with_columns(month=early)
    ledger = checked(write_parquet(small_ledger, tmp_path))
    assert ledger.quarantine["balances"]["rule"].to_list() == ["month_out_of_range"]
