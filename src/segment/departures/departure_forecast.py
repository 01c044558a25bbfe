"""The chances that a customer leaves, and that the main bank moves away, learned from a bank's own books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from segment.arrays import Floats
from segment.departures.hazards import DepartureHazards
from segment.departures.landmarks import Landmarks
from segment.departures.signs import SIGNS, TENURE, is_main_here, signs_of
from segment.departures.tenure_prior import leaving_prior, moving_prior, with_evidence
from segment.departures.warning_rule import warning_points
from segment.policy.tenure_hazards import DeparturePrior
from segment.trees import on_one_blas_thread

HORIZONS = (3, 6, 12)
LEAVING = tuple(f"chance_of_leaving_{months}m" for months in HORIZONS)
MOVING = tuple(f"chance_main_bank_leaves_{months}m" for months in HORIZONS)
"""Columns of the chances; those of the main bank are null where it is not here."""


FEWEST_ROWS = 2


class DepartureForecast(BaseEstimator):
    """Hazards that the relation ends and that the main bank moves away.

    Parameters
    ----------
    random_state : int, default 0
        The same seed gives the same forecast.
    prior : mapping, optional
        Figures of the policy's `[departures]`, what is left out as it stands there by default.

    Attributes
    ----------
    leaving_, moving_ : DepartureHazards
        Fitted.
    """

    prior: Mapping[str, float] | None = None  # models of before have none

    def __init__(self, random_state: int = 0, prior: Mapping[str, float] | None = None) -> None:
        self.random_state = random_state
        self.prior = prior

    @on_one_blas_thread
    def fit(self, landmarks: Landmarks, y: None = None) -> Self:
        """Learn from past dates."""
        expected = self._prior
        leaves, moves = priors(landmarks.signs, expected)
        hazards = DepartureHazards(prior_departures=expected.departures, random_state=self.random_state)
        self.leaving_ = _learned(clone(hazards), landmarks, landmarks.leaves, leaves)
        self.moving_ = _learned(clone(hazards), landmarks, landmarks.moves, moves)
        return self

    def chances(self, signs: Floats) -> tuple[Floats, Floats]:
        """Chances within three, six and twelve months to leave, and that the main bank moves."""
        # Returns two arrays of shape (n, 3); NaN where the main bank is not here.
        check_is_fitted(self, "leaving_")
        leaves, moves = priors(signs, self._prior)
        leaving = self.leaving_.predict_within(signs, HORIZONS, prior=leaves)
        moving = self.moving_.predict_within(signs, HORIZONS, prior=moves)
        return leaving, np.where(is_main_here(signs)[:, None], moving, np.nan)

    @property
    def _prior(self) -> DeparturePrior:
        return DeparturePrior.model_validate(dict(self.prior or {}))

    def taught(self) -> dict[str, float]:
        """Count who taught, and how much the prior counts for the kind that was seen less."""
        kinds = (self.leaving_, self.moving_)
        return {
            "departures_left": self.leaving_.departures_,
            "departures_moved": self.moving_.departures_,
            "departures_prior": 1.0 - min(kind.own_weight_ for kind in kinds),
        }

    @on_one_blas_thread
    def predict(self, X: Any) -> Floats:
        """Chance of either departure within six months."""
        leaving, moving = self.chances(X if isinstance(X, np.ndarray) else signs_of(X))
        return either(leaving, moving)[:, 1]


def priors(signs: Floats, prior: DeparturePrior) -> tuple[Floats, Floats]:
    """Hazards expected before anything is learned, to leave and that the main bank moves: by tenure and plain signs."""
    # `signs` (n, len(SIGNS)). Returns two arrays of shape (n, 12).
    points = warning_points(signs)
    by_tenure = leaving_prior(signs[:, SIGNS.index(TENURE)], is_main_here(signs), prior)
    return with_evidence(by_tenure, points, prior), with_evidence(moving_prior(len(signs), prior), points, prior)


def either(leaving: Floats, moving: Floats) -> Floats:
    """Chance of one departure or the other."""
    return np.asarray(1.0 - (1.0 - leaving) * (1.0 - np.nan_to_num(moving)), dtype=np.float64)


def with_departures(frame: pl.DataFrame, forecast: DepartureForecast | None) -> pl.DataFrame:
    """Add the chances; null where nothing was learned."""
    columns = (*LEAVING, *MOVING)
    if forecast is None:
        return frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in columns)
    figures = np.column_stack(forecast.chances(signs_of(frame)))
    return frame.with_columns(pl.Series(name, figures[:, at]).fill_nan(None) for at, name in enumerate(columns))


def _learned(hazards: DepartureHazards, landmarks: Landmarks, months: Floats, prior: Floats) -> DepartureHazards:
    seen = months != 0.0
    if seen.sum() < FEWEST_ROWS:
        return hazards.fit_prior(len(SIGNS))
    return hazards.fit(
        landmarks.signs[seen],
        months[seen],
        sample_weight=landmarks.weight[seen],
        prior=prior[seen],
        groups=landmarks.customer[seen],
    )
