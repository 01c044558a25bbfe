"""Trees that are quick to fit and to store are scikit-learn's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn._loss.loss import AbsoluteError, PinballLoss
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper

from segment.boosted_trees import BoostedClassifier, BoostedRegressor, draw_bins, quantile_of
from segment.tracking.model_files import TRUSTED_TYPES

RNG = np.random.default_rng(0)
X = np.where(RNG.random((200, 3)) < 0.1, np.nan, RNG.normal(size=(200, 3)))
Y = np.nan_to_num(X[:, 0]) + RNG.normal(size=200)
WEIGHT = RNG.uniform(0.5, 2.0, 200)
LOSSES: list[dict[str, Any]] = [
    {"loss": "squared_error"},
    {"loss": "absolute_error"},
    {"loss": "quantile", "quantile": 0.1},
    {"loss": "quantile", "quantile": 0.9},
]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_they_forecast_what_scikit_learns_do(loss: dict[str, Any], weight: Any) -> None:
    theirs, ours = (
        kind(**loss, max_iter=20, random_state=0).fit(X, Y, sample_weight=weight).predict(X)
        for kind in (HistGradientBoostingRegressor, BoostedRegressor)
    )
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_classes_are_told_apart_as_scikit_learn_does() -> None:
    theirs, ours = (
        kind(max_iter=20, random_state=0).fit(X, Y > 0, sample_weight=WEIGHT).predict_proba(X)
        for kind in (HistGradientBoostingClassifier, BoostedClassifier)
    )
    assert (ours == theirs).all()


@pytest.mark.parametrize("weight", [None, WEIGHT, np.where(WEIGHT > 1.5, 0.0, WEIGHT), np.rint(WEIGHT)])
def test_borders_of_bins_are_scikit_learns(weight: Any) -> None:
    theirs, ours = _BinMapper(n_bins=33, random_state=0).fit(X, sample_weight=weight), draw_bins(X, 32, weight)
    assert all((one == two).all() for one, two in zip(theirs.bin_thresholds_, ours.bin_thresholds_, strict=True))
    assert (theirs.n_bins_non_missing_ == ours.n_bins_non_missing_).all()


def test_bins_drawn_once_are_those_of_each_ensemble() -> None:
    drawn = BoostedRegressor(max_iter=20, random_state=0)
    drawn.bins = draw_bins(X, 255)
    assert (drawn.fit(X, Y).predict(X) == BoostedRegressor(max_iter=20, random_state=0).fit(X, Y).predict(X)).all()


@pytest.mark.parametrize("kind", [BoostedRegressor, BoostedClassifier])
def test_what_is_stored_forecasts_the_same_and_is_a_few_arrays(kind: Any) -> None:
    fitted = kind(max_iter=20, random_state=0)
    fitted.bins = draw_bins(X, 63)
    fitted.fit(X, Y > 0)
    stored = skops.io.dumps(fitted)
    loaded = skops.io.loads(stored, trusted=list(TRUSTED_TYPES))
    assert (loaded.predict(X) == fitted.predict(X)).all()
    assert loaded.n_iter_ == 20
    assert (skops.io.loads(skops.io.dumps(loaded), trusted=list(TRUSTED_TYPES)).predict(X) == fitted.predict(X)).all()
    assert stored.count(b".npy") < 30


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("rows", [1, 2, 3, 200])
def test_quantiles_of_a_leaf_are_scikit_learns(quantile: float, rows: int) -> None:
    theirs = AbsoluteError() if quantile == 0.5 else PinballLoss(quantile=quantile)
    plain, weighed = theirs.fit_intercept_only(Y[:rows]), theirs.fit_intercept_only(Y[:rows], WEIGHT[:rows])
    assert quantile_of(Y[:rows], quantile) == pytest.approx(plain, rel=1e-12)
    assert quantile_of(Y[:rows], quantile, WEIGHT[:rows]) == weighed


def test_the_row_that_reaches_the_quantile_by_weight_computed_by_hand() -> None:
    assert quantile_of(np.array([3.0, 1.0, 2.0]), 0.5, np.array([1.0, 1.0, 4.0])) == 2.0


def test_an_ensemble_that_is_not_fitted_is_stored_too() -> None:
    assert BoostedRegressor(max_iter=7).__getstate__()["max_iter"] == 7
