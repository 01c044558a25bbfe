"""Models go to the registry and come back without pickle, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression

from segment.exceptions import ModelError
from segment.tracking.models import CHALLENGER, CHAMPION, RegisteredVersion
from segment.tracking.registry import Tracking
from segment.tracking.scoring_model import ModelInterface

READS_TWO = ModelInterface.of(pl.DataFrame({"a": [0.0], "b": [0.0]}))
X = np.arange(40.0).reshape(20, 2)


def register(tracking: Tracking, slope: float = 1.0) -> RegisteredVersion:
    model = LinearRegression().fit(X, slope * X[:, 0])
    return tracking.register(
        model, READS_TWO, "train", {"seed": 0}, {"mae": 1.0}, {"card.md": "# Card"}, {"policy": "p"}
    )


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    return Tracking(tmp_path_factory.mktemp("workspace"))


def test_the_registry_keeps_champion_and_challenger(tracking: Tracking) -> None:
    with pytest.raises(ModelError, match="No model is registered"):
        tracking.load()

    first = register(tracking)
    assert tracking.find(CHAMPION) == tracking.find(CHALLENGER) == first

    second = register(tracking, slope=2.0)
    assert tracking.find(CHAMPION) == first
    assert tracking.find(CHALLENGER) == second

    tracking.promote(second.version)
    model, found = tracking.load()
    assert found == second
    np.testing.assert_allclose(model.predict(X), 2 * X[:, 0], atol=1e-9)

    assert tracking.rollback() == first.version
    assert tracking.find(CHAMPION) == first
    with pytest.raises(ModelError, match="earlier champion"):
        tracking.rollback()


def test_a_model_file_changed_after_registration_is_not_loaded(tmp_path: Path) -> None:
    tracking = Tracking(tmp_path)
    register(tracking)
    (file,) = tmp_path.rglob("model.skops")
    skops.io.dump(LinearRegression().fit(X, -X[:, 0]), file)
    with pytest.raises(ModelError, match="SHA-256 differs"):
        tracking.load()


def test_a_boosted_model_comes_back_with_the_same_predictions(tmp_path: Path) -> None:
    tracking = Tracking(tmp_path)
    model = HistGradientBoostingRegressor(loss="quantile", quantile=0.5, max_iter=5).fit(X, X[:, 0])
    tracking.register(model, READS_TWO, "train", {}, {}, {}, {})
    np.testing.assert_array_equal(tracking.load()[0].predict(X), model.predict(X))
