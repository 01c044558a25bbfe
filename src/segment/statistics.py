"""Statistics that several rooms need: corrections for many tests, intervals by drawing again, cut tails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

RESAMPLES = 500
LEVEL = 0.95


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


def divided(above: ArrayLike, below: ArrayLike) -> Floats:
    """Divide element by element; NaN where there is nothing to divide by."""
    above, below = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)


def resample_counts(customers: int, resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """Count how often each customer is drawn in each resample; the first row is the customers as they are."""
    # Every figure that sums over customers is one matrix product with these counts, so 500 resamples of some thousand
    # customers take milliseconds. Two forecasts judged with the same counts are compared pair by pair.
    # Returns array of shape (1 + resamples, customers): Whole numbers; every row adds up to `customers`.
    rng = np.random.default_rng(seed)
    counts = np.ones((1 + resamples, customers))
    for row in range(1, 1 + resamples):
        counts[row] = np.bincount(rng.integers(customers, size=customers), minlength=customers)
    return counts


def interval(figures: Floats, level: float = LEVEL) -> Interval:
    """Read a figure and its percentile interval off what it was in each resample."""
    # `figures` (1 + resamples,): The first is that of the customers as they are.
    # Source: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3.
    value = float(figures[0])
    if not np.isfinite(value):
        return Interval(value, np.nan, np.nan)
    return Interval(value, *known_quantiles(figures[1:], ((1.0 - level) / 2.0, (1.0 + level) / 2.0)))
