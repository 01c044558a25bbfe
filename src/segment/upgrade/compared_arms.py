"""What was measured of the two arms of some people, beside what was expected of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.arrays import Flags, Floats

LEAST_HOUSEHOLDS = 2
"""Of an arm that is compared."""


class Difference(Protocol):
    """What assignment to the contact arm changed, with its 95 % interval."""

    @property
    def estimate(self) -> float: ...  # noqa: D102
    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102
    @property
    def standard_error(self) -> float: ...  # noqa: D102


class MeasureDifference(Protocol):
    """Compares the arms within each stratum, as `segment.effects.intention.share_effect` does."""

    def __call__(
        self, moved: Floats, treated: Flags, *, group: NDArray[np.generic], stratum: NDArray[np.generic]
    ) -> Difference:
        """Measure the difference of the shares that moved."""
        ...


@dataclass(frozen=True)
class Cell:
    """What was measured of some people, beside what was expected of them."""

    value: str
    promise: float  # The policy's mean chance of somebody who has something to move
    expected: float  # Mean of those to be contacted
    found: Difference

    @classmethod
    def of(cls, rows: pl.DataFrame, value: str, difference: MeasureDifference) -> Cell | None:
        """Compare the arms; nothing where one of them is too small, or nothing was expected."""
        compared = comparable(rows)
        asked = compared.filter("treated").select(pl.col("promise", "expected").mean())
        promise, expected = asked.row(0)
        if not expected:
            return None
        found = difference(
            compared["moved"].cast(pl.Float64).to_numpy(),
            compared["treated"].to_numpy(),
            group=compared["household"].to_numpy(),
            stratum=compared["programme"].to_numpy(),
        )
        return cls(value, promise, expected, found)

    @property
    def ratio(self) -> float:
        """What was measured, as a share of what was expected."""
        return self.found.estimate / self.expected

    @property
    def error(self) -> float:
        """Standard error of the ratio."""
        return self.found.standard_error / self.expected


def comparable(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the programmes that have people of both arms among them."""
    arms = rows.group_by("programme", maintain_order=True).agg(
        pl.col("household").filter("treated").n_unique().alias("asked"),
        pl.col("household").filter(~pl.col("treated")).n_unique().alias("control"),
    )
    enough = arms.filter(pl.min_horizontal("asked", "control") >= LEAST_HOUSEHOLDS)["programme"]
    return rows.filter(pl.col("programme").is_in(enough.implode()))
