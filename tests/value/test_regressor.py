"""The regressor keeps its promises: conventions, order, units, groups, frames, files, and what it forecasts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest
import skops.io
from sklearn.utils.estimator_checks import parametrize_with_checks

from segment import metrics
from segment.estimator_checks import NOT_HELD
from segment.exceptions import ModelError
from segment.value import FutureValueRegressor, folds
from tests.value.panel import BASELINE, Panel, make_panel


class Judged(NamedTuple):
    """What customers were worth, what was forecast, and the chance given to a value no larger than theirs."""

    actual: np.ndarray
    naive: np.ndarray
    mean: np.ndarray
    bands: np.ndarray
    chance: np.ndarray


@pytest.mark.slow
@parametrize_with_checks(
    [FutureValueRegressor(max_iter=30)],
    expected_failed_checks=lambda _: NOT_HELD["FutureValueRegressor"],
    xfail_strict=True,
)
def test_scikit_learns_checks_pass(estimator: FutureValueRegressor, check: Any) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def panel() -> Panel:
    return make_panel(150, seed=1)


@pytest.fixture(scope="module")
def fitted(panel: Panel) -> FutureValueRegressor:
    return quick().fit(panel.X, panel.y, groups=panel.groups)


def quick(**parameters: Any) -> FutureValueRegressor:
    return FutureValueRegressor(**({"baseline": BASELINE, "max_iter": 40} | parameters))


def halves(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    number = np.unique(panel.groups, return_inverse=True)[1]
    return number % 2 == 0, number % 2 == 1


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    """Forecasts for the half of the customers that was not trained on, on panels of three seeds."""
    found = []
    for seed in (1, 2, 3):
        panel = make_panel(1300, seed=seed)
        train, new = halves(panel)
        model = FutureValueRegressor(BASELINE, max_iter=150).fit(panel.X[train], panel.y[train], panel.groups[train])
        X, y = panel.X[new], panel.y[new]
        mean, bands, chance = model.predict(X), model.predict_quantiles(X), model.predict_below(X, y[:, None])[:, 0]
        found.append(Judged(y, X[BASELINE].to_numpy(), mean, bands, chance))
    return found


@pytest.mark.slow
def test_it_beats_the_last_twelve_months_on_customers_not_seen(judged: list[Judged]) -> None:
    for actual, naive, mean, *_ in judged:
        assert metrics.spearman(actual, mean) > metrics.spearman(actual, naive) + 0.01
        assert metrics.skill(actual, mean, naive) > 0.1


@pytest.mark.slow
def test_the_book_as_a_whole_is_forecast_without_bias(judged: list[Judged]) -> None:
    actual, _, mean, *_ = (np.concatenate(part) for part in zip(*judged, strict=True))
    assert metrics.total_ratio(actual, mean) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("best_share", [1.0, 0.1])
def test_eight_of_ten_lie_between_p10_and_p90_among_the_best_as_well(judged: list[Judged], best_share: float) -> None:
    inside = []
    for actual, _, mean, bands, _ in judged:
        low, _, high = bands.T
        best = mean >= np.quantile(mean, 1.0 - best_share)
        inside.append(metrics.coverage(actual[best], low[best], high[best]))
    assert 0.75 < np.mean(inside) < 0.85


def test_quantiles_increase_within_every_row(panel: Panel, fitted: FutureValueRegressor) -> None:
    assert (np.diff(fitted.predict_quantiles(panel.X), axis=1) >= 0).all()


def test_the_median_has_half_of_the_customers_below(judged: list[Judged]) -> None:
    below = [np.mean(actual <= bands[:, 1]) for actual, _, _, bands, _ in judged]
    assert np.mean(below) == pytest.approx(0.5, abs=0.04)


def test_the_chance_of_what_came_is_uniform(judged: list[Judged]) -> None:
    shares = np.histogram(np.concatenate([judgement.chance for judgement in judged]), 10, (0, 1))[0]
    assert shares / shares.sum() == pytest.approx(np.full(10, 0.1), abs=0.02)


def test_chances_below_amounts_agree_with_the_quantiles(panel: Panel, fitted: FutureValueRegressor) -> None:
    bands = fitted.predict_quantiles(panel.X)
    chances = fitted.predict_below(panel.X, bands)
    np.testing.assert_allclose(chances, np.tile([0.1, 0.5, 0.9], (len(bands), 1)), atol=1e-6)
    np.testing.assert_array_equal(fitted.predict_below(panel.X, [0.0]), fitted.predict_below(panel.X, 0 * bands[:, :1]))


def test_chances_of_training_rows_come_from_models_that_had_not_seen_them(panel: Panel) -> None:
    amounts = np.column_stack([panel.y, panel.y + 1e9])
    chances = quick(max_iter=5).fit_predict_below(panel.X, panel.y, amounts, groups=panel.groups)
    assert np.isfinite(chances).all()
    assert chances[:, 0].mean() == pytest.approx(0.5, abs=0.05)
    assert (chances[:, 1] > 0.999).all()


def test_a_stratum_that_spreads_more_gets_wider_bands() -> None:
    rng = np.random.default_rng(0)
    before, tier = rng.lognormal(3, 1, 3000), rng.integers(0, 3, 3000).astype(float)
    after = before * np.exp(rng.normal(0, 0.1 + 0.4 * tier))
    X, new = np.column_stack([before, tier]), np.arange(3000) % 2 == 1
    model = FutureValueRegressor(0, max_iter=10, coverage_by=1).fit(X[~new], after[~new])
    low, _, high = model.predict_quantiles(X[new]).T
    for code in range(3):
        inside = tier[new] == code
        assert metrics.coverage(after[new][inside], low[inside], high[inside]) == pytest.approx(0.8, abs=0.06)


def test_chosen_sizes_reach_the_trees(panel: Panel) -> None:
    model = quick(max_iter=3, max_leaf_nodes=2, learners=["median_level"]).fit(panel.X, panel.y, groups=panel.groups)
    assert model.n_iter_ == 3
    assert set(model.weights_) == {"median_level"}


@pytest.mark.parametrize("amounts", [np.zeros((3, 1)), 5.0])
def test_amounts_for_others_than_the_rows_are_refused(fitted: FutureValueRegressor, panel: Panel, amounts: Any) -> None:
    with pytest.raises(ModelError, match="`amounts` must hold a row for each"):
        fitted.predict_below(panel.X, amounts)


def test_training_rows_may_come_in_any_order(panel: Panel, fitted: FutureValueRegressor) -> None:
    order = np.random.default_rng(0).permutation(len(panel.y))
    again = quick().fit(panel.X.iloc[order], panel.y[order], groups=panel.groups[order])
    np.testing.assert_array_equal(again.predict(panel.X), fitted.predict(panel.X))
    np.testing.assert_array_equal(again.predict_quantiles(panel.X), fitted.predict_quantiles(panel.X))


def test_the_same_seed_gives_the_same_model_and_another_seed_another(
    panel: Panel, fitted: FutureValueRegressor
) -> None:
    def forecast(seed: int) -> np.ndarray:
        return quick(random_state=seed).fit(panel.X, panel.y, groups=panel.groups).predict(panel.X)

    np.testing.assert_array_equal(forecast(0), fitted.predict(panel.X))
    assert not np.array_equal(forecast(1), fitted.predict(panel.X))


def test_money_in_another_unit_gives_the_forecast_in_that_unit(panel: Panel, fitted: FutureValueRegressor) -> None:
    money = [name for name in panel.X if name.startswith(("contribution", "fees", "deposits", "loan"))]
    fen = panel.X.assign(**{name: panel.X[name] * 1000 for name in money})
    model = quick().fit(fen, panel.y * 1000, groups=panel.groups)
    np.testing.assert_allclose(model.predict(fen) / 1000, fitted.predict(panel.X), rtol=1e-3, atol=1e-3)


def test_a_customer_is_never_on_both_sides_of_a_split(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    draw = folds.splits_by_group

    def spy(groups: np.ndarray, plan: folds.FoldPlan, seed: int) -> list[folds.Split]:
        splits = draw(groups, plan, seed)
        seen.extend((set(groups[train]), set(groups[held_out])) for train, held_out in splits)
        return splits

    monkeypatch.setattr(folds, "splits_by_group", spy)
    quick(max_iter=2).fit(panel.X, panel.y, groups=panel.groups)
    assert len(seen) == 5
    assert not any(train & held_out for train, held_out in seen)
    assert {len(train | held_out) for train, held_out in seen} == {150}


def test_pandas_polars_and_arrays_give_the_same_forecast(panel: Panel) -> None:
    polars = pl.from_pandas(panel.X, nan_to_null=True)
    array = panel.X.to_numpy()
    position = panel.X.columns.get_loc(BASELINE)
    expected = quick(max_iter=5).fit(panel.X, panel.y, groups=panel.groups).predict_quantiles(panel.X)
    for X, baseline in ((polars, BASELINE), (array, position), (panel.X.convert_dtypes(), BASELINE)):
        model = quick(max_iter=5, baseline=baseline).fit(X, panel.y, groups=pl.Series(panel.groups))
        np.testing.assert_array_equal(model.predict_quantiles(X), expected)


def test_a_stored_model_forecasts_bit_by_bit_the_same(panel: Panel, fitted: FutureValueRegressor) -> None:
    stored = skops.io.dumps(fitted)
    again = skops.io.loads(stored, trusted=skops.io.get_untrusted_types(data=stored))
    np.testing.assert_array_equal(again.predict(panel.X), fitted.predict(panel.X))
    np.testing.assert_array_equal(again.predict_quantiles(panel.X), fitted.predict_quantiles(panel.X))


def test_a_stored_model_holds_no_array_with_a_place_for_each_customer(fitted: FutureValueRegressor) -> None:
    lengths = set(_array_lengths(fitted))
    assert lengths
    assert not lengths & {450, 360, 90}  # rows in all, trained on, held out


def _array_lengths(thing: Any) -> list[int]:
    if isinstance(thing, np.ndarray):
        return [len(thing)] if thing.ndim else []
    parts = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list | tuple) else None
    if parts is None:
        parts = vars(thing).values() if hasattr(thing, "__dict__") else []
    return [length for part in parts for length in _array_lengths(part)]


def test_empty_and_constant_columns_are_borne(panel: Panel) -> None:
    odd = panel.X.assign(empty=np.nan, constant=3.0, rare=np.where(np.arange(len(panel.y)) == 0, 1.0, np.nan))
    model = quick(max_iter=5).fit(odd, panel.y, groups=panel.groups)
    assert np.isfinite(model.predict(odd.assign(empty=1.0))).all()


def test_a_missing_baseline_is_taken_as_the_median_customers(panel: Panel) -> None:
    holes = panel.X.copy()
    holes.loc[::3, BASELINE] = np.nan
    model = quick().fit(holes, panel.y, groups=panel.groups)
    assert np.isfinite(model.predict_quantiles(holes)).all()
    nothing = panel.X.assign(**{BASELINE: np.nan})
    assert np.isfinite(quick(max_iter=5).fit(nothing, panel.y).predict(nothing)).all()


def test_without_a_baseline_the_level_is_learned(panel: Panel) -> None:
    model = quick(baseline=None).fit(panel.X, panel.y, groups=panel.groups)
    assert set(model.weights_) <= {"mean_level", "median_level"}
    assert "mae_skill" not in model.out_of_fold_metrics_
    assert metrics.spearman(panel.y, model.predict(panel.X)) > 0.8


@pytest.mark.slow
def test_a_naive_forecast_that_is_useless_is_not_trusted() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(0, 500, 800), rng.uniform(0, 10, 800)])
    y = 20.0 * X[:, 1] + rng.normal(0, 5, 800)
    model = FutureValueRegressor(baseline=0, max_iter=100).fit(X, y)
    assert model.weights_["mean_level"] > 0.8
    assert metrics.skill(y, model.predict(X), np.full(800, y.mean())) > 0.8


def test_a_few_giants_do_not_move_everyone_else(panel: Panel, fitted: FutureValueRegressor) -> None:
    y = panel.y.copy()
    y[:2] = 1e7
    moved = quick().fit(panel.X, y, groups=panel.groups).predict_quantiles(panel.X)[:, 1]
    assert np.median(np.abs(moved - fitted.predict_quantiles(panel.X)[:, 1])) < np.median(np.abs(panel.y))


@pytest.fixture(scope="module")
def zero_inflated_fits() -> list[tuple[np.ndarray, np.ndarray, FutureValueRegressor]]:
    """Naive forecast and truth of customers not trained on, seven of ten of whom are worth nothing; and the model."""
    found = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        rate = rng.gamma(0.5, 1.0, 3000)
        before, after = (rng.poisson(rate) * rng.lognormal(3, 0.5, 3000) for _ in range(2))
        model = FutureValueRegressor(baseline=0, max_iter=60).fit(before[:1500, None], after[:1500])
        found.append((before[1500:, None], after[1500:], model))
    return found


@pytest.mark.slow
def test_a_value_that_is_zero_inflated_and_never_negative_is_forecast_so(zero_inflated_fits: Any) -> None:
    for before, _, model in zero_inflated_fits:
        assert model.predict_quantiles(before).min() >= 0.0
        assert model.predict(before).min() >= 0.0
    ratio = sum(model.predict(X).sum() for X, _, model in zero_inflated_fits) / sum(
        y.sum() for _, y, _ in zero_inflated_fits
    )
    assert ratio == pytest.approx(1.0, abs=0.05)


def test_the_chance_of_zero_is_its_share(zero_inflated_fits: Any) -> None:
    for before, after, model in zero_inflated_fits:
        assert model.predict_below(before, [0.0]).mean() == pytest.approx(np.mean(after <= 0.0), abs=0.07)
        assert (model.predict_below(before, [-1.0]) == 0.0).all()


def test_who_says_nothing_of_everyone_does_not_win_the_blend(zero_inflated_fits: Any) -> None:
    for before, after, model in zero_inflated_fits:
        assert metrics.normalised_gini(after, model.predict(before)) > 0.95 * metrics.normalised_gini(
            after, before[:, 0]
        )


@pytest.mark.parametrize("baseline", ["no_such_column", 99, -1])
def test_a_baseline_that_is_no_column_is_refused(panel: Panel, baseline: str | int) -> None:
    with pytest.raises(ModelError, match="`baseline` must be a column of X"):
        quick(baseline=baseline).fit(panel.X, panel.y)


def test_out_of_fold_figures_speak_of_customers_not_seen(panel: Panel, fitted: FutureValueRegressor) -> None:
    figures = fitted.out_of_fold_metrics_
    assert figures["rows"] == len(panel.y)
    assert figures["total_ratio"] == pytest.approx(1.0, abs=1e-6)
    assert figures["spearman"] < metrics.spearman(panel.y, fitted.predict(panel.X))
