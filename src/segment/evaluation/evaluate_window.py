"""How good each forecast of a window was, overall and by group, with bootstrap intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment import metrics
from segment.arrays import Floats
from segment.dates import month_end, next_month
from segment.departures import Landmarks
from segment.departures.departure_holdout import BY_RULE, evaluate_departures
from segment.evaluation.rival_forecasts import RivalForecast, ScoredWindow
from segment.evaluation.too_few import LEAST_LABELS, LEAST_OF_A_GROUP, NOT_JUDGED
from segment.main_bank import labels_at
from segment.metrics import DECILES
from segment.policy.tenure_hazards import DeparturePrior
from segment.statistics import STANDARD_ERROR, Counts, Resamples, counts_of, interval, standard_error
from segment.tiers.agreement import AGREEMENT, agreement, confusion
from segment.value.baselines.plain_forecasts import Persistence

Mask = NDArray[np.bool_]
Draws = dict[str, Floats]

BASELINE = Persistence.name
OVER_BASELINE = f"_over_{BASELINE}"
LEAST_FOR_DECILES = 100
MONTHS_OF_LABELS = 12
QUANTILES = (0.1, 0.5, 0.9)
SCHEMA = {
    "window": pl.Date,
    "model": pl.String,
    "group": pl.String,
    "group_value": pl.String,
    "metric": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "n": pl.Int64,
    "is_last": pl.Boolean,
    "standard_error": pl.Float64,
}
"""Columns of a backtest's table."""


@dataclass(frozen=True)
class Realised:
    """What really realised after a window's date."""

    contribution: Floats  # (n,): of the next twelve months; of a shorter horizon, taken to a year
    tiers: pl.Series  # The tier of it; null for customers without a tier


@dataclass(frozen=True)
class Resampling:
    """How customers are resampled."""

    bootstraps: int  # Resamples wanted
    seed: int  # The same seed draws the same

    def of(self, customers: int) -> Resamples:
        """Draw customers of that number."""
        return Resamples(customers, self.bootstraps, self.seed).affordable


def evaluate_window(
    as_of: dt.date,
    scored: ScoredWindow,
    realised: Realised,
    groups: dict[tuple[str, str], Mask],
    cost: tuple[tuple[float, ...], ...],
    resampling: Resampling,
    *,
    is_last: bool,
) -> pl.DataFrame:
    """Compare a window's forecasts with what came."""
    large = {place: mask for place, mask in groups.items() if mask.sum() >= LEAST_OF_A_GROUP}

    def measured(counts: Counts) -> dict[tuple[str, str, str, str], Floats]:
        return {
            (name, *place, metric): values
            for place, mask in large.items()
            for name, draws in _group_draws(scored.forecasts, realised, mask, counts_of(counts, mask), cost)
            for metric, values in draws.items()
        }

    figures = resampling.of(len(realised.contribution)).figures(measured)
    rows = [
        (as_of, *key, *interval(values), int(large[key[1], key[2]].sum()), is_last, standard_error(values))
        for key, values in figures.items()
        if np.isfinite(values[0])
    ]
    small = [_without_figure(as_of, *place, NOT_JUDGED, int(mask.sum()), is_last) for place, mask in groups.items()
             if place not in large and mask.any()]  # fmt: skip
    return pl.DataFrame([*rows, *small], schema=SCHEMA, orient="row")


def _group_draws(
    forecasts: tuple[RivalForecast, ...],
    realised: Realised,
    mask: Mask,
    counts: Counts,
    cost: tuple[tuple[float, ...], ...],
) -> Iterator[tuple[str, Draws]]:
    baseline = next(forecast for forecast in forecasts if forecast.name == BASELINE)
    reference = _draws(baseline, baseline, realised, mask, counts, cost)
    for forecast in forecasts:
        draws = reference if forecast is baseline else _draws(forecast, baseline, realised, mask, counts, cost)
        paired = {
            f"{metric}{OVER_BASELINE}": draws[metric] - reference[metric]
            for metric in draws
            if forecast is not baseline and metric in reference and not metric.startswith(("decile_", "mean_"))
        }
        yield forecast.name, draws | paired


def _draws(
    forecast: RivalForecast,
    baseline: RivalForecast,
    realised: Realised,
    mask: Mask,
    counts: Counts,
    cost: tuple[tuple[float, ...], ...],
) -> Draws:
    draws: Draws = {}
    actual, here = realised.contribution[mask], pl.Series(mask)
    if forecast.mean is not None and baseline.mean is not None:
        draws |= _of_means(actual, forecast.mean[mask], baseline.mean[mask], counts)
        draws |= _of_deciles(actual, forecast.mean[mask], counts)
    if forecast.quantiles is not None:
        draws |= _of_quantiles(actual, forecast.quantiles[mask], counts)
    return draws | _of_tiers(realised.tiers.filter(here), forecast.tiers.filter(here), counts, cost)


