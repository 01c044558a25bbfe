"""The forecast's start from run rates and balances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from segment import metrics
from segment.estimator_checks import NOT_HELD
from segment.value import FutureValueRegressor, RunRateRegressor
from segment.value.run_rate import start_weights

Bank = tuple[np.ndarray, np.ndarray]
SMALL = FutureValueRegressor(max_iter=10)


def bank(rows: int, seed: int = 0) -> Bank:
    """Income follows last month's rate, cost last year's; a loan's balance runs off; the year mixes them."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(4, 1.2, rows)
    income, earlier = size * rng.lognormal(0, 0.4, rows), size
    cost, loan = -rng.lognormal(4, 1, rows), np.where(rng.random(rows) < 0.3, rng.lognormal(6, 1, rows), 0.0)
    year = 0.5 * (income + earlier) + cost + 0.05 * loan
    later = (income + cost + 0.03 * loan) * rng.lognormal(0, 0.05, rows)
    return np.column_stack([year, income, earlier, cost, loan]), later


def model(**changes: Any) -> RunRateRegressor:
    made: RunRateRegressor = RunRateRegressor(SMALL, baseline=0, rates=(1, 2, 3), levels=(4,)).set_params(**changes)
    return made


@pytest.mark.slow
@parametrize_with_checks(
    [RunRateRegressor(FutureValueRegressor(max_iter=50))],
    expected_failed_checks=lambda _: NOT_HELD["RunRateRegressor"],
    xfail_strict=True,
)
def test_it_is_an_estimator_by_scikit_learns_rules(estimator: Any, check: Any) -> None:
    check(estimator)


def test_weights_find_which_window_tells_of_the_next_months() -> None:
    X, y = bank(4000)
    naive, latest, earlier, cost, loan = start_weights(X, y, rates=4)
    assert naive + earlier < 0.1
    np.testing.assert_allclose([latest, cost, loan], [1.0, 1.0, 0.03], atol=0.05)


def test_rates_never_weigh_below_zero_and_levels_may() -> None:
    X, y = bank(1000)
    weights = start_weights(np.column_stack([X[:, :4], X[:, 4]]), y - 0.2 * X[:, 4], rates=4)
    assert (weights[:4] >= 0.0).all()
    assert weights[4] < -0.1


def test_a_handful_of_rows_leaves_the_naive_forecast_where_it_stands() -> None:
    X, _ = bank(5)
    np.testing.assert_allclose(start_weights(X, X[:, 0], rates=4), [1.0, 0.0, 0.0, 0.0, 0.0], atol=1e-6)


@pytest.mark.parametrize("amounts", [np.zeros(50), np.full(50, 7.0)])
def test_amounts_that_are_all_alike_leave_finite_weights(amounts: np.ndarray) -> None:
    assert np.isfinite(start_weights(np.column_stack([amounts, np.zeros(50)]), amounts, rates=2)).all()


def test_starting_from_run_rates_errs_less_than_starting_from_the_year() -> None:
    (X, y), (new, came) = bank(1500), bank(1500, seed=1)
    started, plain = model().fit(X, y), FutureValueRegressor(0, max_iter=10).fit(X, y)
    error = metrics.mean_absolute_error(came, started.predict(new))
    assert error < 0.5 * metrics.mean_absolute_error(came, plain.predict(new))


def test_the_money_scales_with_the_currency() -> None:
    X, y = bank(500)
    np.testing.assert_allclose(start_weights(8 * X, 8 * y, rates=4), start_weights(X, y, rates=4), rtol=1e-3, atol=1e-3)


def test_the_order_of_the_rows_changes_nothing() -> None:
    X, y = bank(400)
    mixed = np.random.default_rng(1).permutation(400)
    np.testing.assert_array_equal(model().fit(X, y).predict(X), model().fit(X[mixed], y[mixed]).predict(X))


def test_a_missing_rate_counts_as_nothing_in_the_start() -> None:
    X, y = bank(400)
    fitted, gap, zero = model().fit(X, y), X[:20].copy(), X[:20].copy()
    gap[:, 2], zero[:, 2] = np.nan, 0.0
    np.testing.assert_array_equal(fitted._with_start(gap)[:, -1], fitted._with_start(zero)[:, -1])


def test_chances_and_quantiles_are_those_of_the_forecast_within() -> None:
    X, y = bank(600)
    fitted = clone(model()).fit(X, y)
    bands = fitted.predict_quantiles(X)
    assert (np.diff(bands, axis=1) >= 0).all()
    np.testing.assert_allclose(fitted.predict_below(X, bands)[:, 1], 0.5, atol=0.05)
    seen = model().fit_predict_below(X, y, bands)
    assert seen.shape == (600, 3)
    assert fitted.weights_ == fitted.forecast_.weights_
    assert fitted.out_of_fold_metrics_["rows"] > 0


def test_start_weights_of_a_case_computed_by_hand() -> None:
    naive = np.linspace(1.0, 9.0, 300)
    assert start_weights(np.column_stack([naive, np.sqrt(naive)]), 2.0 * naive, 1).round(1).tolist() == [2.0, 0.0]
