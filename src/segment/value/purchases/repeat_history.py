"""What the classic models of purchases know of a customer: how often, how recently, for how long, how much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import minimize

from segment.arrays import Floats

DAYS_A_WEEK = 7.0
LEAST, MOST = 1e-3, 1e3
"""Of a parameter of how often."""


@dataclass(frozen=True)
class RepeatHistory:
    """One row per customer, by id; times in weeks since the first purchase."""

    frequency: Floats  # days with a purchase after the first one
    recency: Floats  # weeks from the first to the last of them; 0 where there is none
    age: Floats  # weeks from the first purchase to the cut-off
    spend: Floats  # mean amount of such a day, in book currency; 0 where there is none


def repeat_history(days: pl.DataFrame, cut_off: dt.date) -> RepeatHistory:
    """Sum up what is known at a cut-off; customers in the order of their ids."""
    # `days`: `customer_id`, `date`, `amount`, one row per customer and day, sorted by both.
    known = days.filter(pl.col("date") <= cut_off)
    first = pl.col("date").first()
    by = known.group_by("customer_id", maintain_order=True).agg(
        frequency=(pl.len() - 1).cast(pl.Float64),
        recency=(pl.col("date").last() - first).dt.total_days() / DAYS_A_WEEK,
        age=(pl.lit(cut_off) - first).dt.total_days() / DAYS_A_WEEK,
        spend=pl.col("amount").slice(1).mean().fill_null(0.0),
    )
    return RepeatHistory(*(by[name].to_numpy() for name in ("frequency", "recency", "age", "spend")))


def most_likely_rates(
    history: RepeatHistory, start: Floats, likelihood: Callable[[Floats, Floats, Floats, Floats], tuple[Floats, ...]]
) -> tuple[Floats, float]:
    """Find the parameters of a model of how often, with the mean age as the unit of time; and that unit, in weeks."""
    # `likelihood`: Of each customer by parameters, frequency, recency and age, and its slope by each parameter.
    rows = np.column_stack([history.frequency, history.recency, history.age])
    found, count = np.unique(rows, axis=0, return_counts=True)  # equal customers are told once
    x, recency, age, count = found[:, 0], found[:, 1], found[:, 2], count.astype(np.float64)
    unit = float(np.average(age, weights=count)) or 1.0

    def loss(logged: Floats) -> tuple[float, Floats]:
        value, slope, *_ = likelihood(np.exp(logged), x, recency / unit, age / unit)
        return -float(count @ value) / count.sum(), -(slope @ count) / count.sum() * np.exp(logged)

    return most_likely(loss, start, LEAST, MOST), unit


def most_likely(
    loss: Callable[[Floats], tuple[float, Floats]], start: Floats, low: Floats | float, high: Floats | float
) -> Floats:
    """Search the logarithms of parameters for the least mean loss, within bounds that keep a poor log finite."""
    # `loss`: Minus the mean log-likelihood and its slope, at logarithms of the parameters.
    bounds = np.log(np.column_stack(np.broadcast_arrays(low, high, start)[:2]))
    found = minimize(loss, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return np.asarray(np.exp(found.x), dtype=np.float64)
