"""One way to write each kind of number: filters of the templates, and kinds that sentences name: `{share:percent1}`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

MISSING: Final = "–"

KINDS: Final[dict[str, Callable[[Any], str]]] = {
    "count": lambda value: f"{value:,}",
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
"""Both languages write numbers alike: commas between thousands, a point before decimals."""


def write_number(value: Any, kind: str) -> str:
    """Write a number as its kind is written; a missing one as a dash.

    Examples
    --------
    >>> write_number(1234.5, "money"), write_number(0.1234, "percent1"), write_number(None, "count")
    ('1,234', '12.3%', '–')
    """
    return MISSING if value is None or value != value else KINDS[kind](value)
