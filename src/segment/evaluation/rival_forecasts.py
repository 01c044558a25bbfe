"""What each forecast says of a window, by what was known then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.dates import month_end
from segment.evaluation.backtest_windows import Window
from segment.evaluation.experiment import new_model
from segment.features import cost_target_name, target_name
from segment.main_bank import labels_by_date
from segment.model import SegmentationModel
from segment.policy import ModelSpec, Policy
from segment.tiers import with_own_tier
from segment.tiers.realised import with_borders_by_facts
from segment.tiers.ways_to_decide import Way, tiers_by
from segment.value.baselines.known_history import KnownHistory
from segment.value.baselines.plain_forecasts import every_forecast
from segment.warehouse.reference_tables import with_circumstances

Floats = NDArray[np.float64]

MODEL = "model"
BY_WAY: dict[Way, str] = {
    "clusters": "model_by_clusters",
    "odds": "model_at_least_cost",
    "own_figures": "model_by_own_figures",
    "borders": "model_by_borders",
}
"""What the model's tiers are called by each way to decide."""


@dataclass(frozen=True)
class MonthlyContributions:
    """Contribution of each customer and month."""

    customer_ids: pl.Series
    months: tuple[dt.date, ...]  # First days, ascending without gaps
    values: Floats  # (customers, months): NaN in months in which the customer was not here

    def up_to(self, as_of: dt.date, customer_ids: pl.Series) -> Floats:
        """Months of some customers that were known on a date."""
        # Returns array of shape (len(customer_ids), months up to the date).
        width = sum(month_end(month) <= as_of for month in self.months)
        place = pl.DataFrame({"customer_id": self.customer_ids}).with_row_index("row")
        wanted = pl.DataFrame({"customer_id": customer_ids})
        rows = wanted.join(place, on="customer_id", how="left", maintain_order="left")["row"].to_numpy()
        return self.values[rows, :width]


@dataclass(frozen=True)
class RivalForecast:
    """One forecast of the customers of a window."""

    name: str  # `model`, the model by one way to decide, or a simpler forecast's name
    mean: Floats | None  # (n,): contribution of the next twelve months; None where it gives only tiers
    quantiles: Floats | None  # (n, 3): p10, P50 and P90; None where it gives only a mean
    tiers: pl.Series  # Tier of each customer


@dataclass(frozen=True)
class ScoredWindow:
    """A window as it would have been scored on its day."""

    forecasts: tuple[RivalForecast, ...]  # The model first, then the simpler forecasts, persistence foremost
    elsewhere: Floats  # (n,): probability that the main bank is elsewhere
    tiers: pl.Series  # Published by the model


def score_window(
    window: Window,
    snapshots: Mapping[dt.date, pl.DataFrame],
    contributions: MonthlyContributions,
    tables: Mapping[str, pl.DataFrame],
    policy: Policy,
    spec: ModelSpec,
) -> ScoredWindow:
    """Train on what was known and score the window's date."""
    horizon = spec.train.horizon_months
    target, cost = target_name(horizon), cost_target_name(horizon)
    past = pl.concat([snapshots[as_of] for as_of in window.moments])
    # what came after the window's date is taken out before anything learns or scores
    unknown = pl.lit(np.nan)
    now = snapshots[window.as_of].with_columns(unknown.alias(target), unknown.alias(cost))
    frame = pl.concat([past, now.select(past.columns)])
    labels = labels_by_date(tables["main_bank_labels"], frame, policy.main_bank.label_months)
    model = new_model(policy, spec).fit(frame, frame[target].to_numpy(), labels.y, labels.weight)
    scored = model.score_customers(with_circumstances(now, tables, window.as_of))
    simple = _simple(past, now, model, contributions, window, policy, spec)
    return ScoredWindow(
        (*_by_model(scored, policy), *simple),
        scored["main_bank_elsewhere_probability"].to_numpy(),
        scored["tier"],
    )


def _by_model(scored: pl.DataFrame, policy: Policy) -> tuple[RivalForecast, ...]:
    quantiles = scored.select("future_value_p10", "future_value_p50", "future_value_p90").to_numpy()
    published = RivalForecast(MODEL, scored["future_value_12m"].to_numpy(), quantiles, scored["tier"])
    ways = [RivalForecast(name, None, None, tiers_by(way, scored, policy)) for way, name in BY_WAY.items()]
    return published, *ways


def _simple(
    past: pl.DataFrame,
    now: pl.DataFrame,
    model: SegmentationModel,
    contributions: MonthlyContributions,
    window: Window,
    policy: Policy,
    spec: ModelSpec,
) -> list[RivalForecast]:
    horizon = spec.train.horizon_months
    train = KnownHistory(past, np.empty((past.height, 0)), model.features_, horizon)
    months = contributions.up_to(window.as_of, now["customer_id"])
    current = KnownHistory(now, months, model.features_, horizon)
    y = past[target_name(horizon)].to_numpy()
    borders = with_borders_by_facts(now, policy)
    forecasts = []
    for forecast in every_forecast(spec.train.seed):
        mean = forecast.fit(train, y).predict(current)
        placed = with_own_tier(borders.with_columns(blended_contribution_12m=pl.Series(mean)))
        forecasts.append(RivalForecast(forecast.name, mean, None, placed["own_tier"]))
    return forecasts
