"""The gates between a version and the champion, each from its metrics."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import polars as pl

from segment.evaluation.calibration_gaps import CERTAIN
from segment.evaluation.champion_challenger import ChallengerComparison
from segment.evaluation.fairness_comparison import Fairness
from segment.gate import Gate
from segment.jobs.build.hashes import features_hash
from segment.jobs.publish.shadow import compare_scores
from segment.messages import Message
from segment.numbers import FigureWithError
from segment.pages.gate_sentences import gate
from segment.policy import Policy
from segment.policy.promotion import Promotion
from segment.statistics import STANDARD_ERROR

NOT_COMPARED = Message("promotion.not_compared")


def metric_gates(metrics: Mapping[str, float], limits: Promotion) -> tuple[Gate, ...]:
    """Hold the metrics of a training to their limits; one that is missing fails."""
    of = {name: metrics.get(name, math.nan) for name in _METRICS}
    gain, skill = of["spearman"] - of["spearman_persistence"], of["mae_skill"]
    measured = {name: of[name] for name in _CALIBRATION}
    gap, error = abs(of["calibration_gap"]), of["calibration_gap_error"]
    in_all = gap <= limits.total_gap or gap <= CERTAIN * error
    calibrated = in_all and of["decile_gap_certain"] <= limits.decile_gap
    spans = {"total_limit": limits.total_gap, "decile_limit": limits.decile_gap}
    covered, overruled = of["coverage_p10_p90"], of["cluster_guarded"]
    dearer = of["tier_cost_by_clusters"] - of["tier_cost_by_odds"]
    decide = overruled <= limits.most_guarded and dearer <= limits.cluster_cost
    covers = limits.coverage[0] <= covered <= limits.coverage[1]
    return (
        _metric_gate("persistence", gain > 0 and skill > 0, {"gain": gain, "skill": _with_error("mae_skill", metrics)}),
        _metric_gate("calibration", calibrated and all(map(math.isfinite, measured.values())), measured, **spans),
        _metric_gate(
            "coverage", covers, {"coverage": _with_error("coverage_p10_p90", metrics)},
            low=limits.coverage[0], high=limits.coverage[1],
        ),
        _metric_gate(
            "clusters", decide, {"guarded": overruled, "dearer": dearer},
            most=limits.most_guarded, limit=limits.cluster_cost,
        ),
    )  # fmt: skip


def failed_alone(metrics: Mapping[str, float], limits: Promotion) -> list[str]:
    """Name the gates that a first champion does not pass, of those that need no other model."""
    failed = [each.name for each in metric_gates(metrics, limits) if not each.holds]
    return failed if metrics.get("out_of_time") else [*failed, "out_of_time"]


def same_terms(tags: Mapping[str, str], policy: Policy) -> Gate:
    """Hold a version to the policy and the features in force."""
    in_force = {"policy": policy.model_hash, "features": features_hash(policy)}
    trained = {"policy": tags.get("policy_model_hash"), "features": tags.get("features_hash")}
    other = [name for name in in_force if in_force[name] != trained[name]]
    return gate("same_terms", not other, Message(f"promotion.terms.{'_'.join(other) or 'same'}"))


def paired_gates(comparison: ChallengerComparison | None, limits: Promotion) -> tuple[Gate, ...]:
    """Hold the comparison with champion and persistence to its limits, on outcomes that neither had seen."""
    if comparison is None:
        return tuple(gate(name, False, NOT_COMPARED) for name in ("out_of_time", "better", "tier_cost", "branches"))
    dates, cost, added = comparison.moments, comparison.tier_cost, comparison.tier_cost_added
    (saved, saved_low, saved_high), (gain, low, high) = comparison.error_saved, comparison.gain
    over, over_low, _ = comparison.gain_over_persistence
    better = saved_low > 0 and high >= 0 and over_low > 0
    figures = {"saved": saved, "saved_low": saved_low, "saved_high": saved_high, "gain": gain, "low": low, "high": high,
               "over": over, "over_low": over_low}  # fmt: skip
    worst, most = comparison.worst_branch, 1 + limits.branch_worse
    counts = {"count": len(dates), "dates": list(dates), "wider": math.sqrt(limits.cutoffs / max(len(dates), 1))}
    costs = {"champion": cost[0], "challenger": cost[1], "added": added[0], "low": added[1], "high": added[2]}
    branches = {"worst": worst.ratio, "certain": worst.certain, "branches": worst.branches,
                "customers": limits.branch_customers, "limit": most}  # fmt: skip
    few = ".few" if len(dates) < limits.cutoffs else ""
    return (
        gate("out_of_time", len(dates) > 0, Message(f"promotion.out_of_time{few}", counts),
             {"cutoffs": float(len(dates))}),
        gate("better", better, Message("promotion.better", figures), figures),
        gate("tier_cost", added[1] <= 0, Message("promotion.tier_cost", costs), costs),
        gate("branches", worst.certain <= most, _with_small(Message("promotion.branches", branches), worst.small),
             {"worst": worst.ratio, "certain": worst.certain, "branches": float(worst.branches)}),
    )  # fmt: skip


def fairness_gate(fairness: Fairness | None, limits: Promotion) -> Gate:
    """Hold a challenger to the champion's fairness (DOMAIN.md 4.4 (g))."""
    if fairness is None:
        return gate("fairness", False, NOT_COMPARED)
    if not fairness.attributes:
        return gate("fairness", True, Message("promotion.fairness.unknown"))
    if not fairness.differences:
        attributes = [Message(f"audit.attribute.{name}") for name in fairness.attributes]
        return gate("fairness", False, Message("promotion.fairness.small", {"attributes": attributes}))
    rows = fairness.differences
    failed = {key: row for key, row in rows.items() if row.worse > limits.fairness_worse and row.low > 0}
    (attribute, figure), most = max((failed or rows).items(), key=lambda item: item[1].worse)
    measured = {"champion": most.champion, "challenger": most.challenger, "worse": most.worse, "low": most.low}
    named = {"attribute": Message(f"audit.attribute.{attribute}"), "figure": Message(f"promotion.figure.{figure}")}
    finding = Message(
        "promotion.fairness.worst", {**measured, **named, "high": most.high, "limit": limits.fairness_worse}
    )
    if len(failed) > 1:
        finding = Message("promotion.fairness.several", {"worst": finding, "count": len(failed)})
    if small := [name for name in fairness.attributes if name not in {attribute for attribute, _ in rows}]:
        attributes = [Message(f"audit.attribute.{name}") for name in small]
        finding = Message("promotion.fairness.and_small", {"finding": finding, "attributes": attributes})
    return gate("fairness", not failed, finding, measured)


