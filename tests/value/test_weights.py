"""Rows that stand for several: the same as none where all weigh alike, about the same as repeated rows otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from segment.exceptions import ModelError
from segment.value import FutureValueRegressor, RunRateRegressor
from tests.value.panel import BASELINE, Panel, make_panel


@pytest.fixture(scope="module")
def panel() -> Panel:
    return make_panel(120, seed=1)


@pytest.fixture(scope="module")
def weight(panel: Panel) -> np.ndarray:
    """Whole numbers, some of them 0, and more for those whose value rises."""
    drawn = np.random.default_rng(0).integers(0, 4, len(panel.y))
    return (drawn + 4 * (panel.y > panel.X[BASELINE])).astype(float)


def fitted(panel: Panel, weight: np.ndarray | None, rows: np.ndarray | slice = slice(None)) -> FutureValueRegressor:
    model = FutureValueRegressor(BASELINE, max_iter=20)
    return model.fit(panel.X.iloc[rows], panel.y[rows], panel.groups[rows], weight)


@pytest.fixture(scope="module")
def weighted(panel: Panel, weight: np.ndarray) -> FutureValueRegressor:
    return fitted(panel, weight)


def test_the_same_weight_for_all_is_none(panel: Panel) -> None:
    plain, alike = fitted(panel, None), fitted(panel, np.full(len(panel.y), 7.0))
    assert np.array_equal(plain.predict_quantiles(panel.X), alike.predict_quantiles(panel.X))
    assert plain.out_of_fold_metrics_ == alike.out_of_fold_metrics_


def test_only_ratios_count_and_rows_of_no_weight_are_left_out(
    panel: Panel, weight: np.ndarray, weighted: FutureValueRegressor
) -> None:
    some = np.flatnonzero(weight)
    fewer = fitted(panel, 0.01 * weight[some], some)
    assert fewer.predict(panel.X) == pytest.approx(weighted.predict(panel.X))
    assert fewer.predict_below(panel.X, [0.0, 100.0]) == pytest.approx(weighted.predict_below(panel.X, [0.0, 100.0]))


def test_whole_weights_are_about_repeated_rows(
    panel: Panel, weight: np.ndarray, weighted: FutureValueRegressor
) -> None:
    repeated = fitted(panel, None, np.repeat(np.arange(len(panel.y)), weight.astype(int)))
    new = make_panel(300, seed=2)
    one, other, plain = (model.predict(new.X) for model in (weighted, repeated, fitted(panel, None)))
    assert np.corrcoef(one, other)[0, 1] > 0.99
    assert abs(one.mean() - other.mean()) < 0.2 * (one.mean() - plain.mean())
    assert weighted.scale_ == pytest.approx(repeated.scale_)


def test_what_is_calibrated_holds_for_the_weighted_customers(weighted: FutureValueRegressor) -> None:
    found = weighted.out_of_fold_metrics_
    assert found["total_ratio"] == pytest.approx(1.0)
    assert found["coverage_p10_p90"] == pytest.approx(0.8, abs=0.03)


def test_the_order_of_weighted_rows_changes_nothing(
    panel: Panel, weight: np.ndarray, weighted: FutureValueRegressor
) -> None:
    order = np.random.default_rng(3).permutation(len(panel.y))
    assert np.array_equal(fitted(panel, weight[order], order).predict(panel.X), weighted.predict(panel.X))


def test_rows_of_no_weight_have_no_chance_out_of_fold(panel: Panel, weight: np.ndarray) -> None:
    model = FutureValueRegressor(BASELINE, max_iter=5)
    chances = model.fit_predict_below(panel.X, panel.y, [0.0], panel.groups, sample_weight=weight)
    assert np.isnan(chances[:, 0]).tolist() == (weight == 0).tolist()


def test_where_most_is_nothing_its_share_is_weighted() -> None:
    y, X = np.tile([0.0, 0.0, 5.0], 80), np.ones((240, 1))
    model = FutureValueRegressor(max_iter=5).fit(X, y, sample_weight=np.tile([3.0, 3.0, 2.0], 80))
    assert model.predict_below(X[:1], [0.0])[0, 0] == pytest.approx(0.75)
    assert model.predict(X[:1])[0] == pytest.approx(1.25, abs=0.01)


def test_the_run_rates_start_is_learned_by_weight() -> None:
    rng = np.random.default_rng(0)
    X = rng.lognormal(3, 1, (300, 2))
    half = np.arange(300) < 150
    y = np.where(half, X[:, 1], 0.5 * X[:, 1])
    model = RunRateRegressor(FutureValueRegressor(max_iter=5), rates=(1,))
    assert model.fit(X, y, sample_weight=np.where(half, 1.0, 0.0)).start_weights_ == pytest.approx([0, 1], abs=0.02)
    assert model.fit(X, y, sample_weight=np.where(half, 0.001, 1)).start_weights_ == pytest.approx([0, 0.5], abs=0.02)
    plain = model.fit(X, y).start_weights_
    assert np.array_equal(model.fit(X, y, sample_weight=np.ones(300)).start_weights_, plain)


def test_weights_that_are_none_are_refused(panel: Panel) -> None:
    with pytest.raises(ValueError, match=r"[Nn]egative"):
        fitted(panel, np.full(len(panel.y), -1.0))
    with pytest.raises(ModelError, match="At least 2 rows must have a positive weight. Got 1."):
        fitted(panel, np.eye(len(panel.y))[0])
