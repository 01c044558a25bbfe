"""How good the future value is on outcomes that it had not seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment import metrics
from segment.dates import month_end, next_month
from segment.evaluation.calibration_gaps import calibration_gaps
from segment.evaluation.experiment import new_model
from segment.features import cost_target_name
from segment.features.slots import share_of
from segment.model import SegmentationModel
from segment.model.model_columns import baseline_name
from segment.policy import ModelSpec, Policy
from segment.statistics import FOR_STANDARD_ERRORS, Counts, Resamples, counts_of, with_standard_errors

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

HELD_OUT_SHARE = 0.25
LEAST_CUSTOMERS = 50
MOST_TESTS, CUSTOMER_FOLDS = 3, 3


@dataclass(frozen=True)
class Holdout:
    """A model of the past and the outcomes that it had not seen."""

    model: SegmentationModel  # Its future value alone is fitted
    train: pl.DataFrame  # train, frame: Rows that it was fitted on, and rows that it is evaluated on.
    train_outcome: Floats  # train_outcome, actual: (n,): of those rows; book currency a year.
    frame: pl.DataFrame
    actual: Floats
    predicted: Floats  # (n, 4): mean, P10, P50 and P90
    baseline: Floats  # (n,): the last months again
    # Whether every outcome learned from had passed before the date that is evaluated; else customers were held out
    out_of_time: bool

    @property
    def gross(self) -> Floats:
        """Income and cost that came, together, a year; where cost is not known, the size of what came."""
        size = np.abs(self.actual)
        months = self.model.horizon_months
        name = cost_target_name(months)
        if name not in self.frame.columns:
            return size
        cost = self.frame[name].cast(pl.Float64).fill_nan(None).fill_null(0.0).to_numpy() * (12 / months)
        return np.asarray(np.maximum(self.actual + 2.0 * cost, size), dtype=np.float64)

    @property
    def as_of(self) -> dt.date:
        """Newest date that is evaluated."""
        newest: dt.date = self.frame.select(pl.col("as_of").max()).item()
        return newest


def evaluate_holdout(frame: pl.DataFrame, target: Floats, policy: Policy, spec: ModelSpec) -> Holdout | None:
    """Fit on the past alone and forecast the newest outcomes; None where there are too few customers."""
    # Out of time where an earlier date's outcome had passed by the newest date; otherwise a quarter of the customers is
    # held out.
    # `target` (n,): Outcomes; NaN where they have not passed.
    train, test = split(frame, ~np.isnan(target), spec.train.horizon_months)
    if min(train.sum(), test.sum()) < LEAST_CUSTOMERS:
        return None
    return fit_and_forecast(frame, target, train, test, policy, spec)


def fit_and_forecast(
    frame: pl.DataFrame, target: Floats, train: Mask, test: Mask, policy: Policy, spec: ModelSpec
) -> Holdout:
    """Fit on some rows and forecast others."""
    # `target` (n,): Outcomes, known for both parts.
    # `train`, `test` (n,): Rows to learn from and to evaluate on.
    past, held_out = frame.filter(pl.Series(train)), frame.filter(pl.Series(test))
    model = new_model(policy, spec).fit_future_value(past, target[train])
    to_year = 12 / spec.train.horizon_months
    return Holdout(
        model=model,
        train=past,
        train_outcome=target[train] * to_year,
        frame=held_out,
        actual=target[test] * to_year,
        predicted=model.predict_future_value(held_out),
        baseline=held_out[baseline_name(spec.train.horizon_months)].fill_null(0.0).to_numpy() * to_year,
        out_of_time=bool(past["as_of"].max() < held_out["as_of"].min()),  # type: ignore[operator]
    )


def split(frame: pl.DataFrame, has_outcome: Mask, horizon_months: int) -> tuple[Mask, Mask]:
    """Split rows into a past to learn from and the newest outcomes."""
    # `has_outcome` (n,): Rows whose outcome has passed.
    # Returns tuple of array of bool, shape (n,).
    dates = as_of_by_row(frame)
    newest = max(dates[has_outcome])
    past = np.array([outcome_end(as_of, horizon_months) <= newest for as_of in dates])
    test = has_outcome & (dates == newest)
    if (has_outcome & past).sum() >= LEAST_CUSTOMERS:
        return has_outcome & past, test
    held_out = share_of(frame["customer_id"]) < HELD_OUT_SHARE
    return has_outcome & ~held_out, test & held_out


def trial_splits(frame: pl.DataFrame, horizon_months: int) -> tuple[list[tuple[Mask, Mask]], bool]:
    """Choose what trials are scored on, newest test last, and say whether it is out of time."""
    dates = as_of_by_row(frame)
    ends = np.array([outcome_end(as_of, horizon_months) for as_of in dates])
    tests = [(ends <= as_of, dates == as_of) for as_of in sorted(set(dates))]
    large = [(train, test) for train, test in tests if min(train.sum(), test.sum()) >= LEAST_CUSTOMERS]
    if large:
        return large[-MOST_TESTS:], True
    fold = (share_of(frame["customer_id"]) * CUSTOMER_FOLDS).astype(np.int64)
    newest = dates == max(dates)
    return [(fold != number, newest & (fold == number)) for number in range(CUSTOMER_FOLDS)], False


def as_of_by_row(frame: pl.DataFrame) -> NDArray[np.object_]:
    """Date of each row's snapshot, as dates."""
    return frame["as_of"].to_numpy().astype("datetime64[D]").astype(dt.date)


