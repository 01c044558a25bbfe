"""Banks whose customers' values are heavy-tailed, with the borders of the policy, for tests of clusters."""

from __future__ import annotations

import numpy as np
import polars as pl

BORDERS = ["border_low", "border_break_even", "border_high"]


def bank(
    customers: int, seed: int, *, heaviness: float = 900.0, spread: float = 1.6, branches: int = 12, level: float = 1.0
) -> pl.DataFrame:
    """Value, cost and behaviour of customers of several branches; more heaviness, more loss-makers."""
    rng = np.random.default_rng(seed)
    branch = rng.integers(0, branches, customers)
    richness = np.exp(rng.normal(0.0, 0.4, branches))[branch]
    activity = rng.choice([1.0, 0.6, 0.25, 0.02], customers, p=[0.5, 0.1, 0.25, 0.15])
    service = rng.gamma(0.15, 1 / 0.15, customers)
    wealth = rng.lognormal(0.0, spread, customers)
    income = level * (40.0 * activity + 190.0 * activity * richness * wealth)
    cost = level * (30.0 + 60.0 * activity + heaviness * activity * service)
    noise = level * rng.normal(0.0, 40.0, customers) * activity
    value = income - cost + noise
    mean_cost = float(cost.mean())
    band_low = np.maximum(0.25 * mean_cost, np.minimum(0.20 * cost, mean_cost))
    band_up = np.maximum(0.25 * mean_cost, np.minimum(0.25 * cost, mean_cost))
    reference = np.maximum(np.array([value[branch == b].mean() for b in range(branches)]), 0.25 * mean_cost)[branch]
    return pl.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(customers)],
            "blended_contribution_12m": value,
            "border_low": -band_low,
            "border_break_even": band_up,
            "border_high": np.maximum(band_up, 4.0 * reference),
            "mean_cost": mean_cost,
            "visits_12m": rng.poisson(12 * activity * service),
            "digital_share": np.where(activity > 0.1, rng.beta(2, 2, customers), np.nan),
            "balance_12m": wealth * activity * richness * np.exp(rng.normal(0, 0.5, customers)),
            "products": rng.integers(1, 6, customers),
        }
    )
