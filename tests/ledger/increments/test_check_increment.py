"""Checking part by part finds what checking the whole ledger finds, whatever happened to the ledger in between."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segment.exceptions import LedgerError, SourceError
from segment.ledger import TABLES, check_ledger, open_source
from segment.ledger import parts as ledger_parts
from segment.ledger.contents import contents_of
from segment.ledger.increments import long_check, long_table
from segment.ledger.increments.increment_check import Increment, check_increment
from segment.ledger.parts import Part, TableInput
from segment.warehouse.frame_store import FrameStore
from tests.jobs.build.increments import CHANGES, Bank, Change
from tests.jobs.build.month_files import lenient

PRODUCTS = tuple(lenient().products)
EVER = (dt.date(1900, 1, 1), dt.date(2100, 12, 31))

Checked = tuple[Bank, Path, FrameStore]


def increment(
    ledger: Path, as_of: dt.date, store: FrameStore, terms: str = ""
) -> tuple[Increment, dict[str, pl.DataFrame]]:
    """What is found part by part, and every clean row."""
    with open_source(ledger) as source:
        inputs = {name: source.find(table) for name, table in TABLES.items()}
        contents = {name: contents_of(found) for name, found in inputs.items()}
        found = check_increment(inputs, contents, PRODUCTS, 1.0, as_of, store, terms=terms, location=source.description)
        return found, {**found.tables, **{name: table.rows(*EVER) for name, table in found.long.items()}}


def assert_as_whole(ledger: Path, as_of: dt.date, store: FrameStore) -> None:
    """Hold a check by parts to a check of the whole, an error to the same error."""
    try:
        whole = check_ledger(ledger, PRODUCTS, 1.0, as_of=as_of)
    except LedgerError as error:
        with pytest.raises(LedgerError, match=f"^{re.escape(str(error))}$"):
            increment(ledger, as_of, store)
        return
    found, tables = increment(ledger, as_of, store)
    assert found.report == whole.report
    assert found.quarantine.keys() == whole.quarantine.keys()
    assert all(found.quarantine[name].equals(rows) for name, rows in whole.quarantine.items())
    long = {name: TABLES[name].in_one_order(whole.tables[name]) for name in found.long}
    assert all(tables[name].equals(rows) for name, rows in {**whole.tables, **long}.items())


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 999)), min_size=2, max_size=7))
@settings(max_examples=20, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_any_order_of_increments_gives_the_verdicts_of_a_check_of_the_whole(changes: list[tuple[Change, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bank, ledger, store = Bank(), Path(folder, "ledger"), FrameStore(Path(folder, "shelf"))
        bank.write(ledger)
        assert_as_whole(ledger, bank.as_of, store)
        for change, seed in changes:
            change(bank, np.random.default_rng(seed))
            bank.write(ledger)
            assert_as_whole(ledger, bank.as_of, store)


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """A bank of three months whose ledger was checked once."""
    bank, store = Bank(months=3), FrameStore(tmp_path / "shelf")
    bank.write(tmp_path / "ledger")
    increment(tmp_path / "ledger", bank.as_of, store)
    return bank, tmp_path / "ledger", store


def parts_read(bank: Bank, ledger: Path, store: FrameStore) -> int:
    """Export again and count the parts that are read, every figure held to a check of the whole."""
    bank.write(ledger)
    found, _ = increment(ledger, bank.as_of, FrameStore(copied(store)))
    assert_as_whole(ledger, bank.as_of, store)
    return found.parts_read


def copied(store: FrameStore) -> Path:
    """A copy of what is kept, so that looking changes nothing."""
    return Path(shutil.copytree(store.folder, tempfile.mkdtemp() + "/shelf"))


def repeated(bank: Bank, amount: float) -> None:
    """The first booking of January stands in March's file as well."""
    first = bank.tables["transactions"].sort("booked_on", "transaction_id").head(1)
    bank.elsewhere.append(("transactions", "2024-03.parquet", first.with_columns(pl.col("amount") + amount)))


def test_the_same_ledger_again_is_not_read(checked: Checked) -> None:
    assert parts_read(*checked) == 0


def test_of_a_ledger_with_one_more_month_only_that_months_files_are_read(
    checked: Checked,
) -> None:
    bank, ledger, store = checked
    bank.months = 4
    assert parts_read(bank, ledger, store) == 3


def test_a_late_booking_has_its_months_file_read(checked: Checked) -> None:
    bank, ledger, store = checked
    bookings = bank.tables["transactions"]
    late = bookings.filter(pl.col("booked_on").dt.month() == 2).head(1)
    bank.tables["transactions"] = pl.concat([bookings, late.with_columns(transaction_id=pl.lit("late"))])
    assert parts_read(bank, ledger, store) == 1


@pytest.mark.parametrize("amount", [0.0, 1.0])
def test_a_key_that_stands_in_two_files_has_both_read_when_it_comes_and_when_it_goes(
    checked: Checked, amount: float
) -> None:
    bank, ledger, store = checked
    repeated(bank, amount)
    assert parts_read(bank, ledger, store) == 2
    assert parts_read(bank, ledger, store) == 0
    bank.elsewhere.clear()
    assert parts_read(bank, ledger, store) == 2


