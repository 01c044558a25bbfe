"""Simple forecasts, by hand and against what they stand for."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from segment.value.baselines.known_history import KnownHistory
from segment.value.baselines.plain_forecasts import (
    BranchMean,
    LastQuarter,
    Persistence,
    PlainBoosting,
    Ridge,
    every_forecast,
)

SNAPSHOT = pl.DataFrame(
    {
        "branch_id": ["a", "a", "b"],
        "contribution_12m": [100.0, 300.0, None],
        "contribution_6m": [40.0, 150.0, 20.0],
        "contribution_3m": [30.0, -5.0, 20.0],
    }
)


def _known(horizon_months: int = 12) -> KnownHistory:
    return KnownHistory(SNAPSHOT, np.zeros((3, 0)), ["contribution_12m", "contribution_3m"], horizon_months)


def test_persistence_is_the_last_year_again_or_the_horizon_taken_to_a_year() -> None:
    assert Persistence().predict(_known()).tolist() == [100.0, 300.0, 0.0]
    assert Persistence().predict(_known(6)).tolist() == [80.0, 300.0, 40.0]


def test_the_last_quarter_counts_four_times() -> None:
    assert LastQuarter().predict(_known()).tolist() == [120.0, -20.0, 80.0]


def test_everyone_of_a_branch_has_its_mean() -> None:
    assert BranchMean().predict(_known()).tolist() == [200.0, 200.0, 0.0]


@pytest.mark.parametrize("learner", [Ridge(), PlainBoosting()])
def test_learners_find_a_line_with_missing_cells_and_give_a_year(learner: Ridge | PlainBoosting) -> None:
    x = np.random.default_rng(0).normal(0, 100, 600)
    frame = pl.DataFrame({"x": x, "never": [None] * 600}, schema={"x": pl.Float64, "never": pl.Float64})
    known = KnownHistory(
        frame.with_columns(pl.when(pl.col("x") > 250).then(None).otherwise("x").alias("x")),
        np.zeros((600, 0)),
        ["x", "never"],
        6,
    )
    predicted = learner.fit(known, 3.0 * x).predict(known)
    usual = x < 250
    assert np.corrcoef(predicted[usual], x[usual])[0, 1] > 0.99
    assert predicted[usual].std() == pytest.approx(6.0 * x[usual].std(), rel=0.05)


def test_every_forecast_has_a_name_of_its_own_and_persistence_is_first() -> None:
    names = [forecast.name for forecast in every_forecast()]
    assert names[0] == "persistence"
    assert len(set(names)) == len(names) == 6


def test_every_forecast_of_a_case_computed_by_hand() -> None:
    assert [forecast.name for forecast in every_forecast()][:2] == ["persistence", "last_3_months"]
