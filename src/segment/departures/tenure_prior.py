"""What is expected of departures before a bank's own books say anything (DOMAIN.md 3.8)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from segment.arrays import Floats
from segment.departures.hazards import MOST_MONTHS
from segment.policy.tenure_hazards import DeparturePrior, hazard_by_tenure

FULL_POINTS = 2.0
"""Points of the simple rule at which signs add all that they may."""


def leaving_prior(tenure_months: ArrayLike, main_here: ArrayLike, prior: DeparturePrior) -> Floats:
    """Hazards of the next twelve months that the relation ends."""
    # `tenure_months` (n,): Since the relation began.
    # `main_here` (n,): Whether income comes in and is lived on here.
    # Returns array of shape (n, 12).
    month = np.asarray(tenure_months, dtype=np.float64)[:, None] + np.arange(1, MOST_MONTHS + 1)
    return hazard_by_tenure(month, np.asarray(main_here, dtype=bool)[:, None], prior.hazards)


def moving_prior(rows: int, prior: DeparturePrior) -> Floats:
    """Hazards of the next twelve months that the main bank moves away."""
    # Returns array of shape (rows, 12).
    return np.full((rows, MOST_MONTHS), prior.main_bank_moves_annual / 12.0)


def with_evidence(hazards: Floats, points: Floats, prior: DeparturePrior) -> Floats:
    """Raise hazards by what the simple rule sees, so that a bank without departures of its own warns like the rule."""
    # `hazards` (n, 12), `points` (n,).
    evidence = prior.most_evidence * np.clip(points / FULL_POINTS, 0.0, 1.0)
    return np.asarray(expit(logit(hazards) + evidence[:, None]), dtype=np.float64)
