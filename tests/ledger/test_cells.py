"""Cells as other programs leave them: each is read rightly, or told; none is wrong in silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl
import pytest

from segment.ledger import TABLES
from segment.ledger.input_notices import notices_of_inputs
from segment.ledger.parts import Part, TableInput
from segment.ledger.reading import TableReading, read
from segment.ledger.vocabulary import NULL_IDS, NULL_WORDS, SPREADSHEET_ERRORS
from tests.ledger.small_ledger import small_ledger


def reading(
    table: str, column: str, cells: list[object], dtype: pl.DataType | None = None, timezone: str | None = None
) -> TableReading:
    """A table read with other cells in the first rows of a column; the rest of it as it was, as text."""
    return read(source(table, column, cells, dtype, timezone))


def source(
    table: str, column: str, cells: list[object], dtype: pl.DataType | None = None, timezone: str | None = None
) -> TableInput:
    rows = small_ledger()[table].cast(pl.String)[: len(cells)]
    rows = rows.with_columns(pl.Series(column, cells, dtype=dtype))
    part = Part(table, rows.lazy(), rows.schema, declared=False, timezone=timezone)
    return TableInput(TABLES[table], (part,))


def notices(given: TableInput) -> dict[str, int]:
    table = given.table.name
    return {notice.name: notice.count for notice in notices_of_inputs({table: given}, {table: read(given).cells})}


def fault(given: TableReading) -> str:
    (told,) = given.faults
    return str(told)


@pytest.mark.parametrize("zone", ["Z", "z", "+00:00", " +00", "+0800", "-05:00", ".000Z", " UTC"])
def test_an_instant_in_text_has_a_day_in_the_bank_s_zone_only(zone: str) -> None:
    cells: list[object] = [f"2024-12-31T16:30:00{zone}", "2025-01-01"]
    told = fault(reading("transactions", "booked_on", cells))
    assert "has 1 instants with a time zone in `booked_on`" in told
    assert "set `timezone`" in told
    day = reading("transactions", "booked_on", cells, timezone="Asia/Shanghai").rows["booked_on"][0]
    assert day == (dt.date(2024, 12, 31) if zone == "+0800" else dt.date(2025, 1, 1))


@pytest.mark.parametrize("table", ["customers", "accounts", "balances", "contact_rules", "main_bank_labels"])
def test_instants_of_utc_are_a_fault_in_every_column_of_days(table: str) -> None:
    utc = pl.Datetime("us", "UTC")
    for column in TABLES[table].columns:
        if column.kind in ("date", "month"):
            cells: list[object] = [dt.datetime(2023, 1, 31, 23, tzinfo=dt.UTC)] * 2
            assert f"instants with a time zone in `{column.name}`" in fault(reading(table, column.name, cells, utc))
            days = reading(table, column.name, cells, utc, "Asia/Shanghai").rows[column.name]
            assert days.to_list() == [dt.date(2023, 2, 1)] * 2


def test_days_of_a_place_s_zone_are_told() -> None:
    shanghai = pl.Datetime("us", "Asia/Shanghai")
    given = source("transactions", "booked_on", [dt.datetime(2023, 1, 31, 23, tzinfo=dt.UTC)] * 2, shanghai)
    assert read(given).rows["booked_on"].to_list() == [dt.date(2023, 2, 1)] * 2
    assert notices(given) == {"booked_on_in_the_files_zone": 1}


@pytest.mark.parametrize("kind", [pl.Datetime("us"), None])
def test_instants_that_are_all_at_one_hour_may_be_another_zone_s_midnights(kind: pl.DataType | None) -> None:
    times = [dt.datetime(2023, 1, day, 16) for day in range(1, 9)]
    cells: list[object] = [*times] if kind else [str(time) for time in times]
    assert notices(source("transactions", "booked_on", cells, kind)) == {"booked_on_shifted": 8}
    midnights: list[object] = [time.replace(hour=0) for time in times]
    assert notices(source("transactions", "booked_on", midnights, pl.Datetime("us"))) == {}


@pytest.mark.parametrize(
    "cell",
    ["31.12.2025", "12/31/2025", "2025/12/31", "20251231", "45992", "1767139200", "1767139200000", "2025-13-01"]
    + ["2025年12月31日", "31-Dec-2025", "2025-12", "2025-12-31 24:00:00 x", "0000-00-00"],
)
def test_a_day_in_other_figures_is_no_day(cell: str) -> None:
    assert "needs an ISO date (YYYY-MM-DD) in `booked_on`" in fault(reading("transactions", "booked_on", [cell] * 3))


@pytest.mark.parametrize(
    "cell", ["1.234,56", "1,234.56", "12,50", "(12.50)", "12.50-", "1 234.5", "¥12", "12%", "1'000", "−5", "12.5 CNY"]
)
def test_a_number_in_other_signs_is_no_number(cell: str) -> None:
    assert "needs a number in `amount`" in fault(reading("transactions", "amount", [cell] * 3))


@pytest.mark.parametrize("word", [*NULL_WORDS, *(word.upper() for word in NULL_WORDS), " NaN "])
def test_words_for_nothing_are_empty_in_every_nullable_column_and_counted(word: str) -> None:
    for table, rows in small_ledger().items():
        for column in TABLES[table].columns:
            if column.nullable:
                given = source(table, column.name, [word, *rows[column.name].cast(pl.String)[1:]])
                read_again = read(given)
                assert read_again.faults == ()
                assert read_again.rows[column.name][0] is None
                assert read_again.rows[f"__unreadable_{column.name}"].sum() == 0
                assert notices(given) == {f"{column.name}_words_for_null": 1}


@pytest.mark.parametrize("word", NULL_IDS)
def test_words_for_nothing_are_nobody_s_id(word: str) -> None:
    rows = reading("customers", "customer_id", [word, "00001"]).rows
    assert rows["customer_id"].to_list() == [None, "00001"]
    assert reading("branches", "branch_id", ["NA", "B1"]).rows["branch_id"].to_list() == ["NA", "B1"]


@pytest.mark.parametrize("word", SPREADSHEET_ERRORS)
def test_a_formula_that_failed_is_no_text(word: str) -> None:
    rows = reading("customers", "household_id", [word.upper(), "H1"]).rows
    assert rows["household_id"].to_list() == [None, "H1"]
    assert rows["__unreadable_household_id"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([2.0**53, None, 7.0], pl.Float64()),
        ([-(2.0**53), 7.0, 8.0], pl.Float64()),
        ([2.0**24, 7.0, 8.0], pl.Float32()),
        (["6222021234567890123.0", "7.0"], None),
        (["6.22202E+18", "00001"], None),
        (["6,22202E+18", "00001"], None),
        (["6.222e18", "00001"], None),
    ],
)
@pytest.mark.parametrize(
    ("table", "column"),
    [("accounts", "account_id"), ("customers", "household_id"), ("transactions", "counterparty_bank"),
     ("contact_rules", "customer_id"), ("campaign_outcomes", "list_id")],
)  # fmt: skip
def test_ids_whose_last_digits_are_lost_are_a_fault(
    table: str, column: str, cells: list[object], dtype: pl.DataType | None
) -> None:
    told = fault(reading(table, column, cells, dtype))
    assert f"has 1 ids in `{column}` that are rounded numbers" in told
    assert "622" not in told


@pytest.mark.parametrize("make", [float, lambda number: f"{number}.0", lambda number: f" {number}.00 "])
def test_ids_that_went_through_floats_are_the_same_ids(make: Callable[[int], object]) -> None:
    cells = [make(number) for number in (1, 2**53 - 1, 9_999_999)]
    ids = reading("accounts", "account_id", cells, None if isinstance(cells[0], str) else pl.Float64()).rows
    assert ids["account_id"].to_list() == ["1", str(2**53 - 1), "9999999"]


@pytest.mark.parametrize("cell", ["1e5", "12e45", "3E2", "00123", "A-1", "6222021234567890123"])
def test_an_id_that_only_looks_like_a_number_is_kept(cell: str) -> None:
    assert reading("accounts", "account_id", [cell, "x"]).rows["account_id"][0] == cell


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["Y", "N"], [True, False]),
        (["Ja", "Nein"], [True, False]),
        (["是", "否"], [True, False]),
        (["1.0", "0.0"], [True, False]),
        (["ON", "off"], [True, False]),
        (["x", ""], [True, None]),
        (["yes", "NULL"], [True, None]),
    ],
)
def test_yes_and_no_are_read_in_the_words_that_banks_use(words: list[object], expected: list[bool | None]) -> None:
    assert reading("customers", "is_staff", words).rows["is_staff"].to_list() == expected


def test_a_word_that_is_neither_yes_nor_no_is_told() -> None:
    assert "needs true or false in `is_staff`" in fault(reading("customers", "is_staff", ["perhaps", None]))


def test_money_in_32_bits_is_told() -> None:
    assert notices(source("transactions", "amount", [12.5, 7.25], pl.Float32())) == {"amount_in_32_bits": 1}
