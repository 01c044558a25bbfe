"""Two recipes fitted again on the past alone, and held to the same customers' outcomes at several moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.exceptions import HistoryError, ModelError
from segment.features.known import month_end, next_month
from segment.jobs.by_spec import judge_by_spec, specs_of
from segment.jobs.evaluation import Judged
from segment.jobs.progress import Report
from segment.jobs.promotion.fairness import Fairness, fairness_of
from segment.model import with_forecast_tier
from segment.policy import Policy
from segment.tiers import realised_tiers
from segment.tiers.agreement import agreement, confusion
from segment.tracking import Tracking
from segment.value import metrics
from segment.warehouse import Workspace

RESAMPLES = 1_000
Rows = NDArray[np.intp]
Ends = tuple[float, float, float]


@dataclass(frozen=True)
class Paired:
    """What a comparison found; champion first where there are two figures.

    Attributes
    ----------
    moments : tuple of str
        Whose outcomes were judged, newest first; they are a horizon apart.
    customers : int
        Different ones, over all moments.
    gain, gain_over_persistence : (float, float, float)
        Rank correlation of the challenger less the champion's, and less that of the last months again: figure, and
        ends of its 95 % interval over 1,000 resamples of customers.
    bias : (float, float)
        Forecast less outcome, over the sum of the outcomes' sizes.
    tier_cost : (float, float)
        Mean cost of the tiers that follow from the forecast, by the policy's matrix.
    worst_branch : (float, int)
        Largest ratio of mean errors among the branches of enough customers, and how many there are.
    fairness : Fairness
        What groups of customers meet with either.
    """

    moments: tuple[str, ...]
    customers: int
    gain: Ends
    gain_over_persistence: Ends
    bias: tuple[float, float]
    tier_cost: tuple[float, float]
    worst_branch: tuple[float, int]
    fairness: Fairness = Fairness()


def judge_pairs(
    first: str,
    second: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    n_jobs: int,
    progress: Report,
) -> Paired:
    """Fit both versions' specs on the past of as many moments as the policy asks for, and compare.

    Parameters
    ----------
    first, second : str
        Versions: champion and challenger.
    as_of : datetime.date
        Outcomes are known up to it.
    workspace : Workspace
        Holds the customer months.
    policy : Policy
        That both were trained by.
    tracking : Tracking
        Holds the specs.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far each step is.

    Returns
    -------
    Paired
        Of fewer moments where the history is too short for more.

    Raises
    ------
    ModelError
        Where not even one moment can be judged.
    """
    specs = specs_of(first, second, policy, tracking)
    horizon = specs[0].train.horizon_months
    pairs: list[tuple[Judged, Judged]] = []
    for number in range(policy.promotion.cutoffs):
        known_by = month_end(next_month(as_of.replace(day=1), -number * horizon))
        try:
            one, other = (judge_by_spec(spec, known_by, workspace, policy, n_jobs, progress) for spec in specs)
        except (HistoryError, ModelError):
            if not pairs:
                raise
            break
        pairs.append((one, other))
    return compared(pairs, policy, workspace)


def compared(pairs: list[tuple[Judged, Judged]], policy: Policy, workspace: Workspace | None = None) -> Paired:
    """Compare forecasts of the same customers at one or several moments.

    Parameters
    ----------
    pairs : list of (Judged, Judged)
        Champion and challenger, on the same rows.
    policy : Policy
        Costs of wrong tiers, and which branches are large.
    workspace : Workspace, optional
        Holds the protected columns; without it groups of customers are not compared.

    Returns
    -------
    Paired

    Raises
    ------
    ModelError
        Where the customers are not the same.
    """
    for one, other in pairs:
        if one.frame["customer_id"].to_list() != other.frame["customer_id"].to_list():
            raise ModelError("Both versions must be judged on the same customers. They were not.")
    said = [np.concatenate([pair[side].predicted[:, 0] for pair in pairs]) for side in (0, 1)]
    came = np.concatenate([one.actual for one, _ in pairs])
    naive = np.concatenate([one.naive for one, _ in pairs])
    who = pl.concat([one.frame.select("customer_id", "branch_id") for one, _ in pairs])
    draws = _draws(who["customer_id"])
    ranks = [_rank(came, forecast) for forecast in (*said, naive)]
    return Paired(
        moments=tuple(str(one.frame["as_of"].max()) for one, _ in pairs),
        customers=who["customer_id"].n_unique(),
        gain=_gain(ranks[1], ranks[0], draws),
        gain_over_persistence=_gain(ranks[1], ranks[2], draws),
        bias=(_bias(came, said[0]), _bias(came, said[1])),
        tier_cost=(_tier_cost([one for one, _ in pairs], policy), _tier_cost([two for _, two in pairs], policy)),
        worst_branch=_worst_branch(who["branch_id"], came, said, policy.promotion.branch_customers),
        fairness=Fairness() if workspace is None else fairness_of(pairs, draws, workspace, policy),
    )


def _draws(customers: pl.Series) -> list[Rows]:
    """Rows of resamples: all of the first one, then customers drawn with all their moments."""
    rows = pl.DataFrame({"customer": customers}).with_row_index("row").group_by("customer", maintain_order=True)
    groups = [np.asarray(found, dtype=np.intp) for found in rows.agg("row")["row"].to_list()]
    rng, every = np.random.default_rng(0), np.arange(len(customers), dtype=np.intp)
    drawn = (rng.integers(0, len(groups), len(groups)) for _ in range(RESAMPLES))
    return [every, *(np.concatenate([groups[one] for one in draw]) for draw in drawn)]


def _rank(came: NDArray[np.float64], forecast: NDArray[np.float64]) -> Callable[[Rows], float]:
    return lambda rows: metrics.spearman(came[rows], forecast[rows])


def _gain(of: Callable[[Rows], float], less: Callable[[Rows], float], draws: list[Rows]) -> Ends:
    gaps = [of(rows) - less(rows) for rows in draws]
    low, high = np.nanquantile(gaps[1:], [0.025, 0.975])
    return float(gaps[0]), float(low), float(high)


def _bias(came: NDArray[np.float64], said: NDArray[np.float64]) -> float:
    return float((said - came).sum() / max(np.abs(came).sum(), 1e-12))


def _tier_cost(judged: list[Judged], policy: Policy) -> float:
    came, given = [], []
    for one in judged:
        given += with_forecast_tier(one.model, one.frame)["tier"].to_list()
        came += realised_tiers(one.frame, policy, one.model.horizon_months).to_list()
    known = [(a, g) for a, g in zip(came, given, strict=True) if a is not None]
    table = confusion([a for a, _ in known], [g for _, g in known])
    return float(agreement(table, policy.tiers.cost_of_error.matrix)["tier_cost"])


def _worst_branch(
    branch: pl.Series, came: NDArray[np.float64], said: list[NDArray[np.float64]], least: int
) -> tuple[float, int]:
    errors = pl.DataFrame({"branch": branch, "one": np.abs(said[0] - came), "other": np.abs(said[1] - came)})
    of = errors.group_by("branch").agg(pl.col("one", "other").mean(), pl.len().alias("n")).filter(pl.col("n") >= least)
    worst = of.select((pl.col("other") / pl.col("one")).max()).item()
    return (1.0 if worst is None else float(worst)), of.height
