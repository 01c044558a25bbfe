"""Two recipes fitted on the past alone, compared on the same customers' outcomes: the paired bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from segment import metrics
from segment.arrays import Floats
from segment.evaluation.calibration_gaps import CERTAIN_OF_TEN
from segment.evaluation.fairness_comparison import Fairness, compare_fairness
from segment.evaluation.holdout import Holdout
from segment.evaluation.subgroups import figures_of
from segment.exceptions import RunError
from segment.model.quality import with_forecast_tier
from segment.policy import Policy
from segment.statistics import Counts, Interval, Resamples, counts_of, interval
from segment.tiers import TIERS, realised_tiers

RESAMPLES = 1_000
PAIRED_METRICS = ("spearman", "mae", "mae_skill", "top_decile_capture", "coverage_p10_p90", "bias")
Pair = tuple[Holdout, Holdout]


@dataclass(frozen=True)
class ChallengerComparison:
    """Champion and challenger at several dates; champion first where there are two values."""

    moments: tuple[str, ...]  # Dates whose outcomes were compared, newest first; they are a horizon apart
    customers: int  # Different ones, over all dates
    # What is gained, and ends of its 95 % interval over 1,000 resamples of customers:
    error_saved: Interval  # Part of the champion's mean absolute error that the challenger saves
    gain: Interval  # Rank correlation of the challenger less the champion's
    gain_over_persistence: Interval  # And less that of the last months again
    tier_cost: tuple[float, float]  # Mean cost of the tiers that follow from the forecast, by the policy's matrix
    tier_cost_added: Interval  # By the challenger
    worst_branch: WorstBranch
    fairness: Fairness = Fairness()  # What groups of customers meet with either


@dataclass(frozen=True)
class WorstBranch:
    """Ratio of the mean errors, challenger over champion, of the branches of enough customers."""

    ratio: float  # The largest
    certain: float  # The largest that chance does not explain; 1 where there is none
    branches: int
    small: int = 0  # Branches of too few customers to be judged by themselves


@dataclass(frozen=True)
class ForecastPair:
    """Two forecasts of the same customers, a row for each customer and date."""

    customers: pl.DataFrame  # `customer_id` and `branch_id`
    actual: Floats  # (n,): what came
    baseline: Floats  # (n,): the last months again
    predicted: tuple[Floats, Floats]  # (n,): champion's and challenger's
    tier_cost: tuple[Floats, Floats]  # (n,): cost of the tier that follows from either; NaN where no tier came

    @property
    def errors(self) -> tuple[Floats, Floats]:
        """Absolute errors of either."""
        first, second = self.predicted
        return np.abs(first - self.actual), np.abs(second - self.actual)


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
    drawn = Resamples.of(first.frame["customer_id"].to_list(), RESAMPLES)
    every = np.arange(first.frame.height)
    left, right = (figures_of(holdout, every, drawn) for holdout in (first, second))
    rows = [
        (name, float(left[name][0]), float(right[name][0]), *interval(right[name] - left[name]))
        for name in PAIRED_METRICS
    ]
    return PairedDifferences(str(first.as_of), first.frame.height, rows)


def compare_pairs(
    pairs: Sequence[Pair], policy: Policy, attributes: Sequence[pl.DataFrame] | None = None
) -> ChallengerComparison:
    """Compare forecasts of the same customers at one or several dates."""
    # `attributes`: A frame per pair, a column of words per attribute; None leaves fairness out.
    _require_same_customers(pairs, "versions")
    pair = ForecastPair(
        customers=pl.concat([champion.frame.select("customer_id", "branch_id") for champion, _ in pairs]),
        actual=np.concatenate([champion.actual for champion, _ in pairs]),
        baseline=np.concatenate([champion.baseline for champion, _ in pairs]),
        predicted=_both(lambda side: [pair[side].predicted[:, 0] for pair in pairs]),
        tier_cost=_both(lambda side: [_tier_cost(pair[side], policy) for pair in pairs]),
    )
    drawn = Resamples.of(pair.customers["customer_id"].to_list(), RESAMPLES)
    fairness = Fairness()
    if attributes is not None:
        fairness = compare_fairness(pairs, attributes, drawn, policy.audit.least_group)
    moments = tuple(str(champion.as_of) for champion, _ in pairs)
    return compare_forecast_pair(pair, moments, drawn, policy.promotion.branch_customers, fairness)


def compare_forecast_pair(
    pair: ForecastPair, moments: tuple[str, ...], drawn: Resamples, branch_customers: int, fairness: Fairness
) -> ChallengerComparison:
    """Take what a challenger gains over resamples of customers."""
    added = pair.tier_cost[1] - pair.tier_cost[0]
    known = ~np.isnan(added)

    def measured(counts: Counts) -> dict[str, Floats]:
        forecasts = (*pair.predicted, pair.baseline)
        champion, challenger, baseline = (metrics.spearman(pair.actual, each, counts=counts) for each in forecasts)
        return {
            "gain": challenger - champion,
            "gain_over_persistence": challenger - baseline,
            "tier_cost_added": metrics.mean_of(added[known], counts=counts_of(counts, known)),
        }

    costs = [float(np.nanmean(cost)) for cost in pair.tier_cost]
    gained = drawn.figures(measured)
    return ChallengerComparison(
        moments=moments,
        customers=pair.customers["customer_id"].n_unique(),
        error_saved=error_saved(pair, drawn),
        gain=interval(gained["gain"]),
        gain_over_persistence=interval(gained["gain_over_persistence"]),
        tier_cost=(costs[0], costs[1]),
        tier_cost_added=interval(gained["tier_cost_added"]),
        worst_branch=_worst_branch(pair.customers["branch_id"], pair.errors, branch_customers),
        fairness=fairness,
    )


def error_saved(pair: ForecastPair, drawn: Resamples) -> Interval:
    """Take the part of the champion's mean absolute error that the challenger saves, over resamples of customers."""
    first, second = pair.predicted
    saved = drawn.figures(lambda counts: {"saved": metrics.skill(pair.actual, second, first, counts=counts)})
    return interval(saved["saved"])


