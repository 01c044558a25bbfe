"""The odds of each tier twelve months on: learned beside the future value, asked when customers are scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from segment.features import cost_target_name, target_name
from segment.model.columns import Floats
from segment.policy import Policy
from segment.tiers import (
    GROWTH,
    OddsCalibration,
    borders_by_facts,
    calibrate_odds,
    growth_amount,
    odds_of_tiers,
    realised_tiers,
    with_odds,
)

MONTHS_A_YEAR = 12


def fit_with_odds(
    regressor: Any, known: Floats, y: Floats, frame: pl.DataFrame, policy: Policy, horizon_months: int
) -> OddsCalibration:
    """Fit the future value, and calibrate the odds of tiers on the customers that its models had not seen.

    Parameters
    ----------
    regressor : FutureValueRegressor
        Fitted in place.
    known : array of shape (n, features)
        What the regressor reads.
    y : array of shape (n,)
        Contribution of the next `horizon_months`.
    frame : polars.DataFrame, n rows
        Snapshots, stacked; without the outcome `cost_next_<h>m` no tier of what came is known, and the odds are as the
        regressor gives them.
    policy : Policy
        Frozen figures.
    horizon_months : int
        Months of the outcomes.

    Returns
    -------
    OddsCalibration
    """
    groups = frame["customer_id"].rank("dense").to_numpy()
    if cost_target_name(horizon_months) not in frame.columns:
        regressor.fit(known, y, groups=groups)
        return OddsCalibration()
    borders = borders_by_facts(frame, policy) * (horizon_months / MONTHS_A_YEAR)
    below = regressor.fit_predict_below(known, y, borders, groups=groups)
    came = realised_tiers(frame.with_columns(pl.Series(target_name(horizon_months), y)), policy, horizon_months)
    return calibrate_odds(below, came.to_list(), groups)


def with_outlook(
    frame: pl.DataFrame, below: Callable[[Floats], Floats], calibration: OddsCalibration, policy: Policy
) -> pl.DataFrame:
    """Add the odds of each tier twelve months on, and the probability of growth, from one distribution.

    Parameters
    ----------
    frame : polars.DataFrame
        What `placed` returns.
    below : callable
        Takes amounts of shape (n, k), book currency a year, and gives the probabilities that the future value is below.
    calibration : OddsCalibration
        Of the probabilities at the borders.
    policy : Policy
        Frozen figures.

    Returns
    -------
    polars.DataFrame
    """
    growth = frame.select(growth_amount(policy.tiers).fill_null(0.0)).to_numpy()
    chances = below(np.column_stack([borders_by_facts(frame, policy), growth]))
    # what lifts break-even customers is the odds at their upper border, asked at an amount near it
    grows = 1.0 - calibration.apply_to(chances[:, -1], border=1)
    return with_odds(frame, odds_of_tiers(calibration.apply(chances[:, :-1]))).with_columns(pl.Series(GROWTH, grows))
