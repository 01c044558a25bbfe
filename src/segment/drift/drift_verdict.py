"""Whether tiers may be published although customers moved, and what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from segment.drift.drift_report import BANK, TIER_MIX, TRAINING, DriftReport, ScoreDrift, series_name
from segment.messages import Message

GROUPS_NAMED = 3  # of a score that moved
FINDINGS_NAMED = 12  # by the gate; the page shows all


@dataclass(frozen=True)
class DriftVerdict:
    """Whether tiers may be published, by what was found."""

    holds: bool
    finding: Message
    figures: dict[str, float] = field(default_factory=dict)


NOT_JUDGED = DriftVerdict(True, Message("drift.not_judged", {"why": Message("drift.no_reference")}))
"""There is nothing to compare with."""


def drift_verdict(report: DriftReport) -> DriftVerdict:
    """Say whether tiers may be published."""
    findings = [*_moved_scores(report), *_moved_features(report), *_jumps(report)]
    if not findings:
        shares = {"moved_share": report.bank.moved_share, "limit": report.limits.moved_share}
        return DriftVerdict(True, _with_small_groups(Message("drift.calm", shares), report), _figures(report))
    more = len(findings) - FINDINGS_NAMED
    named = [*findings[:FINDINGS_NAMED], *([Message("drift.more", {"count": more})] if more > 0 else [])]
    finding = _with_small_groups(Message("drift.moved", {"findings": named}), report)
    return DriftVerdict(False, finding, _figures(report))


def _with_small_groups(finding: Message, report: DriftReport) -> Message:
    """Add how many customers no group's verdict speaks of."""
    small = report.small
    if not small.groups:
        return finding
    figures = {"groups": small.groups, "customers": small.customers, "least": report.limits.least_group}
    return Message("drift.with_small_groups", {"finding": finding, **figures})


def _figures(report: DriftReport) -> dict[str, float]:
    features = report.bank.features.values()
    return {
        "moved_share": report.bank.moved_share,
        "largest_moved_share_of_a_group": max(
            (group.moved_share for name, group in report.groups.items() if name != BANK), default=0.0
        ),
        "largest_missing_rise": max((feature.missing.rise for feature in features), default=0.0),
        "largest_zero_rise": max((feature.zeros.rise for feature in features if feature.judged), default=0.0),
        **{
            f"index {series_name(score.name, score.against)}": score.index
            for score in report.scores
            if score.group == BANK
        },
    }


def _moved_scores(report: DriftReport) -> Iterator[Message]:
    moved: dict[tuple[str, str], list[ScoreDrift]] = {}
    for score in report.moved:
        moved.setdefault((score.name, score.against), []).append(score)
    for (name, against), scores in moved.items():
        ranked = sorted(scores, key=lambda score: (score.group != BANK, -score.index, score.group))
        named = [
            Message("drift.index", {"where": _where(score.group), "index": score.index, "limit": score.limit})
            for score in ranked[:GROUPS_NAMED]
        ]
        more = len(ranked) - GROUPS_NAMED
        if more > 0:
            named.append(Message("drift.more_groups", {"count": more}))
        since = Message(f"drift.against.{'training' if against == TRAINING else 'last_publication'}")
        what = Message("drift.tier_mix") if name == TIER_MIX else name
        yield Message("drift.score_moved", {"score": what, "against": since, "groups": named})


def _moved_features(report: DriftReport) -> Iterator[Message]:
    limit = report.limits.moved_share
    for name, group in report.groups.items():
        if group.moved_share > limit:
            figures = {"share": group.moved_share, "where": _where(name), "limit": limit}
            yield Message("drift.features_moved", figures)


def _jumps(report: DriftReport) -> Iterator[Message]:
    """Name the bank's jumps, and those of a group that the bank as a whole does not show."""
    bank = report.bank
    for where, group in report.groups.items():
        rises = [("missing", name, rise, group.features[name].missing.limit) for name, rise in group.jumped.items()]
        rises += [("zero", name, rise, group.features[name].zeros.limit) for name, rise in group.zeroed.items()]
        for what, name, rise, limit in rises:
            if where == BANK or name not in (bank.jumped if what == "missing" else bank.zeroed):
                figures = {"feature": name, "rise": rise, "where": _where(where), "limit": limit}
                yield Message(f"drift.rise.{what}", figures)


def _where(group: str) -> Message:
    return Message("drift.where.bank") if group == BANK else Message("drift.where.branches", {"group": group})