def test_an_account_that_goes_has_the_files_read_that_name_it(checked: Checked) -> None:
    bank, ledger, store = checked
    bookings, balances = bank.tables["transactions"], bank.tables["balances"]
    once = (
        bookings.filter(pl.col("booked_on").dt.month() == 2)["account_id"].value_counts().sort("count")["account_id"][0]
    )
    months = bookings.filter((pl.col("account_id") == once) & (pl.col("booked_on") <= bank.as_of))["booked_on"]
    of_balances = balances.filter((pl.col("account_id") == once) & (pl.col("month") <= bank.as_of))["month"]
    bank.tables["accounts"] = bank.tables["accounts"].filter(pl.col("account_id") != once)
    assert parts_read(bank, ledger, store) == months.dt.month().n_unique() + of_balances.n_unique()


def test_an_account_that_closes_after_all_that_is_booked_has_nothing_read(
    checked: Checked,
) -> None:
    bank, ledger, store = checked
    accounts = bank.tables["accounts"].with_columns(closed_on=pl.col("closed_on").fill_null(bank.as_of))
    bank.tables["accounts"] = accounts
    assert parts_read(bank, ledger, store) == 0


def test_rows_after_the_moment_are_read_once_the_moment_has_passed_them(checked: Checked) -> None:
    bank, ledger, store = checked
    found, _ = increment(ledger, dt.date(2024, 2, 29), FrameStore(copied(store)))
    assert found.parts_read == 3  # March, which was judged, is left out
    assert_as_whole(ledger, dt.date(2024, 2, 29), store)
    assert parts_read(bank, ledger, store) == 3


def test_other_terms_have_everything_read(checked: Checked) -> None:
    bank, ledger, store = checked
    found, _ = increment(ledger, bank.as_of, store, terms="other code")
    assert found.parts_read == found.parts == 9


def test_a_file_that_is_written_while_it_is_read_may_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, ledger = Bank(), tmp_path / "ledger"
    bank.write(ledger)
    before = Part.collect

    def collect(part: Part, query: pl.LazyFrame) -> pl.DataFrame:
        rows = before(part, query)
        if part.name == "2024-02.parquet" and part.path is not None:
            os.utime(part.path, ns=(1, 1))
        return rows

    monkeypatch.setattr(Part, "collect", collect)
    with pytest.raises(SourceError, match=r"must stay as they are while they are read. `2024-02.parquet` was written"):
        increment(ledger, bank.as_of, FrameStore(tmp_path / "shelf"))


def test_a_file_that_goes_while_it_is_read_may_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, ledger = Bank(), tmp_path / "ledger"
    bank.write(ledger)
    before = Part.collect

    def collect(part: Part, query: pl.LazyFrame) -> pl.DataFrame:
        if part.name == "2024-02.parquet" and part.path is not None:
            part.path.unlink(missing_ok=True)
        return before(part, query)

    monkeypatch.setattr(Part, "collect", collect)
    with pytest.raises(SourceError, match="cannot be read any more.\nHint: check that the folder is still there"):
        increment(ledger, bank.as_of, FrameStore(tmp_path / "shelf"))


@pytest.mark.parametrize("held", [0, 10**9])
def test_a_table_in_one_file_in_any_order_is_checked_a_chunk_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    bank, ledger, store = Bank(months=3), tmp_path / "ledger", FrameStore(tmp_path / "shelf")
    repeated(bank, 0.0)
    bank.write(ledger)
    rows = pl.concat([pl.read_parquet(file) for file in sorted((ledger / "transactions").glob("*.parquet"))])
    bad = rows.head(3).with_columns(amount=pl.lit(0.0))
    late = rows.tail(2).with_columns(booked_on=bank.as_of + dt.timedelta(days=1), transaction_id=pl.lit("late"))
    whole = pl.concat([rows, bad, rows[5:9], late]).sample(fraction=1.0, shuffle=True, seed=2)
    shutil.rmtree(ledger / "transactions")
    whole.write_parquet(ledger / "transactions.parquet", row_group_size=len(whole) // 7)
    monkeypatch.setattr(ledger_parts, "MOST_ROWS", len(whole) // 3)
    monkeypatch.setattr(long_check, "MOST_ROWS", held)
    monkeypatch.setattr(long_table, "MOST_ROWS", 0)
    assert_as_whole(ledger, bank.as_of, store)
    found, tables = increment(ledger, bank.as_of, store)
    assert (found.parts_read, found.quarantine["transactions"].height > 7) == (0, True)
    february = found.long["transactions"].rows(dt.date(2024, 2, 1), dt.date(2024, 2, 29))
    assert february.equals(tables["transactions"].filter(pl.col("booked_on").dt.month() == 2))


@pytest.mark.parametrize(("doubled", "times"), [(False, 1), (True, 2)])
def test_a_part_is_read_once_and_again_where_it_shares_a_key(
    checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, doubled: bool, times: int
) -> None:
    bank, ledger, _ = checked
    files = sorted((ledger / "transactions").glob("*.parquet"))
    if doubled:
        pl.read_parquet(files[0]).head(1).write_parquet(ledger / "transactions" / "again.parquet")
    asked: list[str] = []
    read = long_check.read_rows

    def counted(source: TableInput) -> pl.DataFrame:
        asked.append(f"{source.table.name} {source.parts[0].name}")
        return read(source)

    monkeypatch.setattr(long_check, "read_rows", counted)
    monkeypatch.setattr(long_check, "MOST_ROWS", 0)
    increment(ledger, bank.as_of, FrameStore(tmp_path / "anew"))
    fetched = 1  # by who asks for the rows afterwards
    counts = [asked.count(f"transactions {file.name}") for file in files[:2]]
    assert counts == [times + fetched, 1 + fetched]
