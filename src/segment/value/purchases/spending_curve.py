"""What customers spend a week, by the weeks since their first purchase: the curve that whole cohorts follow."""

# A chain ladder as a regression: what a cohort spends in a week follows its age, the cohort's own level and, where the
# log holds more than a year, the month of the year. Beyond the oldest age it goes on as the power of age that it was.
# Quasi-Poisson: the spread of the cells tells how far a cohort's or a month's level, often seen once, is believed.

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.arrays import Floats, Integers

MOST_PERIODS = 78
PERIODS_A_COHORT = 4
BEND_WEEKS, USUAL_WEEKS, KNOTS_WEEKS = 2.0, 12.0, (8.0, 26.0)
USUAL_SLOPE = -0.5
ANY, SLOPE_SPREAD, BEND_SPREAD, COHORT_SPREAD, SEASON_SPREAD = 10.0, 0.5, 0.1, 0.4, 0.15
"""How far each effect is expected to lie from its usual size, in logarithms."""
DAYS_FOR_SEASONS = 395
MONTHS = 12
STEPS = 50


@dataclass(frozen=True)
class CurveForecast:
    """What all known customers will spend together, and how far the months ahead differ from those behind."""

    total: float  # in book currency
    season: float  # 1.1 where the months of the horizon are 10% above those of the log


@dataclass(frozen=True)
class _Cells:
    """One row per cohort and period: middle of the period in days ago, age, days of exposure, and what was spent."""

    cohort: Integers
    ago: Floats
    age: Floats
    exposure: Floats
    spent: Floats


@dataclass(frozen=True)
class _Groups:
    """Customers known at a cut-off, those who joined within a month or so together."""

    joined: Integers
    cohort: Integers
    cells: _Cells

    @property
    def days(self) -> int:
        """Days from the first purchase to the cut-off."""
        return int(self.joined.max())


def season_effects(days: pl.DataFrame, cut_off: dt.date) -> Floats:
    """Find how far each month of the year lies from the mean of the log, in logarithms; zeros where it is too short."""
    # `days`: `customer_id`, `date`, `amount`, one row per customer and day, sorted by both.
    groups = _groups(days, cut_off)
    if groups.days < DAYS_FOR_SEASONS:
        return np.zeros(MONTHS)
    cells = groups.cells
    months = np.eye(MONTHS)[_month(cut_off, cells.ago)]
    columns = np.hstack([_columns(groups, cells.cohort, cells.age), months])
    spread = np.concatenate([_spread(groups), np.full(MONTHS, SEASON_SPREAD)])
    weights = _quasi_poisson(columns, cells, spread, np.zeros(len(cells.ago)))
    effect = weights[-MONTHS:]
    without = cells.exposure * _bounded(columns[:, :-MONTHS] @ weights[:-MONTHS])
    return np.asarray(effect - np.log(np.average(np.exp(months @ effect), weights=without)))


def spending_curve(days: pl.DataFrame, cut_off: dt.date, horizon: int, season: Floats) -> CurveForecast:
    """Fit the curve to what is known at a cut-off, and follow it through the horizon."""
    # `season` (12,): Of `season_effects`.
    groups = _groups(days, cut_off)
    cells = groups.cells
    known = _columns(groups, cells.cohort, cells.age)
    weights = _quasi_poisson(known, cells, _spread(groups), season[_month(cut_off, cells.ago)])

    customers = np.bincount(groups.cohort)
    cohorts = np.flatnonzero(customers)
    steps = np.arange(0.0, horizon, 7.0)
    width = np.minimum(7.0, horizon - steps)
    which, ahead = np.repeat(cohorts, len(steps)), np.tile(steps + width / 2.0, len(cohorts))
    age = (np.bincount(groups.cohort, groups.joined) / np.maximum(customers, 1))[which] + ahead
    without = customers[which] * np.tile(width, len(cohorts)) * _bounded(_columns(groups, which, age) @ weights)
    total = float(without @ np.exp(season[_month(cut_off, -ahead)]))
    past = cells.exposure * _bounded(known @ weights)
    behind = np.average(np.exp(season[_month(cut_off, cells.ago)]), weights=past)
    return CurveForecast(total, total / float(without.sum()) / float(behind))


