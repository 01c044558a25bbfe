from __future__ import annotations

import datetime as dt

import polars as pl

from segment.ledger.day_sums import add_sums, day_sums, digest, with_hashes


def test_the_order_of_days_does_not_change_the_hash() -> None:
    rows = pl.DataFrame({"on": [dt.date(2025, 6, 1), dt.date(2025, 6, 2)], "amount": [1.0, 2.0]})
    days = day_sums(with_hashes(rows, rows.columns), "on")
    june = dt.date(2025, 6, 1), dt.date(2025, 6, 30)
    assert digest(days, *june) == digest(pl.concat([days[1:], days[:1]]), *june)


def test_sums_wrap_at_64_bits() -> None:
    assert add_sums([(1, 2**64 - 1), (1, 1)]) == (2, 0)