def _with_small(finding: Message, branches: int) -> Message:
    if not branches:
        return finding
    return Message("promotion.branches_and_small", {"finding": finding, "branches": branches})


def scoring_gates(scored: Sequence[pl.DataFrame] | str, most_churn: float) -> tuple[Gate, ...]:
    """Compare the same customers scored twice by a version and once by the champion; or say why they were not."""
    if isinstance(scored, str):
        unscored = Message("promotion.unscored", {"reason": scored})
        return (gate("churn", False, unscored), gate("deterministic", False, unscored))
    first, second, champion = scored
    changed, same = compare_scores(champion, first).changed, first.equals(second)
    return (
        gate("churn", changed <= most_churn, Message("promotion.churn", {"changed": changed, "limit": most_churn}),
             {"changed": changed}),
        gate("deterministic", same, Message(f"promotion.deterministic.{'same' if same else 'other'}")),
    )  # fmt: skip


_CALIBRATION = ("total_predicted_over_actual", "total_error", "calibration_gap", "calibration_gap_error", "decile_gap",
                "decile_gap_error", "decile_gap_certain")  # fmt: skip
_METRICS = ("spearman", "spearman_persistence", "mae_skill", *_CALIBRATION, "coverage_p10_p90", "cluster_guarded",
            "tier_cost_by_clusters", "tier_cost_by_odds")  # fmt: skip


def _with_error(name: str, metrics: Mapping[str, float]) -> float:
    """Put the standard error of a metric beside it, where the training measured one."""
    value, error = metrics.get(name, math.nan), metrics.get(f"{name}{STANDARD_ERROR}", math.nan)
    return FigureWithError(value, error) if math.isfinite(error) else value


def _metric_gate(name: str, holds: bool, metrics: Mapping[str, float], **limits: float) -> Gate:
    """A metric that is missing is no number in a record."""
    finite = {key: value for key, value in metrics.items() if math.isfinite(value)}
    shown = {**dict.fromkeys(metrics), **finite, **limits}
    return gate(name, holds, Message(f"promotion.{name}", shown), finite)
