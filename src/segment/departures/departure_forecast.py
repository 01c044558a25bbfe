"""The chances that a customer leaves, and that the main bank moves away, learned from a bank's own books."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from segment.arrays import Floats
from segment.departures.hazards import DepartureHazards
from segment.departures.landmarks import Landmarks
from segment.departures.signs import SIGNS, TENURE, is_main_here, signs_of
from segment.departures.tenure_prior import leaving_prior, moving_prior

HORIZONS = (3, 6, 12)
LEAVING = tuple(f"chance_of_leaving_{months}m" for months in HORIZONS)
MOVING = tuple(f"chance_main_bank_leaves_{months}m" for months in HORIZONS)
"""Columns of the chances; those of the main bank are null where it is not here."""

DEPARTING = "chance_of_departure_6m"
"""Column of the chance of either within six months, which customers are warned of by."""


class DepartureForecast(BaseEstimator):
    """Hazards that the relation ends and that the main bank moves away.

    Parameters
    ----------
    random_state : int, default 0
        The same seed gives the same forecast.

    Attributes
    ----------
    leaving_, moving_ : DepartureHazards
        Fitted.
    """

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(self, landmarks: Landmarks, y: None = None) -> Self:
        """Learn from past dates."""
        self.leaving_ = _learned(
            landmarks, landmarks.leaves, leaving_prior(landmarks.tenure_months, landmarks.main_here), self.random_state
        )
        self.moving_ = _learned(landmarks, landmarks.moves, moving_prior(len(landmarks.moves)), self.random_state)
        return self

    def chances(self, signs: Floats) -> tuple[Floats, Floats]:
        """Chances within three, six and twelve months to leave, and that the main bank moves."""
        # Returns two arrays of shape (n, 3); NaN where the main bank is not here.
        check_is_fitted(self, "leaving_")
        main_here = is_main_here(signs)
        leaving = self.leaving_.predict_within(
            signs, HORIZONS, prior=leaving_prior(signs[:, SIGNS.index(TENURE)], main_here)
        )
        moving = self.moving_.predict_within(signs, HORIZONS, prior=moving_prior(len(signs)))
        return leaving, np.where(main_here[:, None], moving, np.nan)

    def predict(self, X: Any) -> Floats:
        """Chance of either departure within six months."""
        leaving, moving = self.chances(X if isinstance(X, np.ndarray) else signs_of(X))
        return either(leaving, moving)[:, 1]


def either(leaving: Floats, moving: Floats) -> Floats:
    """Chance of one departure or the other."""
    return np.asarray(1.0 - (1.0 - leaving) * (1.0 - np.nan_to_num(moving)), dtype=np.float64)


def with_departures(frame: pl.DataFrame, forecast: DepartureForecast | None) -> pl.DataFrame:
    """Add the chances; null where nothing was learned."""
    columns = (*LEAVING, *MOVING, DEPARTING)
    if forecast is None:
        return frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in columns)
    leaving, moving = forecast.chances(signs_of(frame))
    figures = np.column_stack([leaving, moving, either(leaving, moving)[:, 1]])
    return frame.with_columns(pl.Series(name, figures[:, at]).fill_nan(None) for at, name in enumerate(columns))


def _learned(landmarks: Landmarks, months: Floats, prior: Floats, random_state: int) -> DepartureHazards:
    seen = months != 0.0
    hazards = DepartureHazards(random_state=random_state)
    return hazards.fit(
        landmarks.signs[seen],
        months[seen],
        sample_weight=landmarks.weight[seen],
        prior=prior[seen],
        groups=landmarks.customer[seen],
    )
