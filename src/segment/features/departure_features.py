"""Features of departures: a customer's last months against their own usual ones."""

from __future__ import annotations

from segment.features.derived import MAIN_ACCOUNT
from segment.features.feature import MONEY, Feature, Uses, sums
from segment.features.recipes import FallingMonths, Relative, Sum

_USES: Uses = ("departures",)

FALL = 0.05
"""Part of itself by which a balance must be less than a month before to count as falling."""

MEASURES: dict[str, tuple[str, tuple[int, ...], float]] = {
    "salary_income": ("Salaries and pensions", (1, 3), 100.0),
    "external_inflow": ("Money from outside", (1, 3), 100.0),
    "bill_types": ("Bills paid", (1, 3), 0.5),
    "spend": ("Card payments", (1, 3), 20.0),
    "initiated_events": ("Events that the customer began", (1, 3), 1.0),
    "digital_events": ("Mobile and online events", (1,), 1.0),
    "deposits": ("Deposits", (1, 3), 100.0),
    "wealth": ("Assets under management", (1,), 100.0),
}
"""What is compared: words, months, and the least usual figure a month that anything is compared with."""


def departure_features() -> list[Feature]:
    """List the features that only departures read."""
    return [
        *(_relative(measure, window) for measure, (_, windows, _) in MEASURES.items() for window in windows),
        Feature(
            "deposits_falling_months", "months", 3,
            f"Months in a row, 3 at most, in which deposits fell by {FALL:.0%} or more.", _USES,
            recipe=FallingMonths("deposits", FALL),
        ),
        Feature(
            "main_account_months_12m", "months", 12,
            "Months of the last 12 in which income came in from outside and bills or card payments went out.", _USES,
            recipe=Sum(MAIN_ACCOUNT, 12),
        ),
        *sums("complaint_cost", (3,), MONEY, "Cost of complaints", _USES),
    ]  # fmt: skip


def _relative(measure: str, window: int) -> Feature:
    words, _, least = MEASURES[measure]
    last = "of the month" if window == 1 else f"a month of the last {window}"
    return Feature(
        f"{measure}_{window}m_of_usual", "ratio", 12 + window,
        f"{words} {last} over the mean of the 12 months before.", _USES, recipe=Relative(measure, window, least),
    )  # fmt: skip
