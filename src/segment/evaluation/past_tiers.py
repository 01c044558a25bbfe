"""The tiers that a policy would have given on a past day, from what was known on that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.features import target_name
from segment.policy import Policy
from segment.tiers import assign_tiers, learn_references, with_blended, with_borders, with_own_tier
from segment.tiers.odds import MARGIN, odds_of_tiers, with_odds
from segment.tiers.outlook import GROWTH, growth_amount
from segment.tiers.stability.hysteresis import with_hysteresis
from segment.tiers.stability.tier_state import state_before
from segment.warehouse.reference_tables import with_circumstances

Floats = NDArray[np.float64]

NO_MISS_KNOWN: Floats = np.zeros(1)
"""Where no outcome was known yet, forecasts are taken at their word."""

HORIZON_MONTHS = 12


def past_tiers(
    snapshot: pl.DataFrame,
    misses: Floats,
    tables: Mapping[str, pl.DataFrame],
    as_of: dt.date,
    policy: Policy,
    managers: Mapping[str, int],
) -> pl.DataFrame:
    """Tier the customers of a past day."""
    # No learned model takes part: today's has seen what came of those customers. The forecast is that the next twelve
    # months are as the last; how far such forecasts miss is taken from the misses that were known on that day. Clusters
    # are left out, so that each customer's own figures decide.
    # `misses`: What `misses_of` returns for a day a year earlier, or `NO_MISS_KNOWN`.
    current = with_circumstances(snapshot, tables, as_of)
    forecast = _persistence(current)
    size = _size(current, forecast)
    p10, p50, p90 = (forecast + size * np.quantile(misses, level) for level in (0.1, 0.5, 0.9))
    mean = forecast + size * float(misses.mean())
    named = {"future_value_12m": mean, "future_value_p10": p10, "future_value_p50": p50, "future_value_p90": p90}
    frame = current.with_columns(pl.Series(name, values) for name, values in named.items())
    blended = with_blended(frame, policy.tiers)
    placed = with_borders(blended, learn_references(blended, policy.tiers), policy)
    edges = placed.select("border_low", "border_break_even", pl.col("border_high")).to_numpy()
    below = np.column_stack([_chance_below(misses, (edges[:, n] - forecast) / size) for n in range(3)])
    grown = placed.select(growth_amount(policy.tiers).alias("amount"))["amount"].to_numpy()
    placed = with_odds(placed, odds_of_tiers(below)).with_columns(
        pl.Series(GROWTH, 1.0 - _chance_below(misses, (grown - forecast) / size)),
        main_bank_elsewhere_probability=pl.lit(0.0),
        main_bank_state=pl.lit("unknown"),
        wallet_elsewhere_12m=pl.lit(0.0),
    )
    # without clusters the own figures decide, or the own odds where the policy goes by odds
    alone = pl.lit(None, dtype=pl.String) if policy.tiers.decide_by == "clusters" else pl.col("own_tier")
    known = with_own_tier(placed).with_columns(pl.lit(None, dtype=pl.Float64).alias(MARGIN), cluster_tier=alone)
    return assign_tiers(known, policy, managers)


def with_lasting_tiers(
    proposed: pl.DataFrame, before: pl.DataFrame | None, as_of: dt.date, policy: Policy
) -> pl.DataFrame:
    """Make the tiers of a past day last, given those of the day before."""
    state = state_before(before, as_of)
    tiers = with_hysteresis(proposed.join(state, on="customer_id", how="left", maintain_order="left"), policy.tiers)
    joined = [name for name in state.columns if name != "customer_id"]
    return tiers.drop(joined).with_columns(proposed_tier="tier", tier="stable_tier", as_of=pl.lit(as_of))


def misses_of(snapshot: pl.DataFrame) -> Floats:
    """How far the forecast missed what came, over the size of the forecast."""
    if target_name(HORIZON_MONTHS) not in snapshot.columns:
        return NO_MISS_KNOWN
    forecast = _persistence(snapshot)
    outcome = snapshot[target_name(HORIZON_MONTHS)].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    misses: Floats = (outcome - forecast) / _size(snapshot, forecast)
    misses = np.sort(misses[np.isfinite(misses)])
    return misses if len(misses) else NO_MISS_KNOWN


def _persistence(snapshot: pl.DataFrame) -> Floats:
    months = pl.col("months_observed").clip(1, HORIZON_MONTHS)
    year = pl.col("contribution_12m").fill_nan(None).fill_null(0.0) * HORIZON_MONTHS / months
    return snapshot.select(year.cast(pl.Float64).fill_null(0.0).alias("year"))["year"].to_numpy()


def _size(snapshot: pl.DataFrame, forecast: Floats) -> Floats:
    cost = snapshot["cost_12m"].cast(pl.Float64).fill_nan(None).mean()
    return np.abs(forecast) + max(float(cost) if isinstance(cost, float) else 0.0, 1.0)


def _chance_below(misses: Floats, amount: Floats) -> Floats:
    return np.searchsorted(misses, amount, side="left") / len(misses)
