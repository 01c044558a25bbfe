"""What each forecast says of a window, by what was known then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.features import cost_target_name, target_name
from segment.jobs.backtest.history import Contributions
from segment.jobs.backtest.windows import Window
from segment.jobs.experiment import new_model
from segment.jobs.reference import with_deceased
from segment.main_bank import labels_at
from segment.model import SegmentationModel
from segment.policy import ModelSpec, Policy
from segment.tiers import decide_by_expected_cost, with_own_tier
from segment.tiers.odds import ODDS
from segment.tiers.realised import with_borders_by_facts
from segment.value.baselines import Known, every_forecast

Floats = NDArray[np.float64]

MODEL, LEAST_COST = "model", "model_at_least_cost"


@dataclass(frozen=True)
class Said:
    """What one forecast says of the customers of a window.

    Attributes
    ----------
    name : str
        `model`, a simpler forecast's name, or `model_at_least_cost`.
    mean : array of shape (n,) or None
        Contribution of the next twelve months; None where it gives only tiers.
    quantiles : array of shape (n, 3) or None
        P10, P50 and P90; None where it gives only a mean.
    tiers : polars.Series of str
        Tier of each customer.
    """

    name: str
    mean: Floats | None
    quantiles: Floats | None
    tiers: pl.Series


@dataclass(frozen=True)
class Scored:
    """A window as it would have been scored on its day.

    Attributes
    ----------
    said : tuple of Said
        The model first, then the simpler forecasts, persistence foremost.
    elsewhere : array of shape (n,)
        Probability that the main bank is elsewhere.
    tiers : polars.Series of str
        Published by the model.
    """

    said: tuple[Said, ...]
    elsewhere: Floats
    tiers: pl.Series


def score_window(
    window: Window,
    snapshots: Mapping[dt.date, pl.DataFrame],
    contributions: Contributions,
    tables: Mapping[str, pl.DataFrame],
    policy: Policy,
    spec: ModelSpec,
) -> Scored:
    """Train on what was known and score the window's moment.

    Parameters
    ----------
    window : Window
        The moment, and those to learn from.
    snapshots : mapping of datetime.date to polars.DataFrame
        Of all of these moments.
    contributions : Contributions
        Month by month.
    tables : mapping of str to polars.DataFrame
        `main_bank_labels` and `contact_rules`; only rows up to the moment are read.
    policy : Policy
        Frozen figures.
    spec : ModelSpec
        What to train.

    Returns
    -------
    Scored
    """
    horizon = spec.train.horizon_months
    target, cost = target_name(horizon), cost_target_name(horizon)
    past = pl.concat([snapshots[moment] for moment in window.moments])
    # what came after the window's moment is taken out before anything learns or scores
    unknown = pl.lit(np.nan)
    now = snapshots[window.as_of].with_columns(unknown.alias(target), unknown.alias(cost))
    frame = pl.concat([past, now.select(past.columns)])
    labels = labels_at(tables["main_bank_labels"], frame["customer_id"], window.as_of)
    model = new_model(policy, spec).fit(frame, frame[target].to_numpy(), labels.y, labels.weight)
    scored = model.score_customers(with_deceased(now, tables["contact_rules"], window.as_of))
    simple = _simple(past, now, model, contributions, window, policy, spec)
    return Scored(
        (*_by_model(scored, policy), *simple),
        scored["main_bank_elsewhere_probability"].to_numpy(),
        scored["tier"],
    )


def _by_model(scored: pl.DataFrame, policy: Policy) -> tuple[Said, ...]:
    quantiles = scored.select("future_value_p10", "future_value_p50", "future_value_p90").to_numpy()
    published = Said(MODEL, scored["future_value_12m"].to_numpy(), quantiles, scored["tier"])
    chances = scored.select(pl.col(name).cast(pl.Float64) for name in ODDS).fill_null(float("nan")).to_numpy()
    open_to_high_value = scored["future_value_p10"].to_numpy() > 0
    least = decide_by_expected_cost(np.nan_to_num(chances), policy.tiers.cost_of_error.matrix, open_to_high_value)
    cheapest = np.where(np.isnan(chances).any(axis=1), scored["tier"].to_numpy(), least)
    return published, Said(LEAST_COST, None, None, pl.Series("tier", cheapest.tolist(), dtype=pl.String))


def _simple(
    past: pl.DataFrame,
    now: pl.DataFrame,
    model: SegmentationModel,
    contributions: Contributions,
    window: Window,
    policy: Policy,
    spec: ModelSpec,
) -> list[Said]:
    horizon = spec.train.horizon_months
    learned_from = Known(past, np.empty((past.height, 0)), model.features_, horizon)
    months = contributions.up_to(window.as_of, now["customer_id"])
    known = Known(now, months, model.features_, horizon)
    y = past[target_name(horizon)].to_numpy()
    borders = with_borders_by_facts(now, policy)
    said = []
    for forecast in every_forecast(spec.train.seed):
        mean = forecast.fit(learned_from, y).predict(known)
        placed = with_own_tier(borders.with_columns(blended_contribution_12m=pl.Series(mean)))
        said.append(Said(forecast.name, mean, None, placed["own_tier"]))
    return said
