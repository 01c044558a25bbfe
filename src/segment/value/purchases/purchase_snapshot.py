"""Customers of a shop at a cut-off: what the classic models expect of each, and what a learner may look at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.arrays import Floats
from segment.value.purchases.bg_nbd import BgNbd
from segment.value.purchases.gamma_gamma import GammaGamma
from segment.value.purchases.pareto_nbd import ParetoNbd
from segment.value.purchases.purchase_log import PurchaseLog
from segment.value.purchases.repeat_history import DAYS_A_WEEK, RepeatHistory, repeat_history

WINDOW_WEEKS = (4, 8, 13, 26, 52)
USUAL_WEEKS = 13.0
LEAST_EXPECTED = 1e-6
"""Of the mean expectation: nobody's is nothing, so that it can be divided by."""


@dataclass(frozen=True)
class Snapshot:
    """Customers known at a cut-off, by id."""

    cut_off: dt.date
    customers: pl.Series
    history: RepeatHistory
    bg_nbd: BgNbd
    pareto_nbd: ParetoNbd
    gamma_gamma: GammaGamma
    features: Floats

    def classic(self, days: int) -> tuple[Floats, Floats]:
        """Spending expected by BG/NBD and by Pareto/NBD, each with gamma-gamma."""
        spend, weeks = self.gamma_gamma.expected_spend(self.history), days / DAYS_A_WEEK
        both = [model.expected_purchases(self.history, weeks) * spend for model in (self.bg_nbd, self.pareto_nbd)]
        return tuple(np.maximum(each, LEAST_EXPECTED * each.mean()) for each in both)


def take_snapshot(log: PurchaseLog, cut_off: dt.date) -> Snapshot:
    """Fit the classic models at a cut-off and sum up what is known."""
    history = repeat_history(log.days, cut_off)
    models = BgNbd.fit(history), ParetoNbd.fit(history), GammaGamma.fit(history)
    counted = _counted(log.days, cut_off)
    spend = models[2].expected_spend(history)
    expected = [np.log(np.maximum(model.expected_purchases(history, USUAL_WEEKS), 1e-9)) for model in models[:2]]
    opinions = [models[0].alive(history), models[1].alive(history), spend, *expected]
    features = np.column_stack([counted.drop("customer_id").fill_null(np.nan).to_numpy(), *opinions])
    return Snapshot(cut_off, counted["customer_id"], history, *models, features)


def _counted(days: pl.DataFrame, cut_off: dt.date) -> pl.DataFrame:
    """Frequency, recency, money and rhythm of each customer."""
    ago = (pl.lit(cut_off) - pl.col("date")).dt.total_days()
    gap = pl.col("date").diff().dt.total_days().cast(pl.Float64)
    amount = pl.col("amount")
    windows = [
        figure.filter(ago < weeks * DAYS_A_WEEK).sum().alias(f"{name}_{weeks}w")
        for weeks in WINDOW_WEEKS
        for name, figure in (("amount", amount), ("days", pl.lit(1.0)))
    ]
    frame = (
        days.filter(pl.col("date") <= cut_off)
        .group_by("customer_id", maintain_order=True)
        .agg(
            *windows,
            frequency=pl.len().cast(pl.Float64),
            age_days=ago.max().cast(pl.Float64),
            recency_days=ago.min().cast(pl.Float64),
            amount=amount.sum(),
            amount_a_day=amount.mean(),
            amount_most=amount.max(),
            amount_first=amount.first(),
            amount_last=amount.last(),
            gap_longest=gap.max(),
            gap_spread=gap.std(),
        )
    )
    mean_gap = (pl.col("age_days") - pl.col("recency_days")) / (pl.col("frequency") - 1)
    mean_gap = pl.when(pl.col("frequency") > 1).then(mean_gap)
    return frame.with_columns(gap_mean=mean_gap, overdue=pl.col("recency_days") / mean_gap)
