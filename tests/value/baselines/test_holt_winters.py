"""Holt-Winters of all customers at once, held to statsmodels' of each."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from segment.value.baselines.holt_winters import DAMPINGS, LEVELS, SEASONS, TRENDS, HoltWinters, Smoothing, smooth
from segment.value.baselines.known_history import KnownHistory


def _series(rows: int = 6, months: int = 37, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    time = np.arange(months)
    wave = rng.uniform(0, 30, (rows, 1)) * np.sin(2 * np.pi * time / 12 + rng.uniform(0, 6, (rows, 1)))
    return 50 + rng.normal(0, 1, (rows, 1)) * time + wave + rng.normal(0, 10, (rows, months))


def _known(months: np.ndarray) -> KnownHistory:
    return KnownHistory(pl.DataFrame({"row": range(len(months))}), months, [])


@pytest.mark.parametrize("smoothing", [Smoothing(0.3, 0.1, 0.2, 0.9), Smoothing(0.8, 0.3, 0.1, 0.98)])
def test_a_series_with_a_season_is_forecast_as_statsmodels_does(smoothing: Smoothing) -> None:
    months = _series()
    ours, errors = smooth(months, smoothing, seasonal=True)
    for row, forecast, error in zip(months, ours, errors, strict=True):
        first, second = row[:12].mean(), row[12:24].mean()
        trend = (second - first) / 12
        straight = first + trend * (np.arange(24) - 5.5)
        theirs = ExponentialSmoothing(
            row,
            trend="add",
            damped_trend=True,
            seasonal="add",
            seasonal_periods=12,
            initialization_method="known",
            initial_level=straight[0] - trend,
            initial_trend=trend,
            initial_seasonal=(row[:24] - straight).reshape(2, 12).mean(axis=0),
        ).fit(
            smoothing_level=smoothing.level,
            smoothing_trend=smoothing.trend,
            smoothing_seasonal=smoothing.season,
            damping_trend=smoothing.damping,
            optimized=False,
        )
        # theirs forecasts the twelfth month by the season before the newest month was taken in; its state knows it
        assert forecast[:11] == pytest.approx(theirs.forecast(11), rel=1e-9)
        newest = (
            theirs.season[-1]
            - theirs.season[-13] * (1 - smoothing.season)
            - smoothing.season * (row[-1] - theirs.level[-2] - smoothing.damping * theirs.trend[-2])
        )
        assert newest == pytest.approx(0.0, abs=1e-9)
        straight_on = theirs.level[-1] + theirs.trend[-1] * (smoothing.damping ** np.arange(1, 13)).sum()
        assert forecast[11] == pytest.approx(straight_on + theirs.season[-1], rel=1e-9)
        assert error == pytest.approx(theirs.sse, rel=1e-9)


def test_a_short_series_is_forecast_as_statsmodels_does_without_a_season() -> None:
    row = _series(1, 9)[0]
    ours, errors = smooth(row[None, :], Smoothing(0.4, 0.2, 0.0, 0.9), seasonal=False)
    theirs = ExponentialSmoothing(
        row,
        trend="add",
        damped_trend=True,
        initialization_method="known",
        initial_level=row[:4].mean(),
        initial_trend=0.0,
    ).fit(smoothing_level=0.4, smoothing_trend=0.2, damping_trend=0.9, optimized=False)
    assert ours[0] == pytest.approx(theirs.forecast(12), rel=1e-9)
    assert errors[0] == pytest.approx(theirs.sse, rel=1e-9)


def test_a_series_that_began_later_is_forecast_as_if_it_stood_alone() -> None:
    whole = _series(2, 48)
    late = whole[:1, 18:]
    padded = np.vstack([np.concatenate([np.full(18, np.nan), late[0]]), whole[1]])
    assert HoltWinters().predict(_known(padded))[0] == pytest.approx(HoltWinters().predict(_known(late))[0])


def test_each_customer_gets_the_parameters_with_the_least_one_step_errors() -> None:
    months = _series(4, 40)
    found = HoltWinters().predict(_known(months))
    for row, value in zip(months, found, strict=True):
        tried = [
            smooth(row[None, :], Smoothing(a, b, c, d), seasonal=True)
            for a in LEVELS
            for b in TRENDS
            for c in SEASONS
            for d in DAMPINGS
        ]
        best = min(tried, key=lambda one: one[1][0])
        assert value == pytest.approx(best[0].sum())


def test_a_pure_season_comes_again_in_its_months() -> None:
    months = np.tile([100.0, *([0.0] * 11)], 3)[None, :]
    forecast, errors = smooth(months, Smoothing(0.1, 0.1, 0.1, 0.9), seasonal=True)
    assert forecast[0] == pytest.approx(months[0, :12])
    assert errors[0] == pytest.approx(0.0)


def test_who_was_here_a_few_months_gets_the_mean_month_again() -> None:
    months = np.array([[np.nan, np.nan, 10.0, 20.0], [np.nan] * 4])
    assert HoltWinters().predict(_known(months)).tolist() == [180.0, 0.0]


def test_smooth_of_a_case_computed_by_hand() -> None:
    forecast, errors = smooth(np.full((1, 30), 5.0), Smoothing(0.3, 0.1, 0.1, 0.9), seasonal=True, ahead=2)
    assert (forecast.tolist(), errors.tolist()) == ([[5.0, 5.0]], [0.0])
