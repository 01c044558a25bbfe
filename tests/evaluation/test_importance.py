"""Permutation importance as others compute it, and reasons that the forecast bears out."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression

from segment.evaluation.importance import agreement_with_reasons, explain_forecast, importances
from segment.model import SegmentationModel
from segment.warehouse.published_tiers import published_tiers
from tests.conftest import AS_OF, Bank


def test_importances_agree_with_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2_000, 3))
    y = 3 * X[:, 0] + X[:, 1] + rng.normal(size=2_000)
    model = LinearRegression().fit(X, y)
    theirs = (
        permutation_importance(
            model, X, y, scoring="neg_mean_absolute_error", n_repeats=10, random_state=0
        ).importances_mean
        / np.abs(y - model.predict(X)).mean()
    )
    found = importances(model.predict, X, y, {"a": [0], "b": [1], "c": [2]}, seed=1)
    ours = {each.name: each.error_added for each in found}
    assert [each.name for each in found] == ["a", "b", "c"]
    assert [ours["a"], ours["b"], ours["c"]] == pytest.approx(theirs, rel=0.05, abs=0.01)


def test_the_standard_error_is_how_far_an_importance_spreads_over_samples_of_customers() -> None:
    rng = np.random.default_rng(0)

    def of_a_sample(customers: int) -> tuple[float, float]:
        X = rng.normal(size=(customers, 2))
        (found,) = importances(lambda rows: rows[:, 0], X, X[:, 0] + rng.normal(size=customers), {"a": [0]}, seed=1)
        return found.error_added, found.spread

    added, spread = np.array([of_a_sample(400) for _ in range(300)]).T
    assert spread.mean() == pytest.approx(added.std(), rel=0.3)


def test_a_column_that_is_always_the_same_adds_no_error() -> None:
    X = np.column_stack([np.arange(50.0), np.zeros(50)])
    measured = importances(lambda rows: rows[:, 0] + 1.0, X, X[:, 0], {"first": [0], "second": [1]}, seed=0)
    assert [(each.name, each.error_added > 1) for each in measured] == [("first", True), ("second", False)]


def test_a_family_shuffled_together_matters_where_each_alone_can_be_replaced() -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=1_000)
    X = np.column_stack([first, first])

    def nearer_to_zero(rows: np.ndarray) -> np.ndarray:
        return np.where(np.abs(rows[:, 0]) > np.abs(rows[:, 1]), rows[:, 1], rows[:, 0])

    found = importances(nearer_to_zero, X, first, {"one": [0], "both": [0, 1]}, seed=0)
    assert next(iter(found)).name == "both"


@pytest.fixture(scope="module")
def model(trained_bank: Bank) -> SegmentationModel:
    fitted: SegmentationModel = trained_bank.tracking().load()[0]
    return fitted


@pytest.fixture(scope="module")
def newest(trained_bank: Bank) -> pl.DataFrame:
    return pl.read_parquet(trained_bank.workspace.snapshot(AS_OF)).sort("customer_id")


def test_the_forecast_bears_out_what_customers_are_told(
    trained_bank: Bank, model: SegmentationModel, newest: pl.DataFrame
) -> None:
    reasons = published_tiers(trained_bank.workspace, AS_OF).sort("customer_id")["reasons"]
    found = {each.reason: each for each in agreement_with_reasons(model, newest, reasons)}
    margin = found["BALANCE_INCOME_HIGH"]
    assert margin.customers == reasons.list.contains("BALANCE_INCOME_HIGH").sum()
    assert margin.agree_share > 0.9
    assert margin.shown == (margin.customers >= 30)


def test_a_reason_that_the_forecast_contradicts_is_not_shown(model: SegmentationModel, newest: pl.DataFrame) -> None:
    """Customers whose net interest is the lowest carry a reason that it is high."""
    low = newest["net_interest_12m"] < newest["net_interest_12m"].quantile(0.2)
    told = pl.Series([["BALANCE_INCOME_HIGH"] if one else ["DORMANT"] for one in low])
    (found,) = agreement_with_reasons(model, newest, told)
    assert found.customers >= 30
    assert found.agree_share < 0.2
    assert not found.shown


@pytest.mark.slow
def test_every_family_that_the_forecast_reads_is_weighed(model: SegmentationModel, newest: pl.DataFrame) -> None:
    actual = newest["contribution_12m"].fill_null(0.0).to_numpy()
    found = explain_forecast(model, newest.head(200), actual[:200], seed=0)
    assert found.rows == 200
    assert found.families[0].name == "value"
    assert {each.name for each in found.features} <= set(model.features_)
