from __future__ import annotations

import polars as pl

from segment.contribution import ACCOUNT_LINES, LINE_NAMES, LINES, cost, full_contribution
from segment.contribution.lines import PERSON_LINES, income
from tests.contribution.small_bank import direct_contribution, on_duckdb, on_polars


def test_every_line_is_an_account_s_or_a_person_s() -> None:
    assert set(ACCOUNT_LINES) | set(PERSON_LINES) == set(LINE_NAMES)


def test_income_stands_in_both_contributions() -> None:
    assert all(line.in_direct for line in LINES if line.side == "income")


def test_direct_leaves_out_fixed_account_cost_and_overhead_and_nothing_else() -> None:
    # lines 1, 2, 4, ... 8192: income 1+...+32 = 63, direct costs 64+...+2048 = 4032, all costs 64+...+8192 = 16320
    frame = pl.DataFrame({name: [float(2**position)] for position, name in enumerate(LINE_NAMES)})
    for lazily in (on_polars, on_duckdb):
        sums = lazily(frame).select(
            income=income(), cost=cost(), direct=direct_contribution(), full=full_contribution()
        )
        assert sums.collect("polars").rows() == [(63.0, 16320.0, 63.0 - 4032.0, 63.0 - 16320.0)]
