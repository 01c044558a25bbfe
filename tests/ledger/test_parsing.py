from __future__ import annotations

import polars as pl

from segment.ledger.parsing import parse_column
from segment.ledger.schema import Column


def test_a_cell_that_does_not_parse_is_null() -> None:
    amount = Column("amount", "number", "")
    cells = pl.DataFrame({"amount": ["1.50", "x"]})
    assert cells.select(parse_column(amount, pl.String(), declared=False))["amount"].to_list() == [1.5, None]
    assert parse_column(amount, pl.String(), declared=True) is None