def _groups(days: pl.DataFrame, cut_off: dt.date) -> _Groups:
    ago = (pl.lit(cut_off) - pl.col("date")).dt.total_days()
    known = days.filter(pl.col("date") <= cut_off).with_columns(ago=ago)
    known = known.with_columns(joined=pl.col("ago").max().over("customer_id"))
    joined = known.filter(pl.col("ago") == pl.col("joined"))["joined"].to_numpy()
    length = max(7, -(-int(joined.max()) // MOST_PERIODS))
    cohort = joined // (length * PERIODS_A_COHORT)
    return _Groups(joined, cohort, _cells(known.filter(pl.col("ago") < pl.col("joined")), joined, cohort, length))


def _month(cut_off: dt.date, ago: Floats) -> Integers:
    day = np.datetime64(cut_off) - np.round(ago).astype("timedelta64[D]")
    return np.asarray(day.astype("datetime64[M]").astype(np.int64) % MONTHS)


def _columns(groups: _Groups, cohort: Integers, age: Floats) -> Floats:
    logged = np.log(age / 7.0 + BEND_WEEKS)
    bends = [np.maximum(logged - np.log(knot), 0.0) for knot in KNOTS_WEEKS]
    cohorts = np.eye(int(groups.cohort.max()) + 1)[cohort]
    return np.column_stack([np.ones_like(logged), logged - np.log(USUAL_WEEKS), *bends, cohorts])


def _spread(groups: _Groups) -> Floats:
    cohorts = [COHORT_SPREAD] * (int(groups.cohort.max()) + 1)
    return np.array([ANY, SLOPE_SPREAD, *[BEND_SPREAD] * len(KNOTS_WEEKS), *cohorts])


def _cells(again: pl.DataFrame, joined: Integers, cohort: Integers, length: int) -> _Cells:
    cohorts, periods = int(cohort.max()) + 1, int(joined.max()) // length + 1
    spent = np.zeros((cohorts, periods))
    bought = again["joined"].to_numpy() // (length * PERIODS_A_COHORT), again["ago"].to_numpy() // length
    np.add.at(spent, bought, again["amount"].to_numpy())
    exposure, aged = np.zeros_like(spent), np.zeros_like(spent)
    for period in range(periods):
        within = np.clip(joined - period * length, 0, length)
        exposure[:, period] = np.bincount(cohort, within, minlength=cohorts)
        middle = joined - period * length - within / 2.0
        aged[:, period] = np.bincount(cohort, within * middle, minlength=cohorts)
    row, column = np.nonzero(exposure > 0)
    exposed = exposure[row, column]
    return _Cells(
        row,
        np.asarray((column + 0.5) * length, dtype=np.float64),
        aged[row, column] / exposed,
        exposed,
        spent[row, column],
    )


def _quasi_poisson(columns: Floats, cells: _Cells, spread: Floats, offset: Floats) -> Floats:
    """Weights that fit the cells, drawn to what is usual by as much as the cells are noisy."""
    usual = np.zeros(len(spread))
    usual[1] = USUAL_SLOPE
    usual[0] = np.log(max(cells.spent.sum(), 1e-9) / (cells.exposure @ np.exp(columns[:, 1] * USUAL_SLOPE + offset)))
    weights, noise = usual.copy(), 1.0
    for step in range(STEPS):
        mean = cells.exposure * _bounded(columns @ weights + offset)
        if step < STEPS // 4:  # then it is settled, and the steps converge
            noise = np.sum((cells.spent - mean) ** 2 / np.maximum(mean, 1e-9)) / max(len(mean) - len(KNOTS_WEEKS), 1)
        slope = columns.T @ (cells.spent - mean) - noise * (weights - usual) / spread**2
        curvature = (columns * mean[:, None]).T @ columns + np.diag(noise / spread**2)
        change = np.linalg.solve(curvature, slope)
        weights = weights + change * min(1.0, 1.0 / max(float(np.abs(change).max()), 1e-12))
        if np.abs(change).max() < 1e-9:
            break
    return weights


def _bounded(logged: Floats) -> Floats:
    return np.exp(np.clip(logged, -50.0, 50.0))
