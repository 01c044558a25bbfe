"""What is seen at a glance is what a close look finds."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.ledger.clean_cells import as_they_are
from segment.ledger.contract import TABLES
from segment.ledger.parsing import filled, parse_column
from segment.ledger.schema import Column
from segment.ledger.vocabulary import NULL_WORDS, SPREADSHEET_ERRORS

COLUMNS = [column for table in TABLES.values() for column in table.columns]
CELLS = (
    "A1",
    "00007",
    "12.0",
    "1e5",
    "6.2E+18",
    "-1.5",
    "nan",
    "inf",
    " 7",
    "",
    "2025-01-31",
    "+2025-1-31",
    "2025-1-31",
)
ODD = st.sampled_from(
    [*CELLS, *NULL_WORDS, *SPREADSHEET_ERRORS, "salary", "counter", "一", "a\u00a0b", "Null", "2025-13-01"]
)


@given(st.sampled_from(COLUMNS), st.lists(st.none() | ODD, min_size=1, max_size=4))
def test_a_glance_that_suffices_is_a_close_look(column: Column, cells: list[str | None]) -> None:
    text = pl.DataFrame({column.name: pl.Series(cells, dtype=pl.String)})
    glance = as_they_are(column, text[column.name])
    if glance is not None:
        looked = parse_column(column, pl.String(), declared=False)
        assert looked is not None
        assert glance.equals(text.select(looked).to_series(), null_equal=True)
        assert text.select(filled(column, pl.String()) & looked.is_null()).to_series().sum() == 0


@pytest.mark.parametrize("cells", [["T1", "T-2_x"], ["T1", None]])
def test_plain_ids_need_no_close_look(cells: list[str | None]) -> None:
    assert as_they_are(TABLES["transactions"].column("transaction_id"), pl.Series(cells)) is not None


@pytest.mark.parametrize("odd", [" T1", "NULL", "12.0", "", "T\u30001", "6E+18", "#REF!"])
def test_one_odd_id_has_the_column_looked_at(odd: str) -> None:
    assert as_they_are(TABLES["transactions"].column("transaction_id"), pl.Series(["T-1", odd])) is None


def test_days_and_numbers_in_text_are_read_at_a_glance() -> None:
    days = as_they_are(TABLES["transactions"].column("booked_on"), pl.Series(["2025-01-31", "2025-01-31"]))
    amounts = as_they_are(TABLES["transactions"].column("amount"), pl.Series(["-1.50", None]))
    assert days is not None
    assert days.to_list() == [dt.date(2025, 1, 31)] * 2
    assert amounts is not None
    assert amounts.to_list() == [-1.5, None]
