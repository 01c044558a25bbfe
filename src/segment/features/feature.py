"""What a feature is: its name, what it means, who uses it, and how it is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from segment.features.recipes import Mean, Portion, Recipe, Sum, Trend, Variability

Use = Literal["future_value", "main_bank", "wallet", "clustering", "departures", "tiers", "audit", "lists"]
Source = Literal["months", "person", "bank"]
Uses = tuple[Use, ...]

MONEY = "currency"
MONEY_A_MONTH = "currency a month"


@dataclass(frozen=True)
class Feature:
    """One column of a snapshot."""

    name: str  # with its unit or period
    unit: str
    window_months: int | None  # looked back on; None where it is a state or the whole history
    meaning: str
    used_by: Uses
    # made from the customer's months, from the customer's record, or completed with the whole bank's figures
    source: Source = "months"
    recipe: Recipe | None = None  # None for features of the person


def sums(measure: str, months: Iterable[int], unit: str, meaning: str, used_by: Uses) -> list[Feature]:
    """Sums of a measure over some windows."""
    return [
        Feature(
            f"{measure}_{window}m", unit, window, f"{meaning}, sum of {_last(window)}.", used_by,
            recipe=Sum(measure, window),
        )
        for window in months
    ]  # fmt: skip


def means(measure: str, months: Iterable[int], meaning: str, used_by: Uses) -> list[Feature]:
    """Means of a balance over some windows."""
    return [
        Feature(
            f"{measure}_{window}m", MONEY, window, f"{meaning}, mean of {_last(window)}.", used_by,
            recipe=Mean(measure, window),
        )
        for window in months
    ]  # fmt: skip


def trends(measure: str, months: Iterable[int], unit: str, meaning: str, used_by: Uses) -> list[Feature]:
    """Changes of a measure between the last months and as many before."""
    return [
        Feature(
            f"{measure}_trend_{window}m", unit, 2 * window,
            f"{meaning}, monthly mean of {_last(window)} less that of the {window} before.", used_by,
            recipe=Trend(measure, window),
        )
        for window in months
    ]  # fmt: skip


def portion(name: str, parts: tuple[str, ...], whole: str, meaning: str, used_by: Uses, months: int = 12) -> Feature:
    """Sum of some measures over that of another."""
    return Feature(name, "share", months, meaning, used_by, recipe=Portion(parts, whole, months))


def variability(measure: str, words: str, used_by: Uses) -> Feature:
    """How much a measure moves from month to month."""
    meaning = f"{words}, standard deviation over the size of the mean of the last 12 months."
    return Feature(f"{measure}_variability_12m", "ratio", 12, meaning, used_by, recipe=Variability(measure, 12))


def _last(window: int) -> str:
    return "the month" if window == 1 else f"the last {window} months"
