"""How good each forecast of a window was, overall and by group, with bootstrap intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.jobs.backtest.forecasts import Said, Scored
from segment.tiers.agreement import AGREEMENT, agreement, confusion
from segment.value import resampled
from segment.value.baselines import Persistence
from segment.value.intervals import interval, resample_counts
from segment.value.metrics import DECILES

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Draws = dict[str, Floats]

NAIVE = Persistence.name
OVER_NAIVE = f"_over_{NAIVE}"
LEAST_CUSTOMERS = 30
LEAST_FOR_DECILES = 100
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
class Came:
    """What really came after a window's moment.

    Attributes
    ----------
    contribution : array of shape (n,)
        Of the next twelve months; of a shorter horizon, taken to a year.
    tiers : polars.Series of str
        The tier of it; null for customers without a tier.
    """

    contribution: Floats
    tiers: pl.Series


@dataclass(frozen=True)
class Resampling:
    """How customers are drawn again.

    Attributes
    ----------
    bootstraps : int
        Resamples wanted.
    seed : int
        The same seed draws the same.
    """

    bootstraps: int
    seed: int

    def counts(self, customers: int) -> Floats:
        """Draw; of very many customers, whose intervals are narrow and cost memory, no more than 50 to 20 million."""
        return resample_counts(customers, min(self.bootstraps, max(50, MOST_DRAWN // customers)), self.seed)


def judge_window(
    as_of: dt.date,
    scored: Scored,
    came: Came,
    groups: dict[tuple[str, str], Mask],
    cost: tuple[tuple[float, ...], ...],
    resampling: Resampling,
    *,
    is_last: bool,
) -> pl.DataFrame:
    """Compare a window's forecasts with what came.

    Parameters
    ----------
    as_of : datetime.date
        The window's moment.
    scored : Scored
        What each forecast said.
    came : Came
        What came.
    groups : dict of (str, str) to array of bool
        Customers of each group and its value.
    cost : 4 by 4
        Cost of serving a customer of the row's tier as one of the column's.
    resampling : Resampling
        Of customers; fewer where 20 million draws would not do.
    is_last : bool
        Whether it is the window to be looked at once.

    Returns
    -------
    polars.DataFrame
        Columns of `SCHEMA`. A metric that ends in `_over_persistence` is the difference to persistence over the same
        resamples. Groups of fewer than 30 customers are left out.
    """
    customers = len(came.contribution)
    counts = resampling.counts(customers)
    rows = []
    for (group, value), mask in groups.items():
        if mask.sum() < LEAST_CUSTOMERS:
            continue
        for name, draws in _group_draws(scored.said, came, mask, counts[:, mask], cost):
            for metric, figures in draws.items():
                found = interval(figures)
                if np.isfinite(found.value):
                    rows.append((as_of, name, group, value, metric, *found, int(mask.sum()), is_last))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _group_draws(
    said: tuple[Said, ...], came: Came, mask: Mask, counts: Floats, cost: tuple[tuple[float, ...], ...]
) -> Iterator[tuple[str, Draws]]:
    naive = next(one for one in said if one.name == NAIVE)
    reference = _draws(naive, naive, came, mask, counts, cost)
    for one in said:
        draws = reference if one is naive else _draws(one, naive, came, mask, counts, cost)
        paired = {
            f"{metric}{OVER_NAIVE}": draws[metric] - reference[metric]
            for metric in draws
            if one is not naive and metric in reference and not metric.startswith(("decile_", "mean_"))
        }
        yield one.name, draws | paired


def _draws(
    said: Said, naive: Said, came: Came, mask: Mask, counts: Floats, cost: tuple[tuple[float, ...], ...]
) -> Draws:
    found: Draws = {}
    if said.mean is not None and naive.mean is not None:
        found |= _of_means(came.contribution[mask], said.mean[mask], naive.mean[mask], counts)
        found |= _of_deciles(came.contribution[mask], said.mean[mask], counts)
    if said.quantiles is not None:
        found |= _of_quantiles(came.contribution[mask], said.quantiles[mask], counts)
    return found | _of_tiers(came.tiers.filter(pl.Series(mask)), said.tiers.filter(pl.Series(mask)), counts, cost)


def _of_means(actual: Floats, predicted: Floats, naive: Floats, counts: Floats) -> Draws:
    return {
        "spearman": resampled.spearman(actual, predicted, counts),
        "normalised_gini": resampled.normalised_gini(actual, predicted, counts),
        "top_decile_capture": resampled.top_decile_capture(actual, predicted, counts),
        "bottom_decile_loss_capture": resampled.bottom_decile_loss_capture(actual, predicted, counts),
        "mae": resampled.mean_of(np.abs(actual - predicted), counts),
        "mae_skill": resampled.skill(actual, predicted, naive, counts),
        "total_predicted_over_actual": resampled.ratio_of(predicted, actual, counts),
        "mean_predicted": resampled.mean_of(predicted, counts),
        "mean_actual": resampled.mean_of(actual, counts),
    }


def _of_deciles(actual: Floats, predicted: Floats, counts: Floats) -> Draws:
    if len(actual) < LEAST_FOR_DECILES:
        return {}
    decile = resampled.deciles_of(predicted)
    found: Draws = {}
    for number in range(DECILES):
        here = decile == number
        drawn = counts[:, here]
        name = f"decile_{number + 1:02d}"
        found[f"{name}_predicted"] = resampled.mean_of(predicted[here], drawn)
        found[f"{name}_actual"] = resampled.mean_of(actual[here], drawn)
        found[f"{name}_ratio"] = resampled.ratio_of(predicted[here], actual[here], drawn)
    return found


def _of_quantiles(actual: Floats, quantiles: Floats, counts: Floats) -> Draws:
    low, _, high = quantiles.T
    found = {"coverage_p10_p90": resampled.mean_of(((actual >= low) & (actual <= high)).astype(np.float64), counts)}
    for quantile, predicted in zip(QUANTILES, quantiles.T, strict=True):
        short = actual - predicted
        loss = np.maximum(quantile * short, (quantile - 1.0) * short)
        found[f"pinball_p{round(100 * quantile)}"] = resampled.mean_of(loss, counts)
    return found


def _of_tiers(actual: pl.Series, given: pl.Series, counts: Floats, cost: tuple[tuple[float, ...], ...]) -> Draws:
    known = actual.is_not_null() & given.is_not_null()
    if not known.any():
        return {}
    table = confusion(actual.filter(known).to_list(), given.filter(known).to_list(), counts[:, known.to_numpy()])
    measured = agreement(table, cost)
    return {name: measured[name] for name in AGREEMENT}
