"""Numbers as people send them: what is none, or more than anybody means, is none."""

from __future__ import annotations

from math import isfinite
from typing import Final

_MOST_DIGITS: Final = 9


def whole_number(text: str) -> int | None:
    """Read a whole number from 0 on; it fits in any column, and a page of digits costs nothing."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def finite_number(text: str) -> float | None:
    """Read a number; `nan` and `inf` are words that compare with nothing."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
