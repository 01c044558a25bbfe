"""The better challenger passes the gates that compare, an equal one seldom, a worse one never."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from segment.evaluation.champion_challenger import ForecastPair, compare_forecast_pair
from segment.evaluation.fairness_comparison import Fairness
from segment.jobs.learn.promotion_gates import paired_gates
from segment.policy.promotion import Promotion
from segment.statistics import Resamples

CUSTOMERS, TRIALS, RESAMPLES = 2_400, 15, 40
FRAME = pl.DataFrame(
    {"customer_id": [f"c{number}" for number in range(CUSTOMERS)], "branch_id": ["a", "b", "c"] * (CUSTOMERS // 3)}
)


def pair(error: float, rng: np.random.Generator) -> ForecastPair:
    """Two forecasts of heavy-tailed outcomes that mostly miss the same."""
    last_year = rng.lognormal(4.0, 1.0, CUSTOMERS) - 40.0
    size = np.abs(last_year) + 10.0
    shared, first, second = (rng.normal(0, 1.0, CUSTOMERS) * size for _ in range(3))
    actual = last_year + 0.4 * shared
    predicted = (last_year + 0.08 * first, actual + error * (last_year + 0.08 * second - actual))
    wrong = tuple((np.abs(forecast - actual) > size).astype(np.float64) for forecast in predicted)
    return ForecastPair(FRAME, actual, last_year + 0.3 * first, predicted, (wrong[0], wrong[1]))


def passed(error: float) -> int:
    rng, draws = np.random.default_rng(5), Resamples(CUSTOMERS, RESAMPLES)
    compared = [compare_forecast_pair(pair(error, rng), ("2024-12-31",), draws, 300, Fairness()) for _ in range(TRIALS)]
    return sum(all(gate.holds for gate in paired_gates(each, Promotion())) for each in compared)


@pytest.mark.parametrize(("error", "least", "most"), [(0.97, 12, 15), (1.0, 0, 1), (1.03, 0, 0)])
def test_the_better_passes_and_nobody_else(error: float, least: int, most: int) -> None:
    assert least <= passed(error) <= most
