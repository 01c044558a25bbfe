"""Sums of money that are right to the cent: added as whole numbers, whatever their order and number.

A float64 tells cents apart up to 2**53 cents, about 9e13, and a sum of floats far earlier loses some of them.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

LARGEST_EXACT = 2**53 / 100
"""Up to here a figure in a float64 column is exact to the cent."""

Figures = TypeVar("Figures", pl.Expr, NDArray[np.float64])

DECIMALS = 6
"""Figures of customer months are stored to so many."""

ROUNDING = 1e-9
"""Of a sum: bookings that are added in another order give other last digits, and decide nothing by them."""

_NOISE_DECIMALS = 9  # what a sum holds beyond these is the order it was added in
_MICROS = 10**DECIMALS
_MICROS_OF_A_CENT = 10_000


def rounded(figures: Figures) -> Figures:
    """Round sums to `DECIMALS`, so that the order in which they were added leaves no trace."""
    # a half of the last decimal would else go up or down by bits that follow from the order; 0.0 instead of -0.0, so
    # that equal figures are equal bytes
    return figures.round(_NOISE_DECIMALS).round(DECIMALS) + 0.0


def micros(amounts: pl.Expr) -> pl.Expr:
    """Amounts to six decimals as whole millionths."""
    return (rounded(amounts) * _MICROS).round().cast(pl.Int128)


def cents(amounts: pl.Expr) -> pl.Expr:
    """Amounts as whole cents."""
    return (amounts * 100).round().cast(pl.Int128)


def cents_of_micros(whole: pl.Expr) -> pl.Expr:
    """Whole millionths as whole cents, halves away from zero."""
    halves_up = (whole.abs() + _MICROS_OF_A_CENT // 2) // _MICROS_OF_A_CENT
    return pl.when(whole < 0).then(halves_up * -1).otherwise(halves_up)


def from_cents(whole: pl.Expr) -> pl.Expr:
    """Whole cents as an amount."""
    return whole.cast(pl.Float64) / 100


def total_of_cents(amounts: pl.Series) -> float:
    """Add up amounts that are given to the cent."""
    whole = amounts.drop_nulls().to_frame().select(cents(pl.first()).sum()).item()
    return int(whole or 0) / 100


def total(amounts: pl.Series) -> float:
    """Add up amounts of any number of decimals, and round the exact sum once, to the cent."""
    return round(math.fsum(amounts.drop_nulls().to_list()), 2) + 0.0
