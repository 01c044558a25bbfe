"""What a simpler forecast may know: snapshots, and each customer's contribution month by month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import polars as pl

from segment.arrays import Floats

MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class KnownHistory:
    """What is known of some customers on their date, and nothing after it."""

    # `months` (n, m): Contribution of each month, the newest last, the last one being that of the row's date; NaN in
    # months in which the customer was not here. May be empty, (n, 0), where no forecast asks for it.
    snapshot: pl.DataFrame
    months: Floats
    features: list[str]
    horizon_months: int = MONTHS_A_YEAR

    def column(self, name: str) -> Floats:
        """A column of the snapshot, zero where it is missing."""
        return self.snapshot[name].cast(pl.Float64).fill_null(0.0).fill_nan(0.0).to_numpy()

    def numbers(self) -> Floats:
        """The features, of shape (n, features), NaN where they are missing."""
        chosen = self.snapshot.select(pl.col(name).cast(pl.Float64) for name in self.features)
        return chosen.fill_null(float("nan")).to_numpy()


class Forecast(Protocol):
    """A forecast of the next twelve months' contribution."""

    name: str

    def fit(self, history: KnownHistory, y: Floats) -> Self:
        """Learn from past dates, where there is anything to learn."""

    def predict(self, history: KnownHistory) -> Floats:
        """Mean of the next twelve months, in book currency."""
