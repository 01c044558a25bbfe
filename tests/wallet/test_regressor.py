"""The wallet's quantiles cover what they say, never cross, and know no negative volume."""

from __future__ import annotations

import numpy as np
import pytest
import skops.io
from sklearn.utils.estimator_checks import parametrize_with_checks

from segment.wallet import WalletRegressor


def people(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    income = rng.lognormal(8, 0.5, count)
    size = rng.integers(1, 5, count).astype(float)
    return np.column_stack([income, size]), income * size * rng.lognormal(0, 0.8, count)


@parametrize_with_checks([WalletRegressor(max_iter=5)])
def test_scikit_learns_checks_pass(estimator: WalletRegressor, check: object) -> None:
    check(estimator)  # type: ignore[operator]


def test_quantiles_cover_what_they_say_on_customers_not_seen() -> None:
    X, y = people(4000)
    new, actual = people(4000, seed=1)
    half, most = WalletRegressor().fit(X, y).predict_quantiles(new).T
    assert np.mean(actual <= half) == pytest.approx(0.5, abs=0.04)
    assert np.mean(actual <= most) == pytest.approx(0.8, abs=0.04)
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
