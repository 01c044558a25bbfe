"""Tables that people read on a terminal: headings and codes in words, numbers as every page writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from segment.numbers import MISSING, write_number
from segment.sentences import Sentences

_WORDS: Final[Mapping[str, str]] = {
    "tier": "words.tier.",
    "standing": "words.standing.",
    "sub_state": "service_plan.sub_state.",
    "channel": "sheet.channel.",
    "bundle": "sheet.bundle.",
    "bundles": "sheet.bundle.",
}
"""By column, where the words of its codes stand."""
_NAMES: Final = frozenset({"line", "number", "record", "rank", "version", "window_months", "year"})
"""Whole numbers that name something and count nothing."""


def heading(column: str, t: Sentences) -> str:
    """Say what stands in a column; columns of tiers are their tiers."""
    for key in (f"terminal.column.{column}", f"words.tier.{column}"):
        if t.knows(key):
            return t(key)
    return column.replace("_", " ")


def cell(column: str, value: Any, t: Sentences) -> str:
    """Write a cell."""
    if isinstance(value, bool):
        return t("words.yes" if value else "words.no")
    if isinstance(value, int | float):
        return _number(column, value)
    if isinstance(value, list):
        return ", ".join(_word(column, part, t) for part in value)
    return MISSING if value is None else _word(column, value, t)


def _number(column: str, value: float) -> str:
    if column.endswith(("share", "probability")):
        return write_number(value, "percent1")
    if isinstance(value, float):
        return write_number(value, "cents")
    return str(value) if column in _NAMES else write_number(value, "count")


def _word(column: str, value: object, t: Sentences) -> str:
    start = _WORDS.get(column)
    return t(f"{start}{value}") if start and t.knows(f"{start}{value}") else str(value)