def _require_same_customers(pairs: Sequence[Pair], compared: str) -> None:
    for first, second in pairs:
        if first.frame["customer_id"].to_list() != second.frame["customer_id"].to_list():
            raise RunError.of("errors.judged_on_others", compared=compared)


def _both(of: Callable[[int], Sequence[Floats]]) -> tuple[Floats, Floats]:
    return np.concatenate(of(0)), np.concatenate(of(1))


def _tier_cost(holdout: Holdout, policy: Policy) -> Floats:
    """Cost of each customer's tier by the forecast; NaN where no tier came."""
    realised = realised_tiers(holdout.frame, policy, holdout.model.horizon_months)
    given = with_forecast_tier(holdout.model, holdout.frame)["tier"]
    return cost_of_each(realised, given, policy.tiers.cost_of_error.matrix)


def cost_of_each(realised: pl.Series, given: pl.Series, matrix: Sequence[Sequence[float]]) -> Floats:
    """Look each customer's cost of a wrong tier up; NaN where no tier came."""
    place = {tier: number for number, tier in enumerate(TIERS)}
    came, put = (
        tiers.replace_strict(place, default=None, return_dtype=pl.Int64).fill_null(-1).to_numpy()
        for tiers in (realised, given)
    )
    cost = np.asarray(matrix, dtype=np.float64)[came, put]
    return np.where((came >= 0) & (put >= 0), cost, np.nan)


def _worst_branch(branch: pl.Series, errors: Sequence[Floats], least: int) -> WorstBranch:
    frame = pl.DataFrame({"branch": branch, "first": errors[0], "second": errors[1]})
    added = pl.col("second") - pl.col("first")
    by_branch = frame.group_by("branch", maintain_order=True).agg(
        ratio=pl.col("second").mean() / pl.col("first").mean(),
        certain=added.mean() > CERTAIN_OF_TEN * added.std() / pl.len().sqrt(),
        n=pl.len(),
    )
    large = by_branch.filter(pl.col("n") >= least)
    worst, certain = large["ratio"].max(), large.filter("certain")["ratio"].max()
    return WorstBranch(
        1.0 if worst is None else float(worst),  # type: ignore[arg-type]
        1.0 if certain is None else float(certain),  # type: ignore[arg-type]
        large.height,
        by_branch.height - large.height,
    )
