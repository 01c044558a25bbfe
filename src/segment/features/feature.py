"""What a feature is: its name, what it means, who uses it, and how it is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from segment.features.recipes import Mean, Recipe, Sum, Trend

Use = Literal["future_value", "main_bank", "wallet", "clustering", "tiers", "audit", "lists"]
Source = Literal["months", "person", "bank"]
Uses = tuple[Use, ...]

MONEY = "currency"
MONEY_A_MONTH = "currency a month"


@dataclass(frozen=True)
class Feature:
    """One column of a snapshot.

    Attributes
    ----------
    name : str
        Column name, with its unit or period.
    unit : str
        Such as "currency", "months", "share".
    window_months : int or None
        Months looked back on; None where it is a state or the whole history.
    meaning : str
        One sentence.
    used_by : tuple of str
        Parts that may use it.
    source : {"months", "person", "bank"}
        Made from the customer's months, from the customer's record, or completed with the whole bank's figures.
    recipe : callable or None
        Makes it from the months up to the moment; None for features of the person.
    """

    name: str
    unit: str
    window_months: int | None
    meaning: str
    used_by: Uses
    source: Source = "months"
    recipe: Recipe | None = None


def sums(measure: str, months: Iterable[int], unit: str, meaning: str, used_by: Uses) -> list[Feature]:
    """Sums of a measure over some windows.

    Parameters
    ----------
    measure : str
        Of the cube.
    months : iterable of int
        Lengths of the windows.
    unit, meaning : str
        Of every one of them; the window is named behind the meaning.
    used_by : tuple of str
        Parts that may use them.

    Returns
    -------
    list of Feature
        Named `measure_<months>m`.
    """
    return [
        Feature(
            f"{measure}_{window}m", unit, window, f"{meaning}, sum of {_last(window)}.", used_by,
            recipe=Sum(measure, window),
        )
        for window in months
    ]  # fmt: skip


def means(measure: str, months: Iterable[int], meaning: str, used_by: Uses) -> list[Feature]:
    """Means of a balance over some windows.

    Parameters
    ----------
    measure : str
        Of the cube.
    months : iterable of int
        Lengths of the windows.
    meaning : str
        Of every one of them.
    used_by : tuple of str
        Parts that may use them.

    Returns
    -------
    list of Feature
        Named `measure_<months>m`.
    """
    return [
        Feature(
            f"{measure}_{window}m", MONEY, window, f"{meaning}, mean of {_last(window)}.", used_by,
            recipe=Mean(measure, window),
        )
        for window in months
    ]  # fmt: skip


def trends(measure: str, months: Iterable[int], unit: str, meaning: str, used_by: Uses) -> list[Feature]:
    """Changes of a measure between the last months and as many before.

    Parameters
    ----------
    measure : str
        Of the cube.
    months : iterable of int
        Lengths of each of the two windows.
    unit, meaning : str
        Of every one of them.
    used_by : tuple of str
        Parts that may use them.

    Returns
    -------
    list of Feature
        Named `measure_trend_<months>m`.
    """
    return [
        Feature(
            f"{measure}_trend_{window}m", unit, 2 * window,
            f"{meaning}, monthly mean of {_last(window)} less that of the {window} before.", used_by,
            recipe=Trend(measure, window),
        )
        for window in months
    ]  # fmt: skip


def _last(window: int) -> str:
    return "the month" if window == 1 else f"the last {window} months"