def _of_means(actual: Floats, predicted: Floats, baseline: Floats, counts: Counts) -> Draws:
    return {
        "spearman": metrics.spearman(actual, predicted, counts=counts),
        "normalised_gini": metrics.normalised_gini(actual, predicted, counts=counts),
        "top_decile_capture": metrics.top_decile_capture(actual, predicted, counts=counts),
        "bottom_decile_loss_capture": metrics.bottom_decile_loss_capture(actual, predicted, counts=counts),
        "mae": metrics.mean_absolute_error(actual, predicted, counts=counts),
        "mae_skill": metrics.skill(actual, predicted, baseline, counts=counts),
        "total_predicted_over_actual": metrics.total_ratio(actual, predicted, counts=counts),
        "mean_predicted": metrics.mean_of(predicted, counts=counts),
        "mean_actual": metrics.mean_of(actual, counts=counts),
    }


def _of_deciles(actual: Floats, predicted: Floats, counts: Counts) -> Draws:
    if len(actual) < LEAST_FOR_DECILES:
        return {}
    decile = metrics.deciles_of(predicted)
    draws: Draws = {}
    for number in range(DECILES):
        here = decile == number
        drawn = counts_of(counts, here)
        name = f"decile_{number + 1:02d}"
        draws[f"{name}_predicted"] = metrics.mean_of(predicted[here], counts=drawn)
        draws[f"{name}_actual"] = metrics.mean_of(actual[here], counts=drawn)
        draws[f"{name}_ratio"] = metrics.total_ratio(actual[here], predicted[here], counts=drawn)
    return draws


def _of_quantiles(actual: Floats, quantiles: Floats, counts: Counts) -> Draws:
    low, _, high = quantiles.T
    draws = {"coverage_p10_p90": metrics.coverage(actual, low, high, counts=counts)}
    for quantile, predicted in zip(QUANTILES, quantiles.T, strict=True):
        draws[f"pinball_p{round(100 * quantile)}"] = metrics.pinball(actual, predicted, quantile, counts=counts)
    return draws


def _of_tiers(actual: pl.Series, given: pl.Series, counts: Counts, cost: tuple[tuple[float, ...], ...]) -> Draws:
    labelled = actual.is_not_null() & given.is_not_null()
    if not labelled.any():
        return {}
    of_labelled = counts_of(counts, labelled.to_numpy())
    table = confusion(actual.filter(labelled).to_list(), given.filter(labelled).to_list(), of_labelled)
    measured = agreement(table, cost)
    return {name: np.atleast_1d(measured[name]) for name in AGREEMENT}


def evaluate_main_bank(
    as_of: dt.date,
    customer_ids: pl.Series,
    elsewhere: Floats,
    labels: pl.DataFrame,
    resampling: Resampling,
    *,
    is_last: bool,
) -> pl.DataFrame:
    """Compare the probability of a main bank elsewhere with the labels of the next twelve months."""
    # `elsewhere` (n,): Probability given on the date.
    # Returns `main_bank_roc_auc` and `main_bank_calibration_error`; of few labels, or labels of one kind, only their
    # number.
    until = month_end(next_month(as_of, MONTHS_OF_LABELS))
    y = labels_at(labels, customer_ids, until, since=as_of + dt.timedelta(days=1)).y
    labelled = ~np.isnan(y)
    if labelled.sum() < LEAST_LABELS or len(np.unique(y[labelled])) < 2:
        return _too_few(as_of, "main_bank", int(labelled.sum()), is_last)
    actual, probability = y[labelled], elsewhere[labelled]
    figures = resampling.of(len(actual)).figures(
        lambda counts: {
            "main_bank_roc_auc": metrics.roc_auc(actual, probability, counts=counts),
            "main_bank_calibration_error": metrics.expected_calibration_error(actual, probability, counts=counts),
        }
    )
    rows = [
        (as_of, "model", "all", "all", metric, *interval(draws), len(actual), is_last, standard_error(draws))
        for metric, draws in figures.items()
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def evaluate_window_departures(
    as_of: dt.date, landmarks: Landmarks, prior: DeparturePrior, seed: int, *, is_last: bool
) -> pl.DataFrame:
    """Compare the chances of departures given on a window's date, and the simple rule, with the year that followed."""
    # `landmarks`: As of twelve months after the window's date.
    # Returns `departures_warned` and `departures_warned_by_rule` with the number of departures; of few only that.
    measured = evaluate_departures(landmarks, prior, seed)
    if "departures_warned" not in measured:
        return _too_few(as_of, "departures", int(measured.get("departures", 0)), is_last)
    rows = []
    for who in ("", BY_RULE):
        name = f"departures_warned{who}"
        if name in measured:
            ends = [measured[f"departures_warned{end}{who}"] for end in ("", "_low", "_high")]
            error = measured.get(f"{name}{STANDARD_ERROR}")
            rows.append((as_of, "model", "all", "all", name, *ends, int(measured["departures"]), is_last, error))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _too_few(as_of: dt.date, what: str, count: int, is_last: bool) -> pl.DataFrame:
    rows = [_without_figure(as_of, "all", "all", f"{what}_{NOT_JUDGED}", count, is_last)] if count else []
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _without_figure(
    as_of: dt.date, group: str, value: str, metric: str, count: int, is_last: bool
) -> tuple[object, ...]:
    return as_of, "model", group, value, metric, None, None, None, count, is_last, None
