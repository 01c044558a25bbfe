"""The chance that a customer's value is below an amount, from residuals of customers whom the models had not seen."""

from __future__ import annotations

import numpy as np

from segment.arrays import Floats
from segment.statistics import weighted_quantile, weights_of
from segment.value.scale import levels_of, mean_by_level

TENTHS = (0.1, 0.5, 0.9)
CHANCES = np.array([0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5])
CHANCES = np.r_[CHANCES, 1.0 - CHANCES[-2::-1]]
NARROWEST = 1e-9
NARROW = 0.01


class PredictiveDistribution:
    """Distribution of the true value between and beyond a customer's P10, P50 and P90."""

    # Residuals are measured in the customer's own spread: -1 at P10, 0 at P50, 1 at P90, linear between and beyond.
    # Their distribution is kept as a grid of quantiles per level of the prediction, never as rows.
    # `levels` (k,): Mean prediction of each level, increasing. `grid` (k, c): Quantiles of the residuals at `CHANCES`,
    # per level; -1, 0 and 1 at 0.1, 0.5 and 0.9.

    def __init__(self, levels: Floats, grid: Floats, narrowest: float = NARROWEST) -> None:
        self.levels = levels
        self.grid = grid
        self.narrowest = narrowest

    def below(self, bands: Floats, level: Floats, amounts: Floats) -> Floats:
        """Chance that the true value is at or below each amount."""
        # `bands` (n, 3): P10, P50 and P90 on the asinh scale, not decreasing.
        # `level` (n,): Point prediction on the asinh scale.
        # `amounts` (n, k): On the asinh scale.
        # Returns ndarray of shape (n, k): Between 0 and 1, never decreasing with the amount.
        residuals = standardised(bands, amounts, self.narrowest)
        position = np.interp(level, self.levels, np.arange(len(self.levels)))
        lower = np.floor(position).astype(np.intp)
        upper_weight = position - lower
        chances = np.zeros(residuals.shape)
        for number, grid in enumerate(self.grid):
            weight = np.where(lower == number, 1.0 - upper_weight, np.where(lower + 1 == number, upper_weight, 0.0))
            rows = np.flatnonzero(weight)
            chances[rows] += weight[rows, None] * _chance(residuals[rows], grid)
        return chances


def predictive_distribution(
    bands: Floats, level: Floats, target: Floats, weight: Floats | None = None
) -> PredictiveDistribution:
    """Learn how residuals in a customer's own spread are distributed, level by level."""
    # `bands` (n, 3): Calibrated P10, P50 and P90 of customers whom the learners have not seen, on the asinh scale.
    # `level`, `target` (n,): Point prediction and true value on the asinh scale.
    # Source: Vovk, Shen, Manokhin and Xie, *Nonparametric predictive distributions based on conformal prediction*,
    # Machine Learning 108 (2019), split conformal predictive systems, here per level (Mondrian).
    narrowest = max(NARROWEST, NARROW * float(np.average(bands[:, 2] - bands[:, 0], weights=weight)))
    residuals = standardised(bands, target[:, None], narrowest)[:, 0]
    parts = levels_of(level, weight)
    return PredictiveDistribution(
        mean_by_level(level, parts, weight),
        np.array([_quantiles(residuals[part], weights_of(weight, part)) for part in parts]),
        narrowest,
    )


def standardised(bands: Floats, amounts: Floats, narrowest: float = NARROWEST) -> Floats:
    """Distance from P50 in units of the distance to P90 above it and to P10 below it."""
    low, middle, high = (bands[:, [number]] for number in range(3))
    away = amounts - middle
    width = np.where(away > 0, high - middle, middle - low)
    return np.asarray(away / np.maximum(width, narrowest), dtype=np.float64)


def _quantiles(residuals: Floats, weight: Floats | None) -> Floats:
    """Quantiles at `CHANCES`, moved so that the bands hold the chances they are named after."""
    quantiles, bands = (weighted_quantile(residuals, chances, weight) for chances in (CHANCES, TENTHS))
    return standardised(bands[None, :], quantiles[None, :])[0]


def _chance(residuals: Floats, grid: Floats) -> Floats:
    """Interpolate between the grid's quantiles; beyond them the rest thins out exponentially."""
    chance = np.interp(residuals, grid, CHANCES)
    return np.where(
        residuals < grid[0],
        CHANCES[0] * _thinning(grid[0] - residuals, grid[2] - grid[0]),
        np.where(residuals > grid[-1], 1.0 - CHANCES[0] * _thinning(residuals - grid[-1], grid[-1] - grid[-3]), chance),
    )


def _thinning(distance: Floats, width: float) -> Floats:
    """What is left at a distance beyond the grid's end, at the rate at which it thinned out from 5% to 1%."""
    rate = np.log(CHANCES[2] / CHANCES[0]) / max(width, NARROWEST)
    return np.asarray(np.exp(-rate * np.maximum(distance, 0.0)), dtype=np.float64)