def outcome_end(as_of: dt.date, horizon_months: int) -> dt.date:
    """Day on which the outcome of a snapshot is known."""
    return month_end(next_month(as_of, horizon_months))


def forecast_metrics(holdout: Holdout) -> dict[str, float]:
    """Measure a forecast; gates and cards read these names."""
    # Returns dict of str to float: a figure, and beside it its standard error. `out_of_time` is 1 or 0. Amounts are
    # book currency a year.
    actual, baseline = holdout.actual, holdout.baseline
    mean, low, middle, high = holdout.predicted.T
    top = mean >= np.quantile(mean, 0.9)

    def measured(counts: Counts) -> dict[str, Floats]:
        of_top = counts_of(counts, top)
        return {
            "spearman": metrics.spearman(actual, mean, counts=counts),
            "spearman_persistence": metrics.spearman(actual, baseline, counts=counts),
            "normalised_gini": metrics.normalised_gini(actual, mean, counts=counts),
            "normalised_gini_persistence": metrics.normalised_gini(actual, baseline, counts=counts),
            "top_decile_capture": metrics.top_decile_capture(actual, mean, counts=counts),
            "top_decile_capture_persistence": metrics.top_decile_capture(actual, baseline, counts=counts),
            "mae": metrics.mean_absolute_error(actual, mean, counts=counts),
            "mae_persistence": metrics.mean_absolute_error(actual, baseline, counts=counts),
            "mae_skill": metrics.skill(actual, mean, baseline, counts=counts),
            "mae_skill_p50": metrics.skill(actual, middle, baseline, counts=counts),
            "coverage_p10_p90": metrics.coverage(actual, low, high, counts=counts),
            "coverage_p10_p90_top_decile": metrics.coverage(actual[top], low[top], high[top], counts=of_top),
            "pinball_p50": metrics.pinball(actual, middle, 0.5, counts=counts),
            "total_predicted_over_actual": metrics.total_ratio(actual, mean, counts=counts),
        }

    gaps = calibration_gaps(actual, mean, holdout.gross)
    return {
        **with_standard_errors(Resamples(len(actual), FOR_STANDARD_ERRORS).affordable.figures(measured)),
        **{name: gap for name, gap in gaps.items() if np.isfinite(gap)},
        "customers_judged": float(len(actual)),
        "out_of_time": float(holdout.out_of_time),
    }
