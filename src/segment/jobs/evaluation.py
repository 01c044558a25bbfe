"""How good the future value is on outcomes that it had not seen."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.features.known import month_end, next_month
from segment.features.store import SLOTS, slot_of
from segment.model import SegmentationModel, baseline_name
from segment.policy import Policy
from segment.value import metrics

Floats = NDArray[np.float64]

HELD_OUT_SHARE = 0.25
LEAST_CUSTOMERS = 50


def evaluate(frame: pl.DataFrame, target: Floats, policy: Policy, horizon_months: int, seed: int) -> dict[str, float]:
    """Fit on the past alone and compare with the newest outcomes.

    Out of time where an earlier moment's outcome had passed by the newest moment; otherwise a quarter of the customers
    is held out.

    Parameters
    ----------
    frame : polars.DataFrame
        Stacked snapshots.
    target : array of shape (n,)
        Outcomes; NaN where they have not passed.
    policy : Policy
        Frozen figures.
    horizon_months : int
        Months of the outcome.
    seed : int
        Of the model.

    Returns
    -------
    dict of str to float
        Empty where too few customers have an outcome. `out_of_time` is 1 or 0. Amounts are book currency a year.
    """
    known = ~np.isnan(target)
    train, test = _split(frame, known, horizon_months)
    if min(train.sum(), test.sum()) < LEAST_CUSTOMERS:
        return {}
    model = SegmentationModel.from_policy(policy, horizon_months=horizon_months, random_state=seed)
    model.fit_future_value(frame.filter(pl.Series(train)), target[train])
    judged = frame.filter(pl.Series(test))
    to_year = 12 / horizon_months
    predicted = model.predict_future_value(judged)
    naive = judged[baseline_name(horizon_months)].fill_null(0.0).to_numpy() * to_year
    found = _measures(target[test] * to_year, predicted, naive)
    moments = frame.filter(pl.Series(train))["as_of"].max()
    return {**found, "out_of_time": float(moments < judged["as_of"].min())}  # type: ignore[operator]


def _split(frame: pl.DataFrame, known: NDArray[np.bool_], horizon_months: int) -> tuple[NDArray[np.bool_], ...]:
    moments = frame["as_of"].to_numpy().astype("datetime64[D]").astype(dt.date)
    newest = max(moments[known])
    past = np.array([_outcome_end(moment, horizon_months) <= newest for moment in moments])
    test = known & (moments == newest)
    if (known & past).sum() >= LEAST_CUSTOMERS:
        return known & past, test
    held_out = slot_of(frame["customer_id"]).to_numpy() < HELD_OUT_SHARE * SLOTS
    return known & ~held_out, test & held_out


def _outcome_end(moment: dt.date, horizon_months: int) -> dt.date:
    return month_end(next_month(moment, horizon_months))


def _measures(actual: Floats, predicted: Floats, naive: Floats) -> dict[str, float]:
    mean, low, middle, high = predicted.T
    deciles = metrics.decile_calibration(actual, mean).ratio
    found = {
        "spearman": metrics.spearman(actual, mean),
        "spearman_persistence": metrics.spearman(actual, naive),
        "normalised_gini": metrics.normalised_gini(actual, mean),
        "normalised_gini_persistence": metrics.normalised_gini(actual, naive),
        "top_decile_capture": metrics.top_decile_capture(actual, mean),
        "top_decile_capture_persistence": metrics.top_decile_capture(actual, naive),
        "mae": metrics.mean_absolute_error(actual, mean),
        "mae_persistence": metrics.mean_absolute_error(actual, naive),
        "mae_skill": metrics.skill(actual, mean, naive),
        "coverage_p10_p90": metrics.coverage(actual, low, high),
        "pinball_p50": metrics.pinball(actual, middle, 0.5),
        "total_predicted_over_actual": metrics.total_ratio(actual, mean),
        "decile_ratio_least": float(np.nanmin(deciles)),
        "decile_ratio_most": float(np.nanmax(deciles)),
        "customers_judged": float(len(actual)),
    }
    return {name: value for name, value in found.items() if np.isfinite(value)}
