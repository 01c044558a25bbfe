"""Tables come as the frame that is asked for, and as the one that was given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from segment import FutureValueRegressor, WalletRegressor
from segment.numeric_input import quantile_names
from segment.tracking.models import CHAMPION
from segment.warehouse.stored_snapshots import read_snapshot
from tests.conftest import AS_OF, Bank

X = pd.DataFrame({"income": np.arange(1.0, 41.0)}, index=[f"c{number}" for number in range(40)])


def test_quantiles_are_an_array_unless_a_frame_is_asked_for() -> None:
    model = WalletRegressor(max_iter=3).fit(X, X["income"])
    plain = model.predict_quantiles(X)
    assert isinstance(plain, np.ndarray)
    table = model.set_output(transform="pandas").predict_quantiles(X)
    assert isinstance(table, pd.DataFrame)
    assert (table.columns.tolist(), table.index.tolist()) == (["p50", "p80"], X.index.tolist())
    assert np.array_equal(table, plain)
    assert model.predict(X).tolist() == plain[:, 0].tolist()
    assert model.set_output(transform="polars").predict_quantiles(X).equals(pl.DataFrame(plain, schema=["p50", "p80"]))
    assert model.set_output().predict_quantiles(X).columns == ["p50", "p80"]
    assert isinstance(model.set_output(transform="default").predict_quantiles(X), np.ndarray)


def test_a_clone_is_asked_the_same_and_an_unknown_frame_is_refused() -> None:
    asked = clone(FutureValueRegressor(max_iter=3).set_output(transform="pandas")).fit(X, X["income"])
    assert asked.predict_quantiles(X).columns.tolist() == ["p10", "p50", "p90"]
    assert asked.predict_quantiles(pl.from_pandas(X)).index.tolist() == list(range(40))
    assert isinstance(asked.predict_all(X).quantiles, np.ndarray)
    with pytest.raises(ValueError, match="default, pandas, polars. Got arrow"):
        asked.set_output(transform="arrow")
    assert quantile_names([0.25, 0.999]) == ["p25", "p99.9"]


def test_a_snapshot_is_scored_as_the_frame_that_it_is(trained_bank: Bank) -> None:
    model, _ = trained_bank.tracking().load(CHAMPION)
    rows = read_snapshot(trained_bank.workspace, AS_OF).rows
    given = rows.to_pandas().set_index("customer_id", drop=False)
    scored, table = model.score_customers(rows), model.score_customers(given)
    assert isinstance(scored, pl.DataFrame)
    assert isinstance(table, pd.DataFrame)
    assert table["tier"].tolist() == scored["tier"].to_list()
    assert table.index.tolist() == given.index.tolist()
    assert isinstance(clone(model).set_output(transform="pandas"), type(model))
    assert isinstance(model.set_output(transform="pandas").score_customers(rows), pd.DataFrame)
    assert isinstance(model.set_output(transform="polars").score_customers(given), pl.DataFrame)
