"""Two recipes fitted on the past alone, compared on the same customers' outcomes: the paired bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.evaluation.fairness_comparison import Fairness, compare_fairness
from segment.evaluation.holdout import Holdout
from segment.evaluation.subgroups import METRICS
from segment.exceptions import RunError
from segment.model.quality import with_forecast_tier
from segment.policy import Policy
from segment.statistics import known_quantiles
from segment.tiers import realised_tiers
from segment.tiers.agreement import agreement, confusion
from segment.value import metrics

RESAMPLES = 1_000
PAIRED_METRICS = ("spearman", "mae", "mae_skill", "top_decile_capture", "coverage_p10_p90", "bias")
Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Ends = tuple[float, float, float]
Pair = tuple[Holdout, Holdout]


@dataclass(frozen=True)
class ChallengerComparison:
    """Champion and challenger at several dates; champion first where there are two values."""

    moments: tuple[str, ...]  # Dates whose outcomes were compared, newest first; they are a horizon apart
    customers: int  # Different ones, over all dates
    # gain, gain_over_persistence: Rank correlation of the challenger less the champion's, and less that of the last
    # months again: value, and ends of its 95 % interval over 1,000 resamples of customers.
    gain: Ends
    gain_over_persistence: Ends
    bias: tuple[float, float]  # Forecast less outcome, over the sum of the outcomes' sizes
    tier_cost: tuple[float, float]  # Mean cost of the tiers that follow from the forecast, by the policy's matrix
    # Largest ratio of mean errors among the branches of enough customers, and how many there are
    worst_branch: tuple[float, int]
    fairness: Fairness = Fairness()  # What groups of customers meet with either


@dataclass(frozen=True)
class PairedDifferences:
    """Two forecasts of the same customers at one date."""

    as_of: str  # ISO
    customers: int
    # Name, first, second, second less first, and the ends of its 95 % interval over 1,000 resamples of customers
    figures: list[tuple[str, float, float, float, float, float]]


def paired_differences(first: Holdout, second: Holdout) -> PairedDifferences:
    """Compare two forecasts of the same customers, pair by pair."""
    _require_same_customers([(first, second)], "runs")
    every, *draws = resample_rows(first.frame["customer_id"])
    rows = []
    for name in PAIRED_METRICS:
        metric = METRICS[name]
        values = metric(first, every), metric(second, every)
        gaps = [metric(second, draw) - metric(first, draw) for draw in draws]
        rows.append((name, *values, values[1] - values[0], *known_quantiles(gaps)))
    return PairedDifferences(str(first.as_of), first.frame.height, rows)


def compare_pairs(
    pairs: Sequence[Pair], policy: Policy, attributes: Sequence[pl.DataFrame] | None = None
) -> ChallengerComparison:
    """Compare forecasts of the same customers at one or several dates."""
    # `attributes`: A frame per pair, a column of words per attribute; None leaves fairness out.
    _require_same_customers(pairs, "versions")
    predicted = [np.concatenate([pair[side].predicted[:, 0] for pair in pairs]) for side in (0, 1)]
    actual = np.concatenate([champion.actual for champion, _ in pairs])
    baseline = np.concatenate([champion.baseline for champion, _ in pairs])
    customers = pl.concat([champion.frame.select("customer_id", "branch_id") for champion, _ in pairs])
    draws = resample_rows(customers["customer_id"])
    ranks = [_rank(actual, forecast) for forecast in (*predicted, baseline)]
    costs = [_tier_cost([pair[side] for pair in pairs], policy) for side in (0, 1)]
    fairness = Fairness()
    if attributes is not None:
        fairness = compare_fairness(pairs, attributes, draws, policy.audit.least_group)
    return ChallengerComparison(
        moments=tuple(str(champion.as_of) for champion, _ in pairs),
        customers=customers["customer_id"].n_unique(),
        gain=_gain(ranks[1], ranks[0], draws),
        gain_over_persistence=_gain(ranks[1], ranks[2], draws),
        bias=(_bias(actual, predicted[0]), _bias(actual, predicted[1])),
        tier_cost=(costs[0], costs[1]),
        worst_branch=_worst_branch(customers["branch_id"], actual, predicted, policy.promotion.branch_customers),
        fairness=fairness,
    )


def resample_rows(customers: pl.Series) -> list[Rows]:
    """Rows of resamples: all of the first one, then customers drawn with all their dates."""
    rng, every = np.random.default_rng(0), np.arange(len(customers), dtype=np.intp)
    if customers.n_unique() == len(customers):
        return [every, *(rng.integers(0, len(customers), len(customers)) for _ in range(RESAMPLES))]
    rows = pl.DataFrame({"customer": customers}).with_row_index("row").group_by("customer", maintain_order=True)
    groups = [np.asarray(group, dtype=np.intp) for group in rows.agg("row")["row"].to_list()]
    drawn = (rng.integers(0, len(groups), len(groups)) for _ in range(RESAMPLES))
    return [every, *(np.concatenate([groups[place] for place in draw]) for draw in drawn)]


def _require_same_customers(pairs: Sequence[Pair], compared: str) -> None:
    for first, second in pairs:
        if first.frame["customer_id"].to_list() != second.frame["customer_id"].to_list():
            raise RunError(f"Both {compared} must be judged on the same customers. They were not.")


def _rank(actual: Floats, forecast: Floats) -> Callable[[Rows], float]:
    return lambda rows: metrics.spearman(actual[rows], forecast[rows])


def _gain(of: Callable[[Rows], float], less: Callable[[Rows], float], draws: list[Rows]) -> Ends:
    gaps = [of(rows) - less(rows) for rows in draws]
    return float(gaps[0]), *known_quantiles(gaps[1:])


def _bias(actual: Floats, predicted: Floats) -> float:
    return float((predicted - actual).sum() / max(np.abs(actual).sum(), 1e-12))


def _tier_cost(holdouts: Sequence[Holdout], policy: Policy) -> float:
    realised, given = [], []
    for holdout in holdouts:
        given += with_forecast_tier(holdout.model, holdout.frame)["tier"].to_list()
        realised += realised_tiers(holdout.frame, policy, holdout.model.horizon_months).to_list()
    pairs = [(real, put) for real, put in zip(realised, given, strict=True) if real is not None]
    table = confusion([real for real, _ in pairs], [put for _, put in pairs])
    return float(agreement(table, policy.tiers.cost_of_error.matrix)["tier_cost"])


def _worst_branch(branch: pl.Series, actual: Floats, predicted: list[Floats], least: int) -> tuple[float, int]:
    first, second = (np.abs(forecast - actual) for forecast in predicted)
    errors = pl.DataFrame({"branch": branch, "first": first, "second": second})
    means = errors.group_by("branch", maintain_order=True).agg(pl.col("first", "second").mean(), pl.len().alias("n"))
    large = means.filter(pl.col("n") >= least)
    worst = large.select((pl.col("second") / pl.col("first")).max()).item()
    return (1.0 if worst is None else float(worst)), large.height
