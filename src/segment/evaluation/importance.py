"""Why the forecast says what it says, and whether that agrees with the reasons that are published."""

# Two questions that need no other library. What does the forecast lose when a family of features is shuffled between
# customers? And what would it say of a customer whose family of features were a typical customer's? In the second, the
# sums of the accounting follow their lines: a customer with a typical net interest has less income and contribution by
# as much.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.contribution import LINES
from segment.features.families import family_of
from segment.features.run_rates import GROUPS, WINDOWS
from segment.model import SegmentationModel
from segment.model.model_columns import numbers
from segment.tiers.reasons import COST_REASONS, INCOME_REASONS

Floats = NDArray[np.float64]

MOST_ROWS, REPEATS = 1_000, 3
MOST_STACKED = 20_000
"""Rows forecast at once: one call of many trees costs as much for ten rows as for a hundred."""

LEAST_CUSTOMERS, AGREES_FROM = 30, 0.8
TYPICAL: Final = 0.5
IN_DIRECT: Final = {line.name for line in LINES if line.in_direct}


@dataclass(frozen=True)
class Importance:
    """What a forecast loses without a feature or a family of them."""

    name: str  # Of the feature or family
    error_added: float  # Growth of the mean absolute error where it is shuffled, over the error as it is
    spread: float  # Standard error of it, were the customers drawn anew


@dataclass(frozen=True)
class ReasonAgreement:
    """Whether customers with a reason are forecast as the reason says."""

    reason: str  # Code of a line of the accounting
    customers: int  # Who carry it
    agree_share: float  # Share of them whose forecast moves as the reason says, compared with a typical line
    shown: bool  # Whether enough customers carry it and enough of them agree


@dataclass(frozen=True)
class ForecastExplanation:
    """Importance by family, and by feature of the families that matter."""

    rows: int  # Customers shuffled
    families: list[Importance]
    features: list[Importance]


def importances(
    predict: Callable[[Floats], Floats], X: Floats, actual: Floats, groups: Mapping[str, Sequence[int]], seed: int
) -> list[Importance]:
    """Permutation importance of groups of columns, shuffled together."""
    # `X` (n, columns): Rows that it has not seen.
    # `actual` (n,): Their outcomes.
    # Source: Breiman, *Random Forests*, Machine Learning 45 (2001), section 10.
    rng = np.random.default_rng(seed)
    missed = np.abs(actual - predict(X))
    error = float(missed.mean()) or 1.0
    orders = [rng.permutation(len(X)) for _ in range(REPEATS)]
    together = max(1, MOST_STACKED // (REPEATS * len(X)))
    measured = []
    every = list(groups)
    for first in range(0, len(every), together):
        names = every[first : first + together]
        shuffled = [_shuffled(X, list(groups[name]), order) for name in names for order in orders]
        errors = np.abs(predict(np.concatenate(shuffled)).reshape(len(names), REPEATS, -1) - actual).mean(axis=1)
        for name, each in zip(names, errors, strict=True):
            ratio = float(each.mean()) / error
            # of a ratio of two means of the same customers; shuffles are of all of them, and average out
            spread = float(np.std(each - ratio * missed)) / (error * np.sqrt(len(missed)))
            measured.append(Importance(name, ratio - 1.0, spread))
    return sorted(measured, key=lambda each: (-each.error_added, each.name))


def explain_forecast(model: SegmentationModel, frame: pl.DataFrame, actual: Floats, seed: int) -> ForecastExplanation:
    """Importance by family, and by feature of the families that matter."""
    # `actual` (n,): Their outcomes, of the model's horizon scaled to a year.
    rows = np.sort(np.random.default_rng(seed).permutation(frame.height)[:MOST_ROWS])
    X, to_year = numbers(frame, model.features_)[rows], 12 / model.horizon_months

    def predict(values: Floats) -> Floats:
        return np.asarray(model.future_value_.predict(values) * to_year)

    families: dict[str, list[int]] = {}
    for place, name in enumerate(model.features_):
        families.setdefault(family_of(name), []).append(place)
    by_family = importances(predict, X, actual[rows], families, seed)
    matter = [family.name for family in by_family if family.error_added > 0][:4]
    single = {model.features_[place]: [place] for family in matter for place in families[family]}
    return ForecastExplanation(len(rows), by_family, importances(predict, X, actual[rows], single, seed))


def agreement_with_reasons(
    model: SegmentationModel, snapshot: pl.DataFrame, reasons: pl.Series
) -> list[ReasonAgreement]:
    """Share of the customers with a reason whose forecast moves as the reason says."""
    agreements = []
    for side, codes in ((1.0, INCOME_REASONS), (-1.0, COST_REASONS)):
        for line, code in codes.items():
            column = f"{line}_12m"
            if column not in model.features_:
                continue
            carry = snapshot.filter(reasons.list.contains(str(code)))
            if carry.height:
                effect = _effect_of_line(model, carry, column, _typical(snapshot[column]), side)
                share = float((side * effect > 0).mean())
                shown = carry.height >= LEAST_CUSTOMERS and share >= AGREES_FROM
                agreements.append(ReasonAgreement(str(code), carry.height, share, shown))
    return agreements


def _shuffled(X: Floats, columns: list[int], order: NDArray[np.intp]) -> Floats:
    shuffled = X.copy()
    shuffled[:, columns] = X[order][:, columns]
    return shuffled


def _typical(column: pl.Series) -> float:
    return float(column.cast(pl.Float64).fill_null(0.0).quantile(TYPICAL) or 0.0)


def _effect_of_line(model: SegmentationModel, frame: pl.DataFrame, column: str, typical: float, side: float) -> Floats:
    """Forecast as it is, less the forecast with a typical line and the sums that follow from it."""
    excess = pl.col(column).fill_null(0.0) - typical
    total = "income" if side > 0 else "cost"
    months = {f"{name}_{window}m": window for name in (total, "contribution") for window in (1, 3, 6, 12)}
    months["contribution_winsorised_12m"] = 12
    if column.removesuffix("_12m") in IN_DIRECT:
        months |= {f"direct_contribution_{window}m": window for window in (3, 12)}
    moved = [
        (pl.col(name) - (1.0 if name.startswith(total) else side) * excess * (window / 12)).alias(name)
        for name, window in months.items()
        if name in frame.columns
    ]
    line = column.removesuffix("_12m")
    rates = [
        f"run_rate_{group}_{window}m" for group, (lines, _) in GROUPS.items() if line in lines for window in WINDOWS
    ]
    annual = excess / (pl.col("months_observed").clip(1, 12) / 12.0)
    moved += [(pl.col(name) - side * annual).alias(name) for name in rates if name in frame.columns]
    typically = frame.with_columns(*moved, pl.lit(typical).alias(column))
    if {"income_12m", "cost_12m"} <= set(frame.columns):
        coverage = pl.when(pl.col("cost_12m") > 0).then(pl.col("income_12m") / pl.col("cost_12m"))
        typically = typically.with_columns(coverage.alias("cost_coverage_12m"))
    return np.asarray(model.predict_future_value(frame)[:, 0] - model.predict_future_value(typically)[:, 0])
