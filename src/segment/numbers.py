"""One way to write each kind of number: filters of the templates, and kinds that sentences name: `{share:percent1}`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, Self

from babel.dates import format_date

from segment.statistics import STANDARD_ERROR

MISSING: Final = "–"

KINDS: Final[dict[str, Callable[[Any], str]]] = {
    "count": lambda value: f"{value:,.0f}",
    "year_month": lambda value: f"{value:%Y-%m}",
    "money": lambda value: f"{value:,.0f}",
    "signed_money": lambda value: f"{value:+,.0f}",
    "cents": lambda value: f"{value:,.2f}",
    "percent": lambda value: f"{value:.0%}",
    "percent1": lambda value: f"{value:.1%}",
    "percent4": lambda value: f"{value:.4%}",
    "percent2": lambda value: f"{value:.2%}",
    "signed_percent": lambda value: f"{value:+.1%}",
    "percent_points": lambda value: f"{100 * value:.1f}",
    "signed_points": lambda value: f"{100 * value:+.1f}",
    "ratio": lambda value: f"{value:.2f}",
    "figure": lambda value: f"{value:,.1f}" if abs(value) >= 100 else f"{value:,.3f}",
    "signed_figure": lambda value: f"{value:+.3f}",
    "signed_fine": lambda value: f"{value:+.4f}",
    "score": lambda value: f"{value:.4f}",
    "plain": lambda value: f"{value:g}",
    "p_value": lambda value: f"{value:.3f}" if value >= 0.001 else "<0.001",
    "scientific": lambda value: f"{value:.1e}",
}
"""Both languages write these alike: commas between thousands, a point before decimals, a month as 2026-01."""


DATES: Final[dict[str, dict[str, str]]] = {
    "day": {"en": "d MMMM", "zh": "M月d日"},
    "month": {"en": "MMMM", "zh": "M月"},
}
"""A date in words, without its year: of what happened lately, or will soon."""


class FigureWithError(float):
    """A figure whose standard error is written behind it, with as many decimals: `0.933 ± 0.004`."""

    error: float

    def __new__(cls, value: float, error: float) -> Self:
        """Put the error beside the figure."""
        figure = super().__new__(cls, value)
        figure.error = error
        return figure

    def __format__(self, form: str) -> str:
        """Write both in one form; an error has no sign."""
        return f"{float(self):{form}} ± {self.error:{form.lstrip('+')}}"


def measured(figures: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put each figure and its standard error into one, where it has one.

    Examples
    --------
    >>> found = measured({"mae": 480.04, "mae_standard_error": 12.31, "rows": 7})
    >>> [write_number(value, "figure") for value in found.values()]
    ['480.0 ± 12.3', '7.000']
    """
    errors = {name: figures.get(f"{name}{STANDARD_ERROR}", figures.get(f"{name}_error")) for name in figures}
    known = {name: error for name, error in errors.items() if error is not None and isfinite(error)}
    beside = {f"{name}{end}" for name in known for end in (STANDARD_ERROR, "_error")}
    return {
        name: FigureWithError(value, known[name]) if name in known and value is not None else value
        for name, value in figures.items()
        if name not in beside
    }


def write_number(value: Any, kind: str) -> str:
    """Write a number as its kind is written; a missing one as a dash.

    Examples
    --------
    >>> write_number(1234.5, "money"), write_number(0.1234, "percent1"), write_number(None, "count")
    ('1,234', '12.3%', '–')
    """
    return MISSING if value is None or value != value else KINDS[kind](value)


def write_date(value: dt.date, kind: str, language: str) -> str:
    """Write a date as a reader of the language says it.

    Examples
    --------
    >>> day = dt.date(2026, 1, 14)
    >>> write_date(day, "day", "en"), write_date(day, "month", "en"), write_date(day, "day", "zh")
    ('14 January', 'January', '1月14日')
    """
    return format_date(value, DATES[kind][language], locale=language)
