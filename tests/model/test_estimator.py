"""The model follows scikit-learn's conventions where they apply, and composes its parts as the policy says."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from segment.dates import month_end
from segment.estimator_checks import NOT_HELD
from segment.exceptions import HistoryError, ModelError
from segment.jobs.build.snapshots import build_snapshots
from segment.model import SegmentationModel
from segment.model.model_columns import baseline_name
from segment.model.quality import tier_quality
from segment.tiers import TIERS
from segment.tracking.model_files import TRUSTED_TYPES
from tests.conftest import AS_OF, Bank


@parametrize_with_checks(
    [SegmentationModel()], expected_failed_checks=lambda _: NOT_HELD["SegmentationModel"], xfail_strict=True
)
def test_scikit_learns_checks_pass_where_no_array_is_fed(estimator: SegmentationModel, check: object) -> None:
    check(estimator)  # type: ignore[operator]


@pytest.fixture(scope="module")
def model(trained_bank: Bank) -> SegmentationModel:
    return trained_bank.tracking().load()[0]


@pytest.fixture(scope="module")
def snapshot(trained_bank: Bank) -> pl.DataFrame:
    return pl.read_parquet(trained_bank.workspace.snapshot(AS_OF))


def test_an_array_is_refused_with_a_hint(model: SegmentationModel) -> None:
    with pytest.raises(ModelError, match="must be given a snapshot with column names"):
        model.predict(np.zeros((3, 2)))


def test_pandas_and_polars_give_the_same_tiers(model: SegmentationModel, snapshot: pl.DataFrame) -> None:
    assert (model.predict(snapshot) == model.predict(snapshot.to_pandas())).all()


def test_scoring_twice_gives_the_same(model: SegmentationModel, snapshot: pl.DataFrame) -> None:
    assert model.score_customers(snapshot).equals(model.score_customers(snapshot))


def test_the_order_of_customers_changes_nothing(model: SegmentationModel, snapshot: pl.DataFrame) -> None:
    turned = model.score_customers(snapshot.reverse()).sort("customer_id")
    kept = ["customer_id", "tier", "tier_source", "cluster", "main_bank_elsewhere"]
    assert turned.select(kept).equals(model.score_customers(snapshot).sort("customer_id").select(kept))


def test_quality_figures_are_shares(model: SegmentationModel, snapshot: pl.DataFrame) -> None:
    found = tier_quality(model, snapshot)
    assert sum(found[f"share_{tier}"] for tier in TIERS) == pytest.approx(1.0)
    assert 0.7 <= found["cluster_agreement"] <= 1.0  # clusters look ahead, own figures half back


def test_a_model_without_outcomes_says_so(trained_bank: Bank, snapshot: pl.DataFrame) -> None:
    model = SegmentationModel.from_policy(trained_bank.policy)
    with pytest.raises(HistoryError, match="None of .* rows has one"):
        model.fit(snapshot, np.full(snapshot.height, np.nan))


def test_a_model_without_a_policy_says_how_to_build_one(snapshot: pl.DataFrame) -> None:
    with pytest.raises(ModelError, match="from_policy"):
        SegmentationModel().fit(snapshot, np.zeros(snapshot.height))


@pytest.mark.slow
def test_a_shorter_horizon_is_scaled_to_a_year(trained_bank: Bank) -> None:
    moments = [month_end(AS_OF.replace(month=9, day=1)), AS_OF]
    frames = build_snapshots(trained_bank.snapshot_source(), trained_bank.policy, moments, horizon_months=3, n_jobs=1)
    past = frames[moments[0]]
    target = past["contribution_next_3m"].to_numpy()
    model = SegmentationModel.from_policy(trained_bank.policy, horizon_months=3).fit_future_value(past, target)
    yearly = model.predict_future_value(past)[:, 0]
    assert yearly.sum() == pytest.approx(4 * target.sum(), rel=0.3)


@pytest.mark.parametrize(
    ("horizon", "column"), [(12, "contribution_12m"), (9, "contribution_6m"), (1, "contribution_1m")]
)
def test_the_baseline_is_the_longest_window_within_the_horizon(horizon: int, column: str) -> None:
    assert baseline_name(horizon) == column


def test_a_clone_keeps_the_parameters_and_nothing_learned(model: SegmentationModel) -> None:
    copy = clone(model)
    assert copy.get_params()["policy"] == model.get_params()["policy"]
    assert not hasattr(copy, "clustering_")


def test_every_type_that_is_trusted_is_needed_or_ours() -> None:
    assert all(name.startswith("segment.") or "TreePredictor" in name for name in TRUSTED_TYPES)
