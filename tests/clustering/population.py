"""Banks whose customers' values are heavy-tailed, with the odds of their tiers, for tests of clusters."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import norm

from segment.clustering import EarlierOutcomes
from segment.policy.cost_of_error import CostOfError

TIERS = ("high_value", "valuable", "break_even", "loss_making")
ODDS = [f"chance_{tier}" for tier in TIERS]
MATRIX = CostOfError().matrix


def bank(
    customers: int, seed: int, *, heaviness: float = 900.0, spread: float = 1.6, branches: int = 12, level: float = 1.0
) -> pl.DataFrame:
    """Value, odds, behaviour and what really came; more heaviness, more loss-makers."""
    rng = np.random.default_rng(seed)
    branch = rng.integers(0, branches, customers)
    richness = np.exp(rng.normal(0.0, 0.4, branches))[branch]
    activity = rng.choice([1.0, 0.6, 0.25, 0.02], customers, p=[0.5, 0.1, 0.25, 0.15])
    service = rng.gamma(0.15, 1 / 0.15, customers)
    wealth = rng.lognormal(0.0, spread, customers)
    income = level * (40.0 * activity + 190.0 * activity * richness * wealth)
    cost = level * (30.0 + 60.0 * activity + heaviness * activity * service)
    value = income - cost + level * rng.normal(0.0, 40.0, customers) * activity
    mean_cost = float(cost.mean())
    low = np.maximum(0.25 * mean_cost, np.minimum(0.20 * cost, mean_cost))
    up = np.maximum(0.25 * mean_cost, np.minimum(0.25 * cost, mean_cost))
    reference = np.maximum(np.array([value[branch == b].mean() for b in range(branches)]), 0.25 * mean_cost)[branch]
    borders = np.column_stack([-low, up, np.maximum(up, 4.0 * reference)])
    # next year's value is this one's, give or take a third and a share of the usual cost: the odds say so exactly
    doubt = 0.3 * np.abs(value) + 0.2 * mean_cost
    below = norm.cdf((borders - value[:, None]) / doubt[:, None])
    odds = np.diff(np.column_stack([np.zeros(customers), below, np.ones(customers)]), axis=1)[:, ::-1]
    came = value + doubt * rng.normal(size=customers)
    realised = 3 - (came[:, None] >= borders).sum(axis=1)
    return pl.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(customers)],
            "blended_contribution_12m": value,
            **{name: odds[:, place] for place, name in enumerate(ODDS)},
            "visits_12m": rng.poisson(12 * activity * service),
            "digital_share": np.where(activity > 0.1, rng.beta(2, 2, customers), np.nan),
            "balance_12m": wealth * activity * richness * np.exp(rng.normal(0, 0.5, customers)),
            "products": rng.integers(1, 6, customers),
            "came": [TIERS[number] for number in realised],
        }
    )


def earlier(people: pl.DataFrame) -> EarlierOutcomes:
    """Customers whose outcome is known."""
    return EarlierOutcomes(people, people["came"].to_list())


def cost(people: pl.DataFrame, given: np.ndarray) -> float:
    """What serving them so really cost, counted customer by customer."""
    pairs = zip(people["came"].to_list(), given.tolist(), strict=True)
    return float(np.mean([MATRIX[TIERS.index(true)][TIERS.index(served)] for true, served in pairs]))


def cheapest(people: pl.DataFrame) -> np.ndarray:
    """The tier of least expected cost by each customer's own odds, counted customer by customer."""
    best = []
    for row in people.select(ODDS).iter_rows():
        costs = [sum(chance * MATRIX[true][given] for true, chance in enumerate(row)) for given in range(4)]
        best.append(TIERS[int(np.argmin(np.round(costs, 12)))])
    return np.array(best)
