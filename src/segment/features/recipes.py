"""How a feature is made from the months up to a date. Each recipe sees those months and nothing after them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from segment.exact_money import rounded
from segment.features.cube import Cube
from segment.features.windows import Counts, Floats, cumulative, window_at

VARIABILITY_LEAST_MONTHS = 6

LEAST_USUAL = 3.0
"""Months on record from which a customer's own usual figure is known."""


@dataclass
class History:
    """A bucket's months up to a date."""

    cube: Cube
    totals: Floats  # with `counts`, what `cumulative` returns for the cube
    counts: Counts
    end: int  # number of months up to the date; later ones are out of sight
    _windows: dict[tuple[int, int], tuple[Floats, Counts]] = field(default_factory=dict)

    def sum(self, measure: str, months: int, before: int = 0) -> Floats:
        """Sum of a measure over a window that ends `before` months before the date; NaN if none is observed."""
        return self._window(months, before)[0][:, self.cube.measures.index(measure)]

    def observed(self, measure: str, months: int, before: int = 0) -> Floats:
        """Months of the window in which the measure was observed."""
        return self._window(months, before)[1][:, self.cube.measures.index(measure)].astype(np.float64)

    def mean(self, measure: str, months: int, before: int = 0) -> Floats:
        """Mean over the months observed; NaN if none is."""
        return ratio(self.sum(measure, months, before), self.observed(measure, months, before))

    def months(self, measure: str, months: int | None = None) -> Floats:
        """Values of the last months, all of them by default, oldest first."""
        first = 0 if months is None else max(self.end - months, 0)
        return self.cube[measure][:, first : self.end]

    def _window(self, months: int, before: int) -> tuple[Floats, Counts]:
        if (months, before) not in self._windows:
            sums, observed = window_at(self.totals, self.counts, self.end - before, months)
            # the customer months are rounded alike, so this takes away what subtraction leaves behind and no more
            self._windows[months, before] = (rounded(sums), observed)
        return self._windows[months, before]


Recipe = Callable[[History], Floats]


def histories(cube: Cube, ends: list[int]) -> list[History]:
    """See a cube as of several dates; the cumulative sums are made once."""
    totals, counts = cumulative(cube.values)
    return [History(cube, totals, counts, end) for end in ends]


def ratio(part: Floats, whole: Floats, least: Floats | float = 0.0) -> Floats:
    """Divide, and say nothing where the whole is zero, negative, or less than `least`."""
    enough = (whole > 0.0) & (whole >= least)
    return np.where(enough, part / np.where(enough, whole, 1.0), np.nan)


@dataclass(frozen=True)
class Sum:
    """Sum over the months observed."""

    measure: str
    months: int
    before: int = 0

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        return history.sum(self.measure, self.months, self.before)


@dataclass(frozen=True)
class Mean:
    """Mean over the months observed."""

    measure: str
    months: int

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        return history.mean(self.measure, self.months)


@dataclass(frozen=True)
class Trend:
    """Mean of the last months less the mean of as many before them."""

    measure: str
    months: int

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        return history.mean(self.measure, self.months) - history.mean(self.measure, self.months, self.months)


@dataclass(frozen=True)
class Variability:
    """Standard deviation over the size of the mean; missing under six months observed or where the mean is zero."""

    measure: str
    months: int

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        observed = history.observed(self.measure, self.months)
        mean = history.mean(self.measure, self.months)
        squares = np.nansum((history.months(self.measure, self.months) - mean[:, None]) ** 2, axis=1)
        enough = observed >= VARIABILITY_LEAST_MONTHS
        deviation = np.sqrt(squares / np.where(enough, observed, 1.0))
        size = np.abs(mean)
        defined = enough & (size >= 0.01)
        return np.where(defined, deviation / np.where(defined, size, 1.0), np.nan)


@dataclass(frozen=True)
class Recency:
    """Months since the measure last differed from zero, 0 for the date's own month; missing where it never did."""

    measure: str

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        happened = np.nan_to_num(history.months(self.measure)) != 0.0
        since = np.argmax(happened[:, ::-1], axis=1).astype(np.float64)
        return np.where(happened.any(axis=1), since, np.nan)


@dataclass(frozen=True)
class RecencyOrObserved:
    """As `Recency`; where the measure was always zero, the months observed: it is that long at least."""

    measure: str

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        since = Recency(self.measure)(history)
        return np.where(np.isnan(since), history.observed(self.measure, history.end), since)


@dataclass(frozen=True)
class Portion:
    """Sum of some measures over the sum of another; missing where that is not positive."""

    parts: tuple[str, ...]
    whole: str
    months: int

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        part = np.sum([history.sum(measure, self.months) for measure in self.parts], axis=0)
        return ratio(part, history.sum(self.whole, self.months))


@dataclass(frozen=True)
class Typical:
    """Geometric mean of sizes, from the sum of their logarithms and their number; missing below `least`."""

    logs: str
    number: str
    months: int
    least: float = 3.0

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        return np.exp(ratio(history.sum(self.logs, self.months), history.sum(self.number, self.months), self.least))


@dataclass(frozen=True)
class Net:
    """Sum of one measure less the sum of another."""

    measure: str
    less: str
    months: int

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        return history.sum(self.measure, self.months) - history.sum(self.less, self.months)


@dataclass(frozen=True)
class Most:
    """Largest monthly value; missing where none was observed."""

    measure: str
    months: int

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        values = history.months(self.measure, self.months)
        most = np.max(np.where(np.isnan(values), -np.inf, values), axis=1, initial=-np.inf)
        return np.where(np.isinf(most), np.nan, most)


@dataclass(frozen=True)
class MonthsObserved:
    """Months in which the customer was here."""

    measure: str = "contribution"

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        return history.observed(self.measure, history.end)


@dataclass(frozen=True)
class Relative:
    """Mean of the last months over the customer's own mean of the months before; missing where that is too little."""

    measure: str
    months: int
    least: float
    before: int = 12
    most: float = 3.0

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        usual = history.mean(self.measure, self.before, self.months)
        usual = np.where(history.observed(self.measure, self.before, self.months) >= LEAST_USUAL, usual, np.nan)
        return np.clip(ratio(history.mean(self.measure, self.months), usual, self.least), 0.0, self.most)


@dataclass(frozen=True)
class FallingMonths:
    """Months in a row, up to the date and three at most, in which a balance fell by a part of itself."""

    measure: str
    by: float
    most: int = 3

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        values = history.months(self.measure, self.most + 1)
        falling = values[:, 1:] <= (1.0 - self.by) * np.where(values[:, :-1] > 0.0, values[:, :-1], -np.inf)
        in_a_row = np.cumprod(falling[:, ::-1], axis=1).sum(axis=1).astype(np.float64)
        return np.where(np.isnan(history.sum(self.measure, 1)), np.nan, in_a_row)
