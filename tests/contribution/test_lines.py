from __future__ import annotations

import polars as pl

from segment.contribution import (
    ACCOUNT_LINES,
    LINE_NAMES,
    LINES,
    PERSON_LINES,
    cost,
    direct_contribution,
    full_contribution,
    income,
)
from tests.contribution.small_bank import on_duckdb, on_polars


def test_every_line_is_an_account_s_or_a_person_s() -> None:
    assert set(ACCOUNT_LINES) | set(PERSON_LINES) == set(LINE_NAMES)


def test_income_stands_in_both_contributions() -> None:
    assert all(line.in_direct for line in LINES if line.side == "income")


def test_direct_leaves_out_fixed_account_cost_and_overhead_and_nothing_else() -> None:
    # lines 1, 2, 4, ... 2048: income 1+2+4+8+16 = 31, direct costs 32+...+512 = 992, all costs 32+...+2048 = 4064
    frame = pl.DataFrame({name: [float(2**position)] for position, name in enumerate(LINE_NAMES)})
    for lazily in (on_polars, on_duckdb):
        sums = lazily(frame).select(
            income=income(), cost=cost(), direct=direct_contribution(), full=full_contribution()
        )
        assert sums.collect("polars").rows() == [(31.0, 4064.0, 31.0 - 992.0, 31.0 - 4064.0)]
