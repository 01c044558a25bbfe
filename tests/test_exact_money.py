"""Sums of money are right to the cent, whatever their order and number."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.exact_money import LARGEST_EXACT, cents, cents_of_micros, from_cents, micros, total, total_of_cents

AMOUNTS = st.lists(st.integers(-(10**15), 10**15).map(lambda whole: whole / 100), max_size=60)


@given(AMOUNTS, st.randoms())
def test_the_order_changes_nothing_and_the_sum_is_the_decimal_one(amounts: list[float], random: object) -> None:
    expected = float(sum((Decimal(f"{amount:.2f}") for amount in amounts), Decimal(0)))
    for _ in range(3):
        random.shuffle(amounts)  # type: ignore[attr-defined]
        rows = pl.DataFrame({"amount": pl.Series(amounts, dtype=pl.Float64)})
        by_micros = rows.select(from_cents(cents_of_micros(micros(pl.col("amount")).sum()))).item()
        assert by_micros == total_of_cents(rows["amount"]) == total(rows["amount"]) == expected


@pytest.mark.parametrize(
    ("amount", "whole"), [(0.005, 1), (-0.005, -1), (0.004999, 0), (12.345, 1235), (-12.345, -1235), (0.0, 0)]
)
def test_halves_go_away_from_zero(amount: float, whole: int) -> None:
    assert pl.DataFrame({"x": [amount]}).select(cents_of_micros(micros(pl.col("x")))).item() == whole


def test_five_million_amounts_of_a_billion_miss_no_cent() -> None:
    count, amount = 5_000_000, Decimal("1000000000.07")
    rows = pl.DataFrame({"amount": [float(amount)] * count})
    whole = rows.select(cents_of_micros(micros(pl.col("amount")).sum())).item()
    assert whole == int(amount * count * 100)
    assert abs(Decimal(rows["amount"].to_numpy().cumsum()[-1]) - amount * count) > Decimal("0.25")  # as floats add up


def test_up_to_the_largest_exact_figure_each_cent_is_told_apart() -> None:
    rows = pl.DataFrame({"x": [LARGEST_EXACT - 0.01, LARGEST_EXACT]})
    assert rows.select(cents(pl.col("x")))["x"].to_list() == [2**53 - 1, 2**53]
