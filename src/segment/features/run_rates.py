"""Run rates: what each group of the accounting's lines brings a year if it goes on as in the last months."""

# A year's sum forecasts the next year badly where a balance has moved since, and a month's figure does where use goes
# up and down. Which window tells most differs from line to line and from bank to bank, so each group is shown at
# several, and the forecast learns how much to heed each.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from segment.contribution import line_names
from segment.dates import month_end
from segment.features.feature import Feature
from segment.features.recipes import History, ratio
from segment.features.windows import Floats

DAYS_A_YEAR: Final = 365.0
WINDOWS: Final = (1, 3, 6, 12)

GROUPS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "interest": (("net_interest",), "Net interest"),
    "risk": (("expected_loss", "write_offs", "recoveries"), "Loss on debts, negative"),
    "holdings": (("trail_fee_income", "capital_cost", "account_cost"), "Trail fees less capital and accounts' cost"),
    "fees": (("fee_income", "interchange_income", "commission_income"), "Fees and commissions as booked"),
    "service": (
        ("transaction_cost", "service_event_cost", "complaint_cost", "overhead_cost"),
        "Cost to serve, negative",
    ),
}
"""Lines that move together: with balances, with arrears, with what is held, with payments, with visits."""


@dataclass(frozen=True)
class RunRate:
    """Income less cost of some lines over the months observed, as of a year of 365 days."""

    # By days rather than by months: a February earns less interest than a March at the same balance.
    lines: tuple[str, ...]
    months: int

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers; missing where no month of the window was observed."""
        costs = line_names("cost")
        total = np.sum([(-1 if line in costs else 1) * history.sum(line, self.months) for line in self.lines], axis=0)
        observed = ~np.isnan(history.months(self.lines[0], self.months))
        last = history.cube.months[: history.end][-self.months :]
        days = observed @ np.array([month_end(month).day for month in last], dtype=np.float64)
        return ratio(total * DAYS_A_YEAR, days)


def run_rate_features() -> list[Feature]:
    """List the run rates."""
    # Returns list of Feature: `run_rate_<group>_<months>m`; those of one window add up to a year's contribution with
    # commissions as booked.
    return [
        Feature(
            f"run_rate_{group}_{months}m", "currency a year", months,
            f"{words}, {'the month' if months == 1 else f'the last {months} months'} taken for a year, day by day.",
            ("future_value",), recipe=RunRate(lines, months),
        )
        for group, (lines, words) in GROUPS.items()
        for months in WINDOWS
    ]  # fmt: skip
