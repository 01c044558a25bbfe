from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from segment.ledger.contract import TABLES
from segment.ledger.day_sums import day_sums, with_hashes
from segment.ledger.increments import long_table
from segment.ledger.increments.long_table import PartedTable, WholeTable

TABLE = TABLES["service_events"]


def test_a_whole_table_gives_the_rows_of_a_span() -> None:
    table = WholeTable(pl.DataFrame({"on": [dt.date(2025, 6, 1), dt.date(2025, 7, 1)]}), "on")
    assert (table.first_on, table.rows(dt.date(2025, 6, 1), dt.date(2025, 6, 30)).height) == (dt.date(2025, 6, 1), 1)


@pytest.mark.parametrize(("most_rows", "fetches"), [(1_000, 4), (0, 4)])
def test_parts_in_any_order_give_the_rows_of_each_month_and_are_fetched_once(
    monkeypatch: pytest.MonkeyPatch, most_rows: int, fetches: int
) -> None:
    monkeypatch.setattr(long_table, "MOST_ROWS", most_rows)
    days = [dt.date(2025, month, day) for month in range(1, 13) for day in (1, 15, 28)]
    whole = pl.DataFrame(
        {"event_id": [f"E{number:02}" for number in range(36)], "occurred_on": days, "customer_id": ["C"] * 36}
    )
    whole = pl.concat([pl.DataFrame(schema=TABLE.schema), whole], how="diagonal").select(TABLE.schema.names())
    parts = [whole.sample(fraction=1.0, shuffle=True, seed=4)[number::4] for number in range(4)]
    sums = {number: day_sums(with_hashes(rows, rows.columns), "occurred_on") for number, rows in enumerate(parts)}
    asked: list[int] = []

    def fetch(number: int) -> pl.DataFrame:
        asked.append(number)
        return parts[number]

    table = PartedTable(TABLE, sums, fetch)
    for month in range(1, 12):
        first, last = dt.date(2025, month, 15), dt.date(2025, month + 1, 14)
        within = whole.filter(pl.col("occurred_on").is_between(first, last))
        assert table.rows(first, last).equals(TABLE.in_one_order(within))
        chosen = pl.col("occurred_on").dt.day() > 20
        assert table.rows(first, last, chosen).equals(TABLE.in_one_order(within.filter(chosen)))
    assert len(asked) == fetches


def test_parts_that_are_made_narrow_come_in_the_same_order() -> None:
    days = [dt.date(2025, month, day) for month in (1, 2) for day in range(1, 29)]
    given = {"event_id": [f"E{number:02}" for number in range(56)], "occurred_on": days, "customer_id": ["C", "D"] * 28}
    whole = pl.concat([pl.DataFrame(schema=TABLE.schema), pl.DataFrame(given)], how="diagonal")
    parts = [whole.select(TABLE.schema.names())[number::3] for number in range(3)]
    sums = {number: day_sums(with_hashes(rows, rows.columns), "occurred_on") for number, rows in enumerate(parts)}
    table, span = PartedTable(TABLE, sums, parts.__getitem__), (dt.date(2025, 1, 20), dt.date(2025, 2, 10))

    def narrow(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.drop("event_id")

    as_they_are = table.rows(*span)
    assert table.rows(*span, made=narrow).equals(narrow(as_they_are))
    assert table.rows(*span).equals(as_they_are)
    nothing = table.rows(dt.date(2026, 1, 1), dt.date(2026, 1, 31), made=narrow)
    assert nothing.schema == narrow(as_they_are).schema
