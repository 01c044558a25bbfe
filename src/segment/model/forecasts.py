"""What the model says of the next twelve months: their contribution, and the odds of each tier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from segment.arrays import Floats
from segment.clustering import EarlierOutcomes
from segment.exceptions import ModelError
from segment.model.model_columns import as_frame, baseline_name, forecast_columns, numbers
from segment.model.tier_outlook import MONTHS_A_YEAR, fit_with_odds
from segment.policy import Policy
from segment.tiers.odds import OddsCalibration, odds_of_tiers
from segment.tiers.realised import borders_by_facts
from segment.value import FutureValueRegressor, RunRateRegressor
from segment.value.calibration import BlendedPrediction, CalibratedForecast

PREDICTION = ("prediction_level", "prediction_low", "prediction_high", "prediction_stratum")
"""Columns that hold what the trees said of a customer."""


class Forecasts:
    """The part of `SegmentationModel` that looks ahead; it can be learned and judged without the rest."""

    policy: dict[str, Any] | None
    horizon_months: int
    future_value: FutureValueRegressor | None
    future_value_parameters: dict[str, Any] | None
    features: list[str] | None
    random_state: int
    features_: list[str]
    future_value_: FutureValueRegressor | RunRateRegressor
    odds_: OddsCalibration
    earlier_: EarlierOutcomes | None  # Until clusters are learned: it holds a row for each customer learned from

    def predict_future_value(self, X: Any) -> Floats:
        """Contribution of the next twelve months: mean, P10, P50 and P90."""
        # Returns array of shape (n, 4): Book currency a year.
        return self._a_year(self._forecast(as_frame(X)))

    def predict_odds(self, X: Any) -> Floats:
        """Odds of each tier in the next twelve months."""
        # Returns array of shape (n, 4): Best tier first; each row adds up to 1.
        check_is_fitted(self, "odds_")
        frame = as_frame(X)
        below = self._below(self._forecast(frame))
        return odds_of_tiers(self.odds_.apply(below(borders_by_facts(frame, self.known_policy()))))

    def fit_future_value(self, X: Any, y: ArrayLike) -> Self:
        """Learn the future value alone, as judging it out of time needs."""
        # `y` (n,): Contribution of the next `horizon_months`, all known.
        frame = as_frame(X)
        names = forecast_columns(self.known_policy()) if self.features is None else self.features
        self.features_ = [name for name in names if frame[name].dtype.is_numeric()]
        regressor = self.future_value or default_forecast(
            self.features_, self.horizon_months, self.future_value_parameters, self.random_state
        )
        self.future_value_ = clone(regressor)
        features, target = numbers(frame, self.features_), np.asarray(y, dtype=np.float64)
        self.odds_, self.earlier_ = fit_with_odds(
            self.future_value_, features, target, frame, self.known_policy(), self.horizon_months
        )
        return self

    def _forecast(self, frame: pl.DataFrame) -> CalibratedForecast:
        """Ask the trees once; mean, quantiles and odds all come from their answer."""
        check_is_fitted(self, "future_value_")
        return self.future_value_.predict_all(numbers(frame, self.features_))

    def _a_year(self, forecast: CalibratedForecast) -> Floats:
        """Mean, P10, P50 and P90 of twelve months."""
        return np.column_stack([forecast.mean, forecast.quantiles]) * (MONTHS_A_YEAR / self.horizon_months)

    def _below(self, forecast: CalibratedForecast) -> Callable[[Floats], Floats]:
        """Tell the probabilities that the next twelve months' contribution is below amounts a year."""
        return lambda amounts: forecast.below(amounts * (self.horizon_months / MONTHS_A_YEAR))

    def _predicted_in(self, rows: pl.DataFrame) -> CalibratedForecast:
        """Forecast from the columns that `with_prediction` added."""
        level, low, high, stratum = (rows[name].to_numpy() for name in PREDICTION)
        return self.future_value_.calibrated(BlendedPrediction(level, (low, high), stratum))

    def known_policy(self) -> Policy:
        """Policy that the model works by."""
        if self.policy is None:
            raise ModelError.with_hint(
                "The model must have a policy. It has none.", "build it with SegmentationModel.from_policy(policy)"
            )
        return Policy.model_validate(self.policy)


def with_prediction(rows: pl.DataFrame, predicted: BlendedPrediction) -> pl.DataFrame:
    """Add what the trees said, so that forecasts can be asked further without them."""
    columns = (predicted.level, *predicted.tails, predicted.stratum)
    return rows.with_columns(pl.Series(name, column) for name, column in zip(PREDICTION, columns, strict=True))


def default_forecast(
    features: Sequence[str], horizon_months: int, parameters: Mapping[str, Any] | None = None, random_state: int = 0
) -> FutureValueRegressor | RunRateRegressor:
    """Build the forecast for some features, not fitted."""
    baseline = features.index(baseline_name(horizon_months))
    forecast = FutureValueRegressor(baseline=baseline, random_state=random_state, **(parameters or {}))
    rates = [place for place, name in enumerate(features) if name.startswith("run_rate_")]
    if not rates:
        return forecast
    levels = [place for place, name in enumerate(features) if name.startswith("closing_")]
    return RunRateRegressor(forecast, baseline=baseline, rates=rates, levels=levels)
