"""The odds of each tier twelve months on: learned beside the future value, asked when customers are scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from segment.arrays import Floats
from segment.clustering import EarlierOutcomes
from segment.features import cost_target_name, target_name
from segment.model.model_columns import BEHAVIOUR
from segment.policy import Policy
from segment.tiers import realised_tiers
from segment.tiers.odds import OddsCalibration, calibrate_odds, odds_of_tiers, with_odds
from segment.tiers.outlook import GROWTH, growth_amount
from segment.tiers.realised import borders_by_facts

MONTHS_A_YEAR = 12


def fit_with_odds(
    regressor: Any, features: Floats, y: Floats, frame: pl.DataFrame, policy: Policy, horizon_months: int
) -> tuple[OddsCalibration, EarlierOutcomes | None]:
    """Fit the future value, and calibrate the odds of tiers on the customers that its models had not seen."""
    # `features` (n, features): What the regressor reads.
    # `y` (n,): Contribution of the next `horizon_months`.
    # Returns the calibration, and those customers with their odds and the tiers that came; None where cost is unknown.
    groups = frame["customer_id"].rank("dense").to_numpy()
    if cost_target_name(horizon_months) not in frame.columns:
        regressor.fit(features, y, groups=groups)
        return OddsCalibration(), None
    borders = borders_by_facts(frame, policy) * (horizon_months / MONTHS_A_YEAR)
    below = regressor.fit_predict_below(features, y, borders, groups=groups)
    came = realised_tiers(frame.with_columns(pl.Series(target_name(horizon_months), y)), policy, horizon_months)
    calibration = calibrate_odds(below, came.to_list(), groups)
    judged = pl.Series(~np.isnan(below).any(axis=1)) & came.is_not_null()
    odds = with_odds(frame.select(BEHAVIOUR), odds_of_tiers(calibration.apply(below)))
    return calibration, EarlierOutcomes(odds.filter(judged), came.filter(judged).to_list())


def with_outlook(
    frame: pl.DataFrame, below: Callable[[Floats], Floats], calibration: OddsCalibration, policy: Policy
) -> pl.DataFrame:
    """Add the odds of each tier twelve months on, and the probability of growth, from one distribution."""
    # `below`: Takes amounts of shape (n, k), book currency a year, and gives the probabilities that the future value is
    # below.
    growth = frame.select(growth_amount(policy.tiers).fill_null(0.0)).to_numpy()
    chances = below(np.column_stack([borders_by_facts(frame, policy), growth]))
    # what lifts break-even customers is the odds at their upper border, asked at an amount near it
    grows = 1.0 - calibration.apply_to(chances[:, -1], border=1)
    return with_odds(frame, odds_of_tiers(calibration.apply(chances[:, :-1]))).with_columns(pl.Series(GROWTH, grows))
