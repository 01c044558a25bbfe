"""Every gate between a version and the champion."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import polars as pl

from segment.exceptions import HistoryError, ModelError
from segment.jobs.gates import Gate
from segment.jobs.hashes import features_hash
from segment.jobs.progress import Report, quiet
from segment.jobs.promotion.fairness import fairness_gate
from segment.jobs.promotion.paired import Paired, judge_pairs
from segment.jobs.promotion.shadow import compare_scores
from segment.jobs.reference import read_reference, with_deceased
from segment.policy import Policy
from segment.policy.promotion import Promotion
from segment.tracking import CHAMPION, RegisteredVersion, Tracking
from segment.warehouse import Workspace

NOT_COMPARED = "not compared with the champion: give --as-of, a moment whose outcomes are known"


def judge_version(
    found: RegisteredVersion,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    as_of: dt.date | None,
    n_jobs: int = -1,
    progress: Report = quiet,
) -> tuple[Gate, ...]:
    """Judge a version against the figures of its training, the champion, and persistence.

    Parameters
    ----------
    found : RegisteredVersion
        Who may become champion.
    workspace : Workspace
        Holds customer months and snapshots.
    policy : Policy
        In force; holds the limits.
    tracking : Tracking
        Holds both models, their specs and figures.
    as_of : datetime.date or None
        Outcomes are known up to it. None compares nothing with the champion, and the gates that need it fail.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far each step is.

    Returns
    -------
    tuple of Gate

    References
    ----------
    DOMAIN.md 4.4 (a) to (h).
    """
    limits = policy.promotion
    champion = tracking.find(CHAMPION)
    alone = (*figure_gates(tracking.metrics(found), limits), same_terms(found, policy))
    if champion is None or champion.version == found.version:
        return alone
    paired = None
    if as_of is not None:
        paired = judge_pairs(champion.version, found.version, as_of, workspace, policy, tracking, n_jobs, progress)
    fair = Gate("fairness", False, NOT_COMPARED) if paired is None else fairness_gate(paired.fairness, limits)
    compared = (*paired_gates(paired, limits), fair)
    return (*alone, *compared, *scoring_gates(found, champion, workspace, policy, tracking))


def figure_gates(metrics: dict[str, float], limits: Promotion) -> tuple[Gate, ...]:
    """Judge the figures of a training; one that is missing fails.

    Parameters
    ----------
    metrics : dict of str to float
        Of the run.
    limits : Promotion
        Of the policy.

    Returns
    -------
    tuple of Gate
        `persistence`, `calibration`, `coverage`, `clusters`.

    Examples
    --------
    >>> good = {"spearman": 0.9, "spearman_persistence": 0.8, "mae_skill": 0.2, "coverage_p10_p90": 0.8}
    >>> good |= {"decile_ratio_least": 0.9, "decile_ratio_most": 1.2, "cluster_agreement": 0.97}
    >>> [str(one) for one in figure_gates({**good, "total_predicted_over_actual": 1.1}, Promotion()) if not one.holds]
    ['calibration: forecast over outcome 1.100 in all, 0.900 to 1.200 by tenth; limits 0.95 to 1.05 and 0.8 to 1.25']
    """
    of = {name: metrics.get(name, math.nan) for name in _FIGURES}
    gain, skill = of["spearman"] - of["spearman_persistence"], of["mae_skill"]
    total, least, most = (of[name] for name in _RATIOS)
    inside = limits.total[0] <= total <= limits.total[1] and limits.deciles[0] <= least <= most <= limits.deciles[1]
    covered, agreed = of["coverage_p10_p90"], of["cluster_agreement"]
    return (
        Gate(
            "persistence", gain > 0 and skill > 0,
            f"against the last twelve months again, rank correlation {gain:+.3f} and error saved {skill:+.1%}; "
            "both must be above 0",
            _known(gain=gain, skill=skill),
        ),
        Gate(
            "calibration", inside,
            f"forecast over outcome {total:.3f} in all, {least:.3f} to {most:.3f} by tenth; "
            f"limits {_span(limits.total)} and {_span(limits.deciles)}",
            _known(total=total, least=least, most=most),
        ),
        Gate(
            "coverage", limits.coverage[0] <= covered <= limits.coverage[1],
            f"{covered:.1%} of the outcomes lie between P10 and P90; limits {_span(limits.coverage)}",
            _known(coverage=covered),
        ),
        Gate(
            "clusters", agreed >= limits.cluster_agreement,
            f"{agreed:.1%} of the customers have the tier of their cluster; at least {limits.cluster_agreement:.0%}",
            _known(agreement=agreed),
        ),
    )  # fmt: skip


def same_terms(found: RegisteredVersion, policy: Policy) -> Gate:
    """Hold a version to the policy and the features in force.

    Parameters
    ----------
    found : RegisteredVersion
        With its tags.
    policy : Policy
        In force.

    Returns
    -------
    Gate
    """
    now = {"policy": policy.model_hash, "features": features_hash(policy)}
    then = {"policy": found.tags.get("policy_model_hash"), "features": found.tags.get("features_hash")}
    other = [name for name in now if now[name] != then[name]]
    said = f"trained on another {' and '.join(other)}" if other else "the policy and the features in force"
    return Gate("same_terms", not other, said)


def paired_gates(paired: Paired | None, limits: Promotion) -> tuple[Gate, ...]:
    """Judge the comparison with champion and persistence on outcomes that neither had seen.

    Parameters
    ----------
    paired : Paired or None
        None where nothing was compared.
    limits : Promotion
        Of the policy.

    Returns
    -------
    tuple of Gate
        `out_of_time`, `better`, `tier_cost`, `branches`.
    """
    if paired is None:
        return tuple(Gate(name, False, NOT_COMPARED) for name in ("out_of_time", "better", "tier_cost", "branches"))
    moments = ", ".join(paired.moments)
    calibrated = abs(paired.bias[1]) < abs(paired.bias[0])
    least = -limits.close_enough if calibrated else 0.0
    gain, over = paired.gain, paired.gain_over_persistence
    better = (gain[1] > 0 or (calibrated and gain[1] >= least)) and over[1] > 0
    cost, (branch, many) = paired.tier_cost, paired.worst_branch
    return (
        Gate(
            "out_of_time", len(paired.moments) >= limits.cutoffs,
            f"compared on outcomes of {len(paired.moments)} moment(s), {moments}; at least {limits.cutoffs}",
            {"cutoffs": float(len(paired.moments))},
        ),
        Gate(
            "better", better,
            f"rank correlation less the champion's {gain[0]:+.4f}, 95 % from {gain[1]:+.4f} to {gain[2]:+.4f}; less "
            f"persistence's {over[0]:+.4f}, from {over[1]:+.4f}; lower ends must be above {least:g} and 0",
            {"gain": gain[0], "low": gain[1], "high": gain[2], "low_over_persistence": over[1]},
        ),
        Gate(
            "tier_cost", cost[1] <= cost[0],
            f"mean cost of tiers by the forecast {cost[1]:.3f}, the champion's {cost[0]:.3f}; must not be larger",
            {"champion": cost[0], "challenger": cost[1]},
        ),
        Gate(
            "branches", branch <= 1 + limits.branch_worse,
            f"largest ratio of mean errors {branch:.2f} among {many} branches of {limits.branch_customers} customers "
            f"and more; at most {1 + limits.branch_worse:.2f}",
            {"worst": branch, "branches": float(many)},
        ),
    )  # fmt: skip


def scoring_gates(
    found: RegisteredVersion, champion: RegisteredVersion, workspace: Workspace, policy: Policy, tracking: Tracking
) -> tuple[Gate, ...]:
    """Score the newest snapshot twice by the version and once by the champion.

    Parameters
    ----------
    found, champion : RegisteredVersion
        Both are loaded.
    workspace : Workspace
        Holds the snapshot.
    policy : Policy
        Holds the limit of the churn.
    tracking : Tracking
        Holds both models.

    Returns
    -------
    tuple of Gate
        `churn`, `deterministic`.
    """
    try:
        snapshot = newest_snapshot(workspace)
        first, again, held = (
            tracking.load_version(one.version)[0].score_customers(snapshot) for one in (found, found, champion)
        )
    except (HistoryError, ModelError) as fault:
        said = f"could not be scored: {str(fault).splitlines()[0]}"
        return (Gate("churn", False, said), Gate("deterministic", False, said))
    changed, most = float(compare_scores(held, first)["changed"]), policy.promotion.most_churn
    same = first.equals(again)
    return (
        Gate(
            "churn", changed <= most, f"{changed:.1%} of the customers would change tier; at most {most:.0%}",
            {"changed": changed},
        ),
        Gate("deterministic", same, f"loaded and scored twice, {'the same' if same else 'other'} figures"),
    )  # fmt: skip


def newest_snapshot(workspace: Workspace) -> pl.DataFrame:
    """Read the newest snapshot, deceased customers marked.

    Parameters
    ----------
    workspace : Workspace
        Holds it.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    HistoryError
        Where there is none.
    """
    moments = sorted(dt.date.fromisoformat(path.stem) for path in workspace.snapshots.glob("[0-9]*.parquet"))
    if not moments:
        raise HistoryError.with_hint("A moment must have been extracted. None was.", "segment extract LEDGER --as-of D")
    snapshot = pl.read_parquet(workspace.snapshot(moments[-1]))
    return with_deceased(snapshot, read_reference(workspace)["contact_rules"], moments[-1])


_RATIOS = ("total_predicted_over_actual", "decile_ratio_least", "decile_ratio_most")
_FIGURES = ("spearman", "spearman_persistence", "mae_skill", *_RATIOS, "coverage_p10_p90", "cluster_agreement")


def _span(limits: tuple[float, float]) -> str:
    return f"{limits[0]:g} to {limits[1]:g}"


def _known(**figures: float) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if math.isfinite(value)}
