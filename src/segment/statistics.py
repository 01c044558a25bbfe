"""Statistics that several rooms need: corrections for many tests, intervals by drawing again, cut tails."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from segment.arrays import Flags, Floats, Integers

RESAMPLES = 500
FOR_STANDARD_ERRORS: Final = 200
LEAST_RESAMPLES, MOST_DRAWN, MOST_AT_A_TIME = 50, 20_000_000, 2_000_000
LEVEL, ONE_ERROR = 0.95, (0.1587, 0.8413)
STANDARD_ERROR: Final = "_standard_error"
"""Behind the name of a figure: its standard error over resamples of customers."""

Method = Literal["weibull", "linear"]

Counts = Floats | None
"""How often each row counts, of shape (resamples, rows); None: once."""

Key = TypeVar("Key", bound=Hashable)


class Interval(NamedTuple):
    """A figure and the ends of its interval."""

    # value, low, high: The figure of the customers as they are, and percentiles of it over the resamples; NaN where
    # it has no meaning.
    value: float
    low: float
    high: float


def holm(p_values: Sequence[float]) -> list[float]:
    """Raise p-values for the number of tests, so that one false find among all stays as rare as promised."""
    # Returns list of float: In the same order; NaN is a test that was not made.
    # Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6,
    # 1979.
    raised = np.array(p_values, dtype=np.float64)
    made = np.flatnonzero(~np.isnan(raised))
    order = made[np.argsort(raised[made], kind="stable")]
    steps = np.maximum.accumulate(raised[order] * np.arange(len(order), 0, -1))
    raised[order] = np.minimum(steps, 1.0)
    return [float(p) for p in raised]


def winsorised(values: Floats, quantile: float) -> Floats:
    """Cut both tails at a quantile, so that a few customers do not decide a mean."""
    return np.clip(values, *np.quantile(values, [1.0 - quantile, quantile]))


def pooled_median(figures: ArrayLike, usual: float, weighs: float) -> float:
    """Take the median of positive figures, drawn to what is usual elsewhere, which weighs as many figures as given."""
    # A geometric mean: figures of money differ by factors. Figures that are not positive count for nothing.
    known = np.asarray(figures, dtype=np.float64)
    known = known[known > 0.0]
    return pooled(float(np.median(known)) if len(known) else 0.0, len(known), usual, weighs)


def pooled(median: float, count: int, usual: float, weighs: float) -> float:
    """Draw the median of some positive figures to what is usual elsewhere."""
    if not count or usual <= 0.0:
        return median if count else usual
    weight = count / (count + weighs)
    return float(median**weight * usual ** (1.0 - weight))


def known_quantiles(drawn: ArrayLike, chances: tuple[float, float] = (0.025, 0.975)) -> tuple[float, float]:
    """Read two quantiles off figures of resamples; those without meaning are left out, NaN where none has one."""
    figures = np.asarray(drawn, dtype=np.float64)
    figures = figures[np.isfinite(figures)]
    low, high = np.quantile(figures, chances) if len(figures) else (np.nan, np.nan)
    return float(low), float(high)


def weights_of(weight: Floats | None, rows: Flags | Integers) -> Floats | None:
    """Take the weights of some rows; None where all weigh the same."""
    return None if weight is None else weight[rows]


def weighted_quantile(values: Floats, chances: ArrayLike, weight: Floats | None, method: Method = "weibull") -> Floats:
    """Find quantiles of rows that stand for as many as they weigh, the mean weight being 1."""
    # A whole weight w is w equal rows: the quantile of rank q * (n + 1) is then the same, between two rows where that
    # is no whole number. `method` is NumPy's, where all weigh the same.
    if weight is None:
        return np.asarray(np.quantile(values, np.asarray(chances), method=method), dtype=np.float64)
    order = np.argsort(values, kind="stable")
    ordered, mass = values[order], weight[order]
    middle, half = np.cumsum(mass) - (mass - 1.0) / 2.0, np.maximum(mass - 1.0, 0.0) / 2.0
    ranks = np.column_stack([middle - half, middle + half]).ravel()
    wanted = np.asarray(chances, dtype=np.float64) * (mass.sum() + 1.0)
    return np.asarray(np.interp(wanted, ranks, np.repeat(ordered, 2)), dtype=np.float64)


def divided(above: ArrayLike, below: ArrayLike) -> Floats:
    """Divide element by element; NaN where there is nothing to divide by."""
    above, below = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)


@dataclass(frozen=True)
class Resamples:
    """Customers drawn again and again, each with all of their rows."""

    customers: int
    resamples: int = RESAMPLES
    seed: int | np.random.Generator = 0  # The same seed draws the same, so two forecasts are compared pair by pair
    of_row: Integers | None = None  # (rows,): Which customer each row is of; None: a row each

    @classmethod
    def of(cls, ids: Sequence[Hashable], resamples: int = RESAMPLES, seed: int = 0) -> Self:
        """Draw the customers of rows; those of one id are drawn together."""
        place = {each: number for number, each in enumerate(dict.fromkeys(ids))}
        many = len(place) < len(ids)
        return cls(len(place), resamples, seed, np.array([place[each] for each in ids]) if many else None)

    @property
    def affordable(self) -> Self:
        """Fewer resamples of very many customers, whose intervals are narrow: no more than 50 to 20 million."""
        return replace(self, resamples=min(self.resamples, max(LEAST_RESAMPLES, MOST_DRAWN // max(self.customers, 1))))

    def figures(self, measure: Callable[[Counts], Mapping[Key, Floats]]) -> dict[Key, Floats]:
        """Take figures of the customers as they are, and then of each resample."""
        # `measure`: Gives figures from how often each row counts, of shape (resamples, rows), as `segment.metrics`
        # does; None: once.
        # Returns dict of array of shape (1 + resamples,).
        parts = [measure(None), *(measure(counts) for counts in self._counts())]
        return {name: np.concatenate([np.atleast_1d(part[name]) for part in parts]) for name in parts[0]}

    def _counts(self) -> Iterator[Floats]:
        """Count how often each row is drawn, for as many resamples at a time as fit."""
        rng, rows = np.random.default_rng(self.seed), self.customers if self.of_row is None else len(self.of_row)
        at_a_time = max(1, MOST_AT_A_TIME // max(rows, 1))
        for start in range(0, self.resamples, at_a_time):
            counts = resample_counts(self.customers, min(at_a_time, self.resamples - start), rng)
            yield counts if self.of_row is None else counts[:, self.of_row]


def resample_counts(customers: int, resamples: int = RESAMPLES, seed: int | np.random.Generator = 0) -> Floats:
    """Count how often each customer is drawn in each resample."""
    # Every figure that sums over customers is one matrix product with these counts, so 500 resamples of some thousand
    # customers take milliseconds.
    # Returns array of shape (resamples, customers): Whole numbers; every row adds up to `customers`.
    rng = np.random.default_rng(seed)
    counts = np.empty((resamples, customers))
    for row in range(resamples):
        counts[row] = np.bincount(rng.integers(customers, size=customers), minlength=customers)
    return counts


def counts_of(counts: Counts, rows: Flags | Integers) -> Counts:
    """Take how often some of the rows count."""
    return None if counts is None else counts[:, rows]


def standard_error(figures: Floats) -> float:
    """Take half the width of the middle 68 % of a figure over the resamples; NaN where it has no meaning."""
    # `figures` (1 + resamples,): The first is that of the customers as they are.
    # The standard deviation of a bell curve. Where sums of a few resamples are near zero, ratios of them run away and
    # would decide a standard deviation alone.
    # Source: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 6.
    low, high = known_quantiles(figures[1:], ONE_ERROR)
    return (high - low) / 2.0 if np.isfinite(figures[0]) else np.nan


def with_standard_errors(figures: Mapping[str, Floats]) -> dict[str, float]:
    """Name each figure's standard error beside it; what has no meaning is left out."""
    named = {name: float(figure[0]) for name, figure in figures.items()}
    named |= {f"{name}{STANDARD_ERROR}": standard_error(figure) for name, figure in figures.items()}
    return {name: value for name, value in named.items() if np.isfinite(value)}


def interval(figures: Floats, level: float = LEVEL) -> Interval:
    """Read a figure and its percentile interval off what it was in each resample."""
    # `figures` (1 + resamples,): The first is that of the customers as they are.
    # Source: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3.
    value = float(figures[0])
    if not np.isfinite(value):
        return Interval(value, np.nan, np.nan)
    return Interval(value, *known_quantiles(figures[1:], ((1.0 - level) / 2.0, (1.0 + level) / 2.0)))
