"""Table-level faults stop the run, and one message lists all of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segment.exceptions import LedgerError
from segment.ledger import TABLE_RULES, TABLES, check_ledger
from segment.ledger.faults import Fault
from segment.messages import Message
from segment.sentences import Sentences
from tests.ledger.small_ledger import PRODUCTS, Tables, write_csv, write_parquet


def faults_of(folder: Path) -> list[str]:
    """The lines of the one message that a check of the folder ends with."""
    with pytest.raises(LedgerError) as caught:
        check_ledger(folder, PRODUCTS, 0.01)
    return [line.removeprefix("  - ") for line in str(caught.value).splitlines() if line.startswith("  - ")]


@pytest.mark.parametrize("table", [name for name, table in TABLES.items() if not table.optional])
def test_a_required_table_must_be_there(small_ledger: Tables, tmp_path: Path, table: str) -> None:
    del small_ledger[table]
    assert faults_of(write_parquet(small_ledger, tmp_path)) == [f"table `{table}` is missing [missing_table]"]


@pytest.mark.parametrize("table", [name for name, table in TABLES.items() if table.optional])
def test_an_optional_table_may_be_left_out(small_ledger: Tables, tmp_path: Path, table: str) -> None:
    del small_ledger[table]
    ledger = check_ledger(write_parquet(small_ledger, tmp_path), PRODUCTS, 0.01)
    assert ledger.tables[table].is_empty()
    assert ledger.tables[table].schema == TABLES[table].schema
    assert not ledger.report.table(table).present


@pytest.mark.parametrize(
    ("table", "column"), [(table.name, column) for table in TABLES.values() for column in table.columns], ids=str
)
def test_a_column_may_be_left_out_only_where_it_is_optional(
    small_ledger: Tables, tmp_path: Path, table: str, column: object
) -> None:
    name, optional = column.name, column.optional  # type: ignore[attr-defined]
    small_ledger[table] = small_ledger[table].drop(name)
    folder = write_parquet(small_ledger, tmp_path)
    if optional:
        ledger = check_ledger(folder, PRODUCTS, 0.01)
        assert ledger.tables[table][name].null_count() == ledger.tables[table].height
        assert name in ledger.report.table(table).absent_columns
    else:
        assert faults_of(folder) == [f"table `{table}` lacks the column `{name}` [missing_column]"]


def test_faults_of_all_tables_are_listed_together(small_ledger: Tables, tmp_path: Path) -> None:
    del small_ledger["balances"]
    small_ledger["accounts"] = small_ledger["accounts"].drop("product", "opened_on")
    small_ledger["holdings"] = small_ledger["holdings"].clear()
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(pl.col("booked_on").dt.year())
    folder = write_parquet(small_ledger, tmp_path)
    (folder / "customers.parquet").write_bytes(b"PAR1 no more")
    rules = [line.rsplit("[", 1)[1] for line in faults_of(folder)]
    assert rules == [
        "unreadable_file]",
        "missing_column]",
        "missing_column]",
        "empty_table]",
        "wrong_type]",
        "missing_table]",
    ]


@pytest.mark.parametrize(
    ("table", "column", "cells"),
    [
        ("transactions", "amount", pl.lit("a lot")),
        ("transactions", "amount", pl.lit("12.50")),  # a number written as text, in a format that knows numbers
        ("transactions", "amount", pl.lit(True)),
        ("transactions", "amount", pl.struct(units=1, cents=50)),
        ("transactions", "booked_on", pl.lit(20230131)),
        ("transactions", "booked_on", pl.lit("31.01.2023")),
        ("transactions", "booked_on", pl.lit(dt.time(12))),
        ("transactions", "account_id", pl.lit(dt.date(2023, 1, 1))),
        ("transactions", "kind", pl.lit(True)),
        ("balances", "days_past_due", pl.lit("many")),
        ("balances", "month", pl.lit(1.0)),
        ("customers", "is_staff", pl.lit("maybe")),
        ("main_bank_labels", "main_bank_here", pl.lit(dt.date(2023, 1, 1))),
    ],
    ids=str,
)
def test_a_column_must_have_its_type(
    small_ledger: Tables, tmp_path: Path, table: str, column: str, cells: pl.Expr
) -> None:
    small_ledger[table] = small_ledger[table].with_columns(cells.alias(column))
    (fault,) = faults_of(write_parquet(small_ledger, tmp_path))
    assert fault.startswith(f"table `{table}` needs ")
    assert f"in `{column}`; found" in fault
    assert fault.endswith("[wrong_type]")


def test_a_csv_column_without_one_cell_of_its_type_is_of_another(small_ledger: Tables, tmp_path: Path) -> None:
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(amount=pl.lit("12,50"))
    (fault,) = faults_of(write_csv(small_ledger, tmp_path))
    assert fault == (
        "table `transactions` needs a number in `amount`; found none in 480 filled cells: `decimal` and `thousands` "
        "under `[mapping]` of the policy say how the bank writes numbers [wrong_type]"
    )


def test_a_column_of_another_type_without_values_is_empty(small_ledger: Tables, tmp_path: Path) -> None:
    small_ledger["customers"] = small_ledger["customers"].with_columns(left_on=pl.lit(None, pl.Float64))
    ledger = check_ledger(write_parquet(small_ledger, tmp_path), PRODUCTS, 0.01)
    assert ledger.tables["customers"]["left_on"].null_count() == 40


@pytest.mark.parametrize("write", [write_csv, write_parquet])
@pytest.mark.parametrize("table", list(TABLES))
def test_only_required_tables_must_have_rows(small_ledger: Tables, tmp_path: Path, table: str, write: object) -> None:
    small_ledger = {name: rows.clear() if name == table else rows for name, rows in small_ledger.items()}
    folder = write(small_ledger, tmp_path)  # type: ignore[operator]
    if TABLES[table].optional:
        assert check_ledger(folder, PRODUCTS, 0.01).tables[table].is_empty()
    else:
        assert faults_of(folder) == [f"table `{table}` has no rows [empty_table]"]


def test_a_csv_column_must_not_stand_twice(small_ledger: Tables, tmp_path: Path) -> None:
    file = write_csv(small_ledger, tmp_path) / "customers.csv"
    file.write_text(file.read_text().replace("region", "joined_on", 1))
    assert faults_of(tmp_path) == ["table `customers` has the column `joined_on` 2 times [duplicate_column]"]


@pytest.mark.parametrize(("name", "detail"), [("joined_on", "`joined_on` 2 times"), ("x", "1 columns twice")])
def test_a_parquet_column_must_not_stand_twice(small_ledger: Tables, tmp_path: Path, name: str, detail: str) -> None:
    table = write_parquet(small_ledger, tmp_path) / "customers.parquet"
    held = pq.read_table(table)
    dates = held["joined_on"]
    for _ in range(1 if name == "joined_on" else 2):
        held = pa.Table.from_arrays([*held.columns, dates], names=[*held.column_names, name])
    pq.write_table(held, table)
    (fault,) = faults_of(tmp_path)
    assert detail in fault


def test_a_column_in_other_letters_is_pointed_at(small_ledger: Tables, tmp_path: Path) -> None:
    small_ledger["accounts"] = small_ledger["accounts"].rename({"product": "Product "})
    (fault,) = faults_of(write_parquet(small_ledger, tmp_path))
    assert "`product` (one of that name is there, in other letters or with spaces)" in fault


def test_a_file_without_a_header_is_told_so_and_none_of_its_cells_is_shown(
    small_ledger: Tables, tmp_path: Path
) -> None:
    file = write_csv(small_ledger, tmp_path) / "branches.csv"
    file.write_text(file.read_text().split("\n", 1)[1])
    (fault,) = faults_of(tmp_path)
    assert fault == (
        "table `branches` has none of its columns (branch_id, name): the first row must hold their names, or the "
        "bank's own where `[mapping.columns.branches]` of the policy says what they are [missing_column]"
    )


def test_every_table_rule_says_what_must_hold() -> None:
    assert all(name.isidentifier() and Sentences().of(rule) for name, rule in TABLE_RULES.items())


def test_a_fault_names_table_and_rule() -> None:
    assert (
        str(Fault("accounts", "missing_table", Message("faults.missing_table")))
        == "table `accounts` is missing [missing_table]"
    )
