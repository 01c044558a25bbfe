"""How good the future value is on outcomes that it had not seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.features.known import month_end, next_month
from segment.features.store import SLOTS, slot_of
from segment.jobs.experiment import new_model
from segment.model import SegmentationModel, baseline_name, odds_quality
from segment.policy import ModelSpec, Policy
from segment.value import metrics

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

HELD_OUT_SHARE = 0.25
LEAST_CUSTOMERS = 50


@dataclass(frozen=True)
class Judged:
    """A model of the past and the outcomes that it had not seen.

    Attributes
    ----------
    model : SegmentationModel
        Its future value alone is fitted.
    learned, frame : polars.DataFrame
        Rows that it learned from and rows that it is judged on.
    outcome, actual : array of shape (n,)
        Of the rows learned from, and of those judged; book currency a year.
    predicted : array of shape (n, 4)
        Mean, P10, P50 and P90.
    naive : array of shape (n,)
        The last months again.
    out_of_time : bool
        Whether every outcome learned from had passed before the moment that is judged; else customers were held out.
    """

    model: SegmentationModel
    learned: pl.DataFrame
    outcome: Floats
    frame: pl.DataFrame
    actual: Floats
    predicted: Floats
    naive: Floats
    out_of_time: bool


def judge(frame: pl.DataFrame, target: Floats, policy: Policy, spec: ModelSpec) -> Judged | None:
    """Fit on the past alone and forecast the newest outcomes.

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
    spec : ModelSpec
        What is tried.

    Returns
    -------
    Judged or None
        None where too few customers have an outcome.
    """
    train, test = split(frame, ~np.isnan(target), spec.train.horizon_months)
    if min(train.sum(), test.sum()) < LEAST_CUSTOMERS:
        return None
    return judge_rows(frame, target, train, test, policy, spec)


def judge_rows(frame: pl.DataFrame, target: Floats, train: Mask, test: Mask, policy: Policy, spec: ModelSpec) -> Judged:
    """Fit on some rows and forecast others.

    Parameters
    ----------
    frame : polars.DataFrame
        Stacked snapshots.
    target : array of shape (n,)
        Outcomes, known for both parts.
    train, test : array of bool, shape (n,)
        Rows to learn from and to judge on.
    policy : Policy
        Frozen figures.
    spec : ModelSpec
        What is tried.

    Returns
    -------
    Judged
    """
    learned, judged = frame.filter(pl.Series(train)), frame.filter(pl.Series(test))
    model = new_model(policy, spec).fit_future_value(learned, target[train])
    to_year = 12 / spec.train.horizon_months
    naive = judged[baseline_name(spec.train.horizon_months)].fill_null(0.0).to_numpy() * to_year
    return Judged(
        model=model,
        learned=learned,
        outcome=target[train] * to_year,
        frame=judged,
        actual=target[test] * to_year,
        predicted=model.predict_future_value(judged),
        naive=naive,
        out_of_time=bool(learned["as_of"].max() < judged["as_of"].min()),  # type: ignore[operator]
    )


def split(frame: pl.DataFrame, known: Mask, horizon_months: int) -> tuple[Mask, Mask]:
    """Split rows into a past to learn from and the newest outcomes.

    Parameters
    ----------
    frame : polars.DataFrame
        Stacked snapshots.
    known : array of bool, shape (n,)
        Rows whose outcome has passed.
    horizon_months : int
        Months of the outcome.

    Returns
    -------
    tuple of array of bool, shape (n,)
    """
    moments = moments_of(frame)
    newest = max(moments[known])
    past = np.array([outcome_end(moment, horizon_months) <= newest for moment in moments])
    test = known & (moments == newest)
    if (known & past).sum() >= LEAST_CUSTOMERS:
        return known & past, test
    held_out = slot_of(frame["customer_id"]).to_numpy() < HELD_OUT_SHARE * SLOTS
    return known & ~held_out, test & held_out


def moments_of(frame: pl.DataFrame) -> NDArray[np.object_]:
    """Moment of each row, as dates.

    Parameters
    ----------
    frame : polars.DataFrame
        With `as_of`.

    Returns
    -------
    array of datetime.date
    """
    return frame["as_of"].to_numpy().astype("datetime64[D]").astype(dt.date)


def outcome_end(moment: dt.date, horizon_months: int) -> dt.date:
    """Day on which the outcome of a moment is known.

    Parameters
    ----------
    moment : datetime.date
        A month's last day.
    horizon_months : int
        Months of the outcome.

    Returns
    -------
    datetime.date

    Examples
    --------
    >>> outcome_end(dt.date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    return month_end(next_month(moment, horizon_months))


def odds_of(judged: Judged | None) -> dict[str, float]:
    """Measure the odds of tiers, the early warning, and coverage by tier and branch size.

    Parameters
    ----------
    judged : Judged or None
        What `judge` returns.

    Returns
    -------
    dict of str to float
        Empty where nothing was judged.
    """
    return {} if judged is None else odds_quality(judged.model, judged.frame, judged.actual)


def figures(judged: Judged | None) -> dict[str, float]:
    """Measure a forecast; gates and cards read these names.

    Parameters
    ----------
    judged : Judged or None
        What `judge` returns.

    Returns
    -------
    dict of str to float
        Empty where nothing was judged. `out_of_time` is 1 or 0. Amounts are book currency a year.
    """
    if judged is None:
        return {}
    actual, naive = judged.actual, judged.naive
    mean, low, middle, high = judged.predicted.T
    deciles = metrics.decile_calibration(actual, mean).ratio
    top = mean >= np.quantile(mean, 0.9)
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
        "mae_skill_p50": metrics.skill(actual, middle, naive),
        "coverage_p10_p90": metrics.coverage(actual, low, high),
        "coverage_p10_p90_top_decile": metrics.coverage(actual[top], low[top], high[top]),
        "pinball_p50": metrics.pinball(actual, middle, 0.5),
        "total_predicted_over_actual": metrics.total_ratio(actual, mean),
        "decile_ratio_least": float(np.nanmin(deciles)),
        "decile_ratio_most": float(np.nanmax(deciles)),
        "customers_judged": float(len(actual)),
        "out_of_time": float(judged.out_of_time),
    }
    return {name: value for name, value in found.items() if np.isfinite(value)}
