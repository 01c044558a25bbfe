"""What the model says of the next year's tier: odds that add up, an early warning, decisions by expected cost."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from segment.dates import month_end
from segment.jobs.build.snapshots import build_snapshots
from segment.model import SegmentationModel
from segment.model.model_columns import FURTHER
from segment.model.quality import odds_quality
from segment.tiers import TIERS
from segment.tiers.in_arrears import in_default
from segment.tiers.odds import ODDS, OddsCalibration, decide_by_expected_cost
from segment.tiers.outlook import LOWER_TIER
from tests.conftest import AS_OF, Bank


@pytest.fixture(scope="module")
def model(trained_bank: Bank) -> SegmentationModel:
    return trained_bank.tracking().load()[0]


@pytest.fixture(scope="module")
def snapshot(trained_bank: Bank) -> pl.DataFrame:
    return pl.read_parquet(trained_bank.workspace.snapshot(AS_OF))


@pytest.fixture(scope="module")
def scored(model: SegmentationModel, snapshot: pl.DataFrame) -> pl.DataFrame:
    return model.score_customers(snapshot)


def test_every_customers_odds_add_up_to_one(scored: pl.DataFrame) -> None:
    assert set(ODDS) <= set(FURTHER)
    assert scored.select(pl.col(ODDS).is_between(0.0, 1.0).all()).row(0) == (True,) * 4
    np.testing.assert_allclose(scored.select(pl.sum_horizontal(ODDS)).to_series(), 1.0)


def test_growth_staying_and_falling_are_everything(scored: pl.DataFrame) -> None:
    stays = pl.concat([scored.filter(pl.col("tier") == tier).select(stays=f"chance_{tier}") for tier in TIERS])
    moves = pl.concat([scored.filter(pl.col("tier") == tier).select("growth_potential", LOWER_TIER) for tier in TIERS])
    np.testing.assert_allclose(stays["stays"] + moves.sum_horizontal(), 1.0)


def test_the_odds_alone_are_those_that_are_published(
    model: SegmentationModel, snapshot: pl.DataFrame, scored: pl.DataFrame
) -> None:
    np.testing.assert_allclose(model.predict_odds(snapshot), scored.select(ODDS).to_numpy())


def test_most_likely_tiers_are_mostly_todays(scored: pl.DataFrame) -> None:
    likeliest = np.array(TIERS)[scored.select(ODDS).to_numpy().argmax(axis=1)]
    assert (likeliest == scored["tier"].to_numpy()).mean() > 0.6


def test_the_odds_were_corrected_from_customers_not_seen(model: SegmentationModel) -> None:
    assert isinstance(model.odds_, OddsCalibration)
    assert model.odds_.intercepts != [0.0, 0.0, 0.0]


def test_by_expected_cost_tiers_are_those_of_least_cost_where_no_rule_stands_above(
    model: SegmentationModel, snapshot: pl.DataFrame
) -> None:
    policy = model.known_policy()
    by_cost = policy.model_copy(update={"tiers": policy.tiers.model_copy(update={"decide_by": "expected_cost"})})
    other = SegmentationModel.from_policy(by_cost)
    other.__dict__.update({name: value for name, value in vars(model).items() if name.endswith("_")})
    tiers = other.score_customers(snapshot)
    by_cost_alone = pl.col("standing").is_in(["active", "dormant"]) & (pl.col("future_value_p10") > 0)
    free = tiers.filter(by_cost_alone & ~in_default(tiers))
    assert free["tier"].to_list() == decide_by_expected_cost(free.select(ODDS), policy.tiers.cost_of_error.matrix)
    protected = tiers.filter(pl.col("standing").is_in(["new", "provisional", "excluded"]))
    assert "loss_making" not in protected["tier"].to_list()


@pytest.mark.slow
def test_quality_on_outcomes_says_how_far_the_odds_can_be_trusted(trained_bank: Bank) -> None:
    past = month_end(AS_OF.replace(year=2024, month=12, day=1))
    frames = build_snapshots(trained_bank.snapshot_source(), trained_bank.policy, [past, AS_OF], n_jobs=1)
    frame = frames[past]
    actual = frame["contribution_next_12m"].to_numpy()
    model = SegmentationModel.from_policy(trained_bank.policy).fit_future_value(frame, actual)
    found = odds_quality(model, frame, actual)
    assert found["odds_log_loss"] < 0.6 * found["odds_log_loss_of_shares"]
    assert all(0.0 <= found[f"odds_ece_{tier}"] < 0.2 for tier in TIERS)
    assert found["warning_auc"] > 0.7
    assert 0.5 < found["coverage_tier_break_even"] <= 1.0


@pytest.mark.slow
def test_without_the_cost_that_came_the_odds_are_as_the_forecast_gives_them(trained_bank: Bank) -> None:
    past = month_end(AS_OF.replace(year=2024, month=12, day=1))
    frame = build_snapshots(trained_bank.snapshot_source(), trained_bank.policy, [past, AS_OF], n_jobs=1)[past]
    actual = frame["contribution_next_12m"].to_numpy()
    model = SegmentationModel.from_policy(trained_bank.policy)
    model.fit_future_value(frame.drop("cost_next_12m"), actual)
    assert model.odds_.slopes == [1.0, 1.0, 1.0]
