"""The wallet's quantiles cover what they say, never cross, and know no negative volume."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from sklearn.utils.estimator_checks import parametrize_with_checks

from segment.estimator_checks import NOT_HELD
from segment.exceptions import ModelError
from segment.wallet import WalletRegressor


def people(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    income = rng.lognormal(8, 0.5, count)
    size = rng.integers(1, 5, count).astype(float)
    return np.column_stack([income, size]), income * size * rng.lognormal(0, 0.8, count)


@pytest.mark.slow
@parametrize_with_checks(
    [WalletRegressor(max_iter=30)], expected_failed_checks=lambda _: NOT_HELD["WalletRegressor"], xfail_strict=True
)
def test_scikit_learns_checks_pass(estimator: WalletRegressor, check: object) -> None:
    check(estimator)  # type: ignore[operator]


@pytest.mark.slow
def test_quantiles_cover_what_they_say_on_customers_not_seen() -> None:
    X, y = people(4000)
    new, actual = people(4000, seed=1)
    half, most = WalletRegressor().fit(X, y).predict_quantiles(new).T
    assert np.mean(actual <= half) == pytest.approx(0.5, abs=0.03)
    assert np.mean(actual <= most) == pytest.approx(0.8, abs=0.03)
    assert (half <= most).all()


def test_more_income_means_a_larger_wallet() -> None:
    X, y = people(3000)
    poor, rich = WalletRegressor().fit(X, y).predict([[1500.0, 2.0], [9000.0, 2.0]])
    assert rich > 2 * poor


def test_no_wallet_is_negative_and_missing_circumstances_are_allowed() -> None:
    X, y = people(500)
    X[::3, 1] = np.nan
    y[::2] = 0.0
    assert WalletRegressor().fit(X, y).predict_quantiles(X).min() >= 0.0


def test_weights_move_the_answer() -> None:
    X = np.zeros((400, 1))
    y = np.repeat([10.0, 1000.0], 200)
    weight = np.repeat([1.0, 9.0], 200)
    assert WalletRegressor().fit(X, y, sample_weight=weight).predict(X)[0] > 500


@pytest.mark.parametrize("quantiles", [(), (0.8, 0.5), (0.0, 0.5), (0.5, 1.0), (0.5, 0.5)])
def test_quantiles_must_ascend_between_0_and_1(quantiles: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="`quantiles` must ascend"):
        WalletRegressor(quantiles).fit(*people(50))


def test_it_comes_back_from_skops_with_the_same_predictions() -> None:
    X, y = people(300)
    model = WalletRegressor().fit(X, y)
    stored = skops.io.dumps(model)
    again = skops.io.loads(stored, trusted=skops.io.get_untrusted_types(data=stored))
    np.testing.assert_array_equal(again.predict_quantiles(X), model.predict_quantiles(X))


def test_circumstances_that_are_missing_for_everyone_change_nothing() -> None:
    X, y = people(300)
    empty = np.full((300, 1), np.nan)
    with_empty = WalletRegressor(max_iter=20).fit(np.hstack([X, empty]), y).predict(np.hstack([X, empty]))
    np.testing.assert_array_equal(with_empty, WalletRegressor(max_iter=20).fit(X, y).predict(X))


def test_people_of_whom_nothing_is_known_get_the_quantiles_of_all() -> None:
    y = people(1000)[1]
    half, most = WalletRegressor().fit(np.full((1000, 2), np.nan), y).predict_quantiles(np.full((1, 2), np.nan)).T
    assert half[0] == pytest.approx(np.quantile(y, 0.5), rel=0.05)
    assert most[0] == pytest.approx(np.quantile(y, 0.8), rel=0.05)


def test_customers_of_weight_zero_are_left_out() -> None:
    X, y = people(300)
    weight = np.repeat([1.0, 0.0], 150)
    weighted = WalletRegressor(max_iter=20).fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(weighted.predict(X), WalletRegressor(max_iter=20).fit(X[:150], y[:150]).predict(X))


def test_a_negative_volume_is_refused_without_telling_it() -> None:
    X, y = people(50)
    y[7] = -123.0
    with pytest.raises(ModelError, match="Got 1 of 50 below") as refused:
        WalletRegressor().fit(X, y)
    assert "123" not in str(refused.value)


def test_pandas_polars_and_arrays_give_the_same_wallets() -> None:
    X, y = people(200)
    names = ["income", "size"]
    frames = pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names), X
    first, *others = [WalletRegressor(max_iter=10).fit(frame, y).predict_quantiles(frame) for frame in frames]
    for other in others:
        np.testing.assert_array_equal(other, first)
