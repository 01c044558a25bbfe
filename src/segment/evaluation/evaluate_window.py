"""How good each forecast of a window was, overall and by group, with bootstrap intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from segment.dates import month_end, next_month
from segment.departures import Landmarks
from segment.departures.departure_holdout import BY_RULE, evaluate_departures
from segment.evaluation.rival_forecasts import RivalForecast, ScoredWindow
from segment.main_bank import labels_at
from segment.main_bank.flag_metrics import expected_calibration_error
from segment.statistics import interval, resample_counts
from segment.tiers.agreement import AGREEMENT, agreement, confusion
from segment.value import resampled
from segment.value.baselines.plain_forecasts import Persistence
from segment.value.resampled import DECILES

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Draws = dict[str, Floats]

BASELINE = Persistence.name
OVER_BASELINE = f"_over_{BASELINE}"
LEAST_CUSTOMERS = 30
LEAST_FOR_DECILES = 100
LEAST_LABELS = 50
MONTHS_OF_LABELS = 12
MOST_DRAWN = 20_000_000
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

    def counts(self, customers: int) -> Floats:
        """Draw; of very many customers, whose intervals are narrow and cost memory, no more than 50 to 20 million."""
        return resample_counts(customers, min(self.bootstraps, max(50, MOST_DRAWN // customers)), self.seed)


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
    customers = len(realised.contribution)
    counts = resampling.counts(customers)
    rows = []
    for (group, value), mask in groups.items():
        if mask.sum() < LEAST_CUSTOMERS:
            continue
        for name, draws in _group_draws(scored.forecasts, realised, mask, counts[:, mask], cost):
            for metric, values in draws.items():
                ends = interval(values)
                if np.isfinite(ends.value):
                    rows.append((as_of, name, group, value, metric, *ends, int(mask.sum()), is_last))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _group_draws(
    forecasts: tuple[RivalForecast, ...],
    realised: Realised,
    mask: Mask,
    counts: Floats,
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
    counts: Floats,
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


def _of_means(actual: Floats, predicted: Floats, baseline: Floats, counts: Floats) -> Draws:
    return {
        "spearman": resampled.spearman(actual, predicted, counts),
        "normalised_gini": resampled.normalised_gini(actual, predicted, counts),
        "top_decile_capture": resampled.top_decile_capture(actual, predicted, counts),
        "bottom_decile_loss_capture": resampled.bottom_decile_loss_capture(actual, predicted, counts),
        "mae": resampled.mean_absolute_error(actual, predicted, counts),
        "mae_skill": resampled.skill(actual, predicted, baseline, counts),
        "total_predicted_over_actual": resampled.total_ratio(actual, predicted, counts),
        "mean_predicted": resampled.mean_of(predicted, counts),
        "mean_actual": resampled.mean_of(actual, counts),
    }


def _of_deciles(actual: Floats, predicted: Floats, counts: Floats) -> Draws:
    if len(actual) < LEAST_FOR_DECILES:
        return {}
    decile = resampled.deciles_of(predicted)
    draws: Draws = {}
    for number in range(DECILES):
        here = decile == number
        drawn = counts[:, here]
        name = f"decile_{number + 1:02d}"
        draws[f"{name}_predicted"] = resampled.mean_of(predicted[here], drawn)
        draws[f"{name}_actual"] = resampled.mean_of(actual[here], drawn)
        draws[f"{name}_ratio"] = resampled.total_ratio(actual[here], predicted[here], drawn)
    return draws


def _of_quantiles(actual: Floats, quantiles: Floats, counts: Floats) -> Draws:
    low, _, high = quantiles.T
    draws = {"coverage_p10_p90": resampled.coverage(actual, low, high, counts)}
    for quantile, predicted in zip(QUANTILES, quantiles.T, strict=True):
        draws[f"pinball_p{round(100 * quantile)}"] = resampled.pinball(actual, predicted, quantile, counts)
    return draws


def _of_tiers(actual: pl.Series, given: pl.Series, counts: Floats, cost: tuple[tuple[float, ...], ...]) -> Draws:
    labelled = actual.is_not_null() & given.is_not_null()
    if not labelled.any():
        return {}
    table = confusion(
        actual.filter(labelled).to_list(), given.filter(labelled).to_list(), counts[:, labelled.to_numpy()]
    )
    measured = agreement(table, cost)
    return {name: measured[name] for name in AGREEMENT}


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
    # Returns `main_bank_roc_auc` and `main_bank_calibration_error`; no rows with fewer than 50 labels, or labels of one
    # kind.
    until = month_end(next_month(as_of, MONTHS_OF_LABELS))
    y = labels_at(labels, customer_ids, until, since=as_of + dt.timedelta(days=1)).y
    labelled = ~np.isnan(y)
    if labelled.sum() < LEAST_LABELS or len(np.unique(y[labelled])) < 2:
        return pl.DataFrame(schema=SCHEMA)
    actual, probability = y[labelled], elsewhere[labelled]
    draws = np.array([_main_bank_metrics(actual, probability, counts) for counts in resampling.counts(len(actual))])
    rows = [
        (as_of, "model", "all", "all", metric, *interval(draws[:, place]), len(actual), is_last)
        for place, metric in enumerate(("main_bank_roc_auc", "main_bank_calibration_error"))
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def evaluate_window_departures(as_of: dt.date, landmarks: Landmarks, seed: int, *, is_last: bool) -> pl.DataFrame:
    """Compare the chances of departures given on a window's date, and the simple rule, with the year that followed."""
    # `landmarks`: As of twelve months after the window's date.
    # Returns `departures_warned` and `departures_warned_by_rule` with the number of departures; no rows where they are
    # too few.
    measured = evaluate_departures(landmarks, seed)
    rows = [
        (as_of, "model", "all", "all", f"departures_warned{who}", *ends, int(measured["departures"]), is_last)
        for who in ("", BY_RULE)
        if np.isfinite(
            (ends := [measured.get(f"departures_warned{end}{who}", np.nan) for end in ("", "_low", "_high")])[0]
        )
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _main_bank_metrics(actual: Floats, probability: Floats, counts: Floats) -> tuple[float, float]:
    times = counts.astype(np.int64)
    y, drawn = np.repeat(actual, times), np.repeat(probability, times)
    if len(np.unique(y)) < 2:
        return float("nan"), float("nan")
    return float(roc_auc_score(y, drawn)), expected_calibration_error(y, drawn)
