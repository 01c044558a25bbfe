"""Behaviour in plain words: coarse habits that anyone at the counter may know, never single events or persons."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "digital_share_12m": ("rarely digital", "mostly digital"),
    "manual_share_12m": ("little counter or phone", "mostly counter or phone"),
    "initiated_events_12m": ("quiet", "busy"),
    "product_families": ("few products", "many products"),
    "deposits_12m": ("small deposits", "large deposits"),
    "debt_12m": ("little borrowed", "much borrowed"),
    "signal_salary_months": ("no salary here", "salary paid here"),
}
"""What little and what much of a column is called."""


def words(column: str, sign: int) -> str:
    """Return what little or much of a column is called.

    Parameters
    ----------
    column : str
    sign : int
        Negative: little of it. Positive: much.

    Returns
    -------
    str
        `low` or `high` and the column's name where there are no words of its own.

    Examples
    --------
    >>> words("digital_share_12m", 1), words("visits_12m", -1)
    ('mostly digital', 'low visits 12m')
    """
    plain = column.replace("_", " ")
    little, much = WORDS.get(column, (f"low {plain}", f"high {plain}"))
    return much if sign > 0 else little
