from __future__ import annotations

import datetime as dt

import polars as pl

from segment.ledger.increments.long_table import WholeTable


def test_a_whole_table_gives_the_rows_of_a_span() -> None:
    table = WholeTable(pl.DataFrame({"on": [dt.date(2025, 6, 1), dt.date(2025, 7, 1)]}), "on")
    assert (table.first_on, table.rows(dt.date(2025, 6, 1), dt.date(2025, 6, 30)).height) == (dt.date(2025, 6, 1), 1)
