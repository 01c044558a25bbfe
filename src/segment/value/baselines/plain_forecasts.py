"""Forecasts to stand beside the model: those that need no learning, and plain learners on the same features."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from segment.arrays import Floats
from segment.trees import usable_columns
from segment.value.baselines.holt_winters import HoltWinters
from segment.value.baselines.known_history import MONTHS_A_YEAR, Forecast, KnownHistory

PENALTIES = tuple(float(penalty) for penalty in np.logspace(-1, 5, 13))


class _Rule:
    """A forecast that learns nothing."""

    def fit(self, history: KnownHistory, y: Floats) -> Self:
        """Learn nothing."""
        # `y` (n,): Not read.
        return self


class Persistence(_Rule):
    """The last months again: twelve, or as many as the horizon has, taken to a year."""

    name = "persistence"

    def predict(self, history: KnownHistory) -> Floats:
        """Forecast the next twelve months."""
        # Returns array of shape (n,).
        window = max(months for months in (1, 3, 6, 12) if months <= history.horizon_months)
        return np.asarray(history.column(f"contribution_{window}m") * (MONTHS_A_YEAR / window))


class LastQuarter(_Rule):
    """The last three months, four times."""

    name = "last_3_months"

    def predict(self, history: KnownHistory) -> Floats:
        """Forecast the next twelve months."""
        # Returns array of shape (n,).
        return np.asarray(history.column("contribution_3m") * 4.0)


class BranchMean(_Rule):
    """The mean of the last twelve months' contribution over the customer's branch."""

    name = "branch_mean"

    def predict(self, history: KnownHistory) -> Floats:
        """Forecast the next twelve months."""
        # Returns array of shape (n,).
        mean = pl.col("contribution_12m").fill_null(0.0).mean().over("branch_id")
        return history.snapshot.select(mean.cast(pl.Float64)).to_series().to_numpy()


class _Learned:
    """A regressor of the features, with its defaults."""

    def __init__(self, regressor: Any) -> None:
        self._regressor = regressor

    def fit(self, history: KnownHistory, y: Floats) -> Self:
        """Learn from past dates."""
        # `y` (n,): Contribution of the horizon's months.
        numbers = history.numbers()
        self._said = usable_columns(numbers)
        self._regressor.fit(numbers[:, self._said], y)
        return self

    def predict(self, history: KnownHistory) -> Floats:
        """Forecast the next twelve months."""
        # Returns array of shape (n,).
        forecast = self._regressor.predict(history.numbers()[:, self._said]) * (MONTHS_A_YEAR / history.horizon_months)
        return np.asarray(forecast, dtype=np.float64)


class Ridge(_Learned):
    """Linear regression on standardised features, missing ones at their median, penalty by leave-one-out error."""

    name = "ridge"

    def __init__(self) -> None:
        super().__init__(make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), RidgeCV(alphas=PENALTIES)))


class PlainBoosting(_Learned):
    """Gradient boosting as scikit-learn sets it up, on the amounts as they are."""

    name = "plain_boosting"

    def __init__(self, random_state: int = 0) -> None:
        super().__init__(HistGradientBoostingRegressor(random_state=random_state))


def every_forecast(seed: int = 0) -> tuple[Forecast, ...]:
    """Forecasts that always stand beside the model, persistence first."""
    return (Persistence(), LastQuarter(), BranchMean(), HoltWinters(), Ridge(), PlainBoosting(seed))
