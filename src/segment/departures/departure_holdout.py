"""A forecast of departures learned on what was known a year ago, against the departures since."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segment.arrays import Flags, Floats
from segment.departures.departure_forecast import DepartureForecast, either
from segment.departures.landmarks import Landmarks
from segment.departures.warning_metrics import departure_metrics
from segment.departures.warning_rule import warning_points
from segment.policy.tenure_hazards import DeparturePrior

JUDGED_MONTHS = 12
LEAST_ROWS = 200
BY_RULE = "_by_rule"
"""Behind the names of the simple rule's figures."""


def evaluate_departures(landmarks: Landmarks, prior: DeparturePrior, random_state: int = 0) -> dict[str, float]:
    """Measure the forecast of a year ago, and the field's simple rule beside it."""
    # Where too few customers were here a year ago, or before that, only the departures since are counted.
    # Returns what `departure_metrics` does for departures of either kind within twelve months, of all customers.
    judged = landmarks.at(landmarks.known == JUDGED_MONTHS)
    past = known_a_year_ago(landmarks)
    departs: Flags = (judged.leaves > 0.0) | (judged.moves > 0.0)
    if min(len(past.weight), len(judged.weight)) < LEAST_ROWS:
        return {"departures": float(departs.sum())} if len(departs) else {}
    leaving, moving = DepartureForecast(random_state, prior.model_dump()).fit(past).chances(judged.signs)
    by_rule = departure_metrics(warning_points(judged.signs), departs, BY_RULE)
    return departure_metrics(either(leaving, moving)[:, 1], departs) | by_rule


def known_a_year_ago(landmarks: Landmarks) -> Landmarks:
    """Take the rows of dates before that day, with what was known of them on it."""
    past = landmarks.at(landmarks.known > JUDGED_MONTHS)
    seen = (past.known - JUDGED_MONTHS).astype(np.float64)
    return replace(past, leaves=_seen_through(past.leaves, seen), moves=_seen_through(past.moves, seen))


def _seen_through(months: Floats, seen: Floats) -> Floats:
    departed = (months > 0.0) & (months <= seen)
    return np.where(departed, months, -np.minimum(np.abs(months), seen))
