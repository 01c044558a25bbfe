"""Holt-Winters of every customer's own months, all customers at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
from numpy.typing import NDArray

from segment.arrays import Flags, Floats
from segment.value.baselines.known_history import MONTHS_A_YEAR, KnownHistory

SEASON = 12
LEAST_FOR_SEASON = 2 * SEASON
LEAST_FOR_TREND = 4
LEVELS, TRENDS, SEASONS, DAMPINGS = (0.05, 0.15, 0.3, 0.5, 0.8), (0.0, 0.1, 0.3), (0.0, 0.1, 0.3), (0.85, 0.95)
"""Smoothing parameters to choose among; a trend or season of 0 stays as it began."""


@dataclass(frozen=True)
class Smoothing:
    """Smoothing parameters, each between 0 and 1."""

    level: float  # level, trend, season: Weight of the newest month.
    trend: float
    season: float
    damping: float  # What is left of the trend a month later


@dataclass
class _State:
    """Level and trend of shape (n,), seasons of shape (n, 12) by months since the customer's first, squared errors."""

    level: Floats
    trend: Floats
    seasons: Floats
    errors: Floats


def smooth(months: Floats, smoothing: Smoothing, *, seasonal: bool, ahead: int = SEASON) -> tuple[Floats, Floats]:
    """Forecast each series by exponential smoothing with a damped additive trend."""
    # `months` (n, m): One series per row, the newest month last; NaN before a series begins.
    # Returns forecast : array of shape (n, ahead).
    # Returns errors : array of shape (n,): Sum of the squared errors of forecasting each month from those before it.
    # Source: R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 8.3; the
    # state begins at the first year's mean and its difference to the second year's, as there for a heuristic start.
    series, lengths = _begun(months)
    state = _start(series, lengths, seasonal)
    for month in range(series.shape[1]):
        _step(state, series[:, month], month < lengths, month % SEASON, smoothing, seasonal)
    fading = np.cumsum(smoothing.damping ** np.arange(1, ahead + 1))
    forecast = state.level[:, None] + state.trend[:, None] * fading
    if seasonal:
        place = (lengths[:, None] + np.arange(ahead)) % SEASON
        forecast = forecast + np.take_along_axis(state.seasons, place, axis=1)
    return forecast, state.errors


class HoltWinters:
    """Damped trend and season of each customer's own months, smoothed as its one-step errors say is best."""

    # With a season from 24 months of history on, with a trend from 4 on, and the mean month again below that.
    name = "holt_winters"

    def fit(self, history: KnownHistory, y: Floats) -> Self:
        """Learn nothing from others: each customer's own months say all."""
        # `y` (n,): Not read.
        return self

    def predict(self, history: KnownHistory) -> Floats:
        """Forecast the next twelve months."""
        # `history`: With `months`.
        # Returns array of shape (n,).
        observed = (~np.isnan(history.months)).sum(axis=1)
        total = np.nansum(history.months, axis=1)
        forecast = np.where(observed > 0, total / np.maximum(observed, 1) * MONTHS_A_YEAR, 0.0)
        for seasonal, enough in ((False, observed >= LEAST_FOR_TREND), (True, observed >= LEAST_FOR_SEASON)):
            if enough.any():
                forecast[enough] = _best(history.months[enough], seasonal)
        return forecast


def _best(months: Floats, seasonal: bool) -> Floats:
    """Sum of the year ahead, by each customer's best of the smoothing parameters."""
    least, totals = np.full(len(months), np.inf), np.zeros(len(months))
    for level, trend, season, damping in product(LEVELS, TRENDS, SEASONS if seasonal else (0.0,), DAMPINGS):
        forecast, errors = smooth(months, Smoothing(level, trend, season, damping), seasonal=seasonal)
        better = errors < least
        least[better], totals[better] = errors[better], forecast[better].sum(axis=1)
    return totals


def _begun(months: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Series moved to begin in the first column, and their lengths; a gap is a month without contribution."""
    here = ~np.isnan(months)
    width = months.shape[1]
    lengths = np.where(here.any(axis=1), width - here.argmax(axis=1), 0).astype(np.int64)
    place = (width - lengths)[:, None] + np.arange(width)
    moved = np.take_along_axis(months, np.minimum(place, width - 1), axis=1)
    return np.where(place < width, np.nan_to_num(moved), 0.0), lengths


def _start(series: Floats, lengths: NDArray[np.int64], seasonal: bool) -> _State:
    n = len(series)
    if not seasonal:
        # the first months' mean: one month alone may be anything
        head = np.minimum(lengths, LEAST_FOR_TREND)
        level = np.where(np.arange(series.shape[1]) < head[:, None], series, 0.0).sum(axis=1) / np.maximum(head, 1)
        return _State(level, np.zeros(n), np.zeros((n, SEASON)), np.zeros(n))
    first, second = series[:, :SEASON].mean(axis=1), series[:, SEASON:LEAST_FOR_SEASON].mean(axis=1)
    trend = (second - first) / SEASON
    straight = first[:, None] + trend[:, None] * (np.arange(LEAST_FOR_SEASON) - (SEASON - 1) / 2.0)
    around = (series[:, :LEAST_FOR_SEASON] - straight).reshape(n, 2, SEASON).mean(axis=1)
    return _State(straight[:, 0] - trend, trend, around, np.zeros(n))


def _step(state: _State, value: Floats, here: Flags, place: int, smoothing: Smoothing, seasonal: bool) -> None:
    """Take in one month of every series that is this long."""
    fading = smoothing.damping * state.trend
    season = state.seasons[:, place] if seasonal else 0.0
    expected = state.level + fading
    error = np.where(here, value - expected - season, 0.0)
    level = smoothing.level * (value - season) + (1.0 - smoothing.level) * expected
    trend = smoothing.trend * (level - state.level) + (1.0 - smoothing.trend) * fading
    if seasonal:
        changed = smoothing.season * (value - expected) + (1.0 - smoothing.season) * season
        state.seasons[:, place] = np.where(here, changed, season)
    state.level, state.trend = np.where(here, level, state.level), np.where(here, trend, state.trend)
    state.errors = state.errors + error**2
